"""Bringing images in and looking at them."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from ann_core.datasets.catalog import Catalog
from tests.browser.conftest import Server, StartServer
from tests.browser.visitor import Visitor
from tests.helpers.small_run import CARTOONS, N_CARTOONS

N_IMAGES = 40


def image(number: int) -> bytes:
    values = np.random.default_rng(number).integers(0, 256, (8, 8), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format="PNG")
    return buffer.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, content in entries.items():
            bundle.writestr(name, content)
    return buffer.getvalue()


def images() -> dict[str, bytes]:
    """40 images of two classes."""
    return {
        f"{kind}/{number}.png": image(number)
        for kind, first in (("apple", 0), ("pear", 100))
        for number in range(first, first + N_IMAGES // 2)
    }


@pytest.fixture
def explorer(visitor: Visitor, server: Server, finished_run: str) -> Visitor:
    """Somebody on the Explore page, where the cartoons are, with the import panel open."""
    visitor.open(server.page_url(f"dataset?data={CARTOONS}"))
    visitor.sees(f"{N_CARTOONS} pictures of 2 classes")
    open_panel(visitor)
    return visitor


def open_panel(visitor: Visitor) -> None:
    panel = visitor.page.locator(".st-key-import_panel")
    panel.get_by_text("Add pictures").click()
    expect(visitor.page.get_by_role("radio", name="Zip file")).to_be_visible()


def is_open_again(visitor: Visitor) -> None:
    """After an import that has failed, the form stands there as it was."""
    expect(visitor.page.get_by_role("radio", name="Zip file")).to_be_visible()
    visitor.settled()
    visitor.at_rest()


def name_field(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("textbox", name="Name of the data set")


def dataset_names(server: Server) -> list[str]:
    return [info.name for info in Catalog(server.data_dir / "datasets").infos()]


def test_a_zip_file_becomes_a_data_set_that_is_shown_at_once(
    explorer: Visitor, server: Server
) -> None:
    entries = images() | {
        "apple/broken.jpg": b"no picture",
        "pear/notes.txt": b"text",
        "__MACOSX/apple/0.png": b"litter",
    }
    page = explorer.page
    explorer.pick("Zip file")
    explorer.upload("My fruit (2).zip", zipped(entries))
    expect(name_field(explorer)).to_have_value("My-fruit-2")
    name_field(explorer).fill("fruit")
    name_field(explorer).press("Enter")
    explorer.press("Import")
    explorer.sees("fruit is here: 40 pictures taken, 2 files left out")
    explorer.sees("40 pictures of 2 classes")
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("fruit")
    assert "data=fruit" in page.url
    explorer.settled()
    page.get_by_text("2 files were left out").click()
    left_out = page.get_by_role("region", name="Files left out, with the reason of each")
    expect(left_out).to_be_visible()
    skipped = Catalog(server.data_dir / "datasets").load("fruit").skipped
    assert set(skipped["source"]) == {"apple/broken.jpg", "pear/notes.txt"}
    cells = [text for row in skipped.itertuples(index=False) for text in row]
    expect(left_out.locator("td")).to_have_text(cells)
    explorer.sees_no_error()


def test_an_import_shows_how_far_it_is_survives_a_reload_and_can_be_cancelled(
    explorer: Visitor, server: Server
) -> None:
    contents = [image(number) for number in range(10)]
    entries = {f"{kind}.{n}.png": contents[n % 10] for kind in ("one", "two") for n in range(9000)}
    explorer.pick("Zip file")
    explorer.upload("many.zip", zipped(entries))
    explorer.press("Import")
    explorer.sees(re.compile(r"^Importing many: [\d,]+ of 18,000$"))
    explorer.page.reload()
    explorer.sees(re.compile(r"^Importing many: [\d,]+ of 18,000$"))
    explorer.press("Cancel")
    explorer.sees("Importing many was cancelled. Nothing of it was kept.")
    assert "many" not in dataset_names(server)
    assert list((server.data_dir / "uploads").iterdir()) == []
    explorer.sees_no_error()


def test_images_are_shown_by_class_and_split_page_by_page(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"dataset?data={CARTOONS}"))
    page = visitor.page
    visitor.sees("Pictures 1 to 16 of 60")
    sheet = page.get_by_role("group", name="16 pictures: All classes, All splits")
    expect(sheet.get_by_role("button")).to_have_count(16)
    page.get_by_test_id("stPagination").get_by_role("button", name="2", exact=False).first.click()
    visitor.sees("Pictures 17 to 32 of 60")
    rest = page.get_by_role("group", name="16 pictures: All classes, All splits")
    expect(rest.get_by_role("button")).to_have_count(16)
    assert "page=2" in page.url
    visitor.choose("Class", "dog")
    visitor.sees("Pictures 1 to 16 of 30")
    visitor.choose("Split", "test")
    visitor.sees("Pictures 1 to 3 of 3")
    assert "class=dog" in page.url
    assert "split=test" in page.url
    visitor.sees_no_error()


def bad_zip_files() -> dict[str, tuple[bytes, str]]:
    """Content by file name, and words of the sentence that must come; other ones each time."""
    apples = {name: content for name, content in images().items() if name.startswith("apple")}
    damaged = "Expected a whole zip file, but this one is damaged or cut off"
    return {
        "text.zip": (b"this is no zip file", "but this is text"),
        "leads-out.zip": (
            zipped(images() | {"../../evil.png": image(1)}),
            "a path that leads out of its folder",
        ),
        "cut.zip": (zipped(images())[:-200], damaged),
        "one-class.zip": (
            zipped(apples),
            "Expected pictures of two classes or more, but found only 'apple'",
        ),
        "empty.zip": (zipped({}), "found no readable picture"),
    }


def test_a_bad_zip_file_is_a_sentence_and_harms_nothing(explorer: Visitor, server: Server) -> None:
    before = dataset_names(server)
    explorer.pick("Zip file")
    for name, (content, words) in bad_zip_files().items():
        explorer.upload(name, content)
        expect(name_field(explorer)).to_have_value(name.removesuffix(".zip"))
        explorer.press("Import")
        assert words in explorer.sentence(words)
        assert dataset_names(server) == before
        assert [path.name for path in (server.data_dir / "datasets").glob(".*")] == []
        is_open_again(explorer)
    assert not list(server.data_dir.parent.rglob("evil.png"))
    expect(explorer.page.get_by_role("combobox", name="Data set")).to_have_value(CARTOONS)


def test_a_name_that_cannot_be_used_is_a_sentence(explorer: Visitor, server: Server) -> None:
    before = dataset_names(server)
    explorer.pick("Zip file")
    explorer.upload("fine.zip", zipped(images()))
    expect(name_field(explorer)).to_have_value("fine")
    for name, words in {
        "../../etc": "Expected a data set name of 1 to 64 letters",
        CARTOONS: f"The name '{CARTOONS}' belongs to a data set that Flatland brings along",
        "": "Expected a data set name of 1 to 64 letters, digits, '-' and '_', beginning with a "
        "letter or digit, got ''",
    }.items():
        name_field(explorer).fill(name)
        name_field(explorer).press("Enter")
        explorer.press("Import")
        assert words in explorer.sentence(words)
        assert dataset_names(server) == before


def test_images_class_by_class(explorer: Visitor, server: Server) -> None:
    page = explorer.page
    explorer.pick("Class by class")
    for number, (name, first) in enumerate({"apple": 0, "pear": 100}.items()):
        field = page.get_by_role("textbox", name=f"Class {number + 1}", exact=True)
        field.fill(name)
        field.press("Enter")
        explorer.settled()
        uploader = page.get_by_test_id("stFileUploader").nth(number)
        uploader.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            [
                {"name": f"{n}.png", "mimeType": "image/png", "buffer": image(first + n)}
                for n in range(6)
            ]
        )
        expect(uploader.get_by_text(re.compile(r"^\d\.png$")).first).to_be_visible()
        explorer.settled()
    page.get_by_text("Take pictures by camera").click()
    # The button is there before the camera's first frame, and does nothing until then.
    page.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_role("button", name="Clear photo")).to_be_visible()
    explorer.press("Keep this photo")
    explorer.sees("1 taken by camera")
    name_field(explorer).fill("basket")
    name_field(explorer).press("Enter")
    explorer.settled()
    refused_and_kept(explorer)
    explorer.press("Import")
    explorer.sees("basket is here: 13 pictures taken, none left out.")
    open_panel(explorer)
    explorer.pick("Class by class")
    expect(page.get_by_role("textbox", name="Class 1", exact=True)).to_have_value("")
    expect(page.get_by_text("0.png", exact=True)).to_have_count(0)
    assert Catalog(server.data_dir / "datasets").load("basket").info.counts.keys() == {
        "apple",
        "pear",
    }
    explorer.sees_no_error()


def refused_and_kept(explorer: Visitor) -> None:
    """A third class without pictures is refused; what was given outlives that and other pages."""
    page = explorer.page
    explorer.press("Another class")
    third = page.get_by_role("textbox", name="Class 3", exact=True)
    third.fill("plum")
    third.press("Enter")
    explorer.settled()
    explorer.press("Import")
    assert "'plum' has no pictures" in explorer.sentence()
    explorer.go("Predict")
    explorer.go("Explore")
    open_panel(explorer)
    explorer.pick("Zip file")
    explorer.pick("Class by class")
    for number, name in enumerate(("apple", "pear", "plum"), start=1):
        field = page.get_by_role("textbox", name=f"Class {number}", exact=True)
        expect(field).to_have_value(name)
    for n in range(6):
        expect(page.get_by_text(f"{n}.png", exact=True)).to_have_count(2)
    explorer.sees("1 taken by camera")
    expect(name_field(explorer)).to_have_value("basket")
    third.fill("")
    third.press("Enter")
    explorer.settled()


def test_a_folder_of_the_server(explorer: Visitor, tmp_path: Path) -> None:
    for name, content in images().items():
        path = tmp_path / "orchard" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    explorer.pick("Server folder")
    folder = explorer.page.get_by_role("textbox", name="Folder on this server")
    folder.fill(str(tmp_path / "nowhere"))
    folder.press("Enter")
    expect(name_field(explorer)).to_have_value("nowhere")
    explorer.press("Import")
    assert "there is no folder" in explorer.sentence()
    is_open_again(explorer)
    folder.fill(str(tmp_path / "orchard"))
    folder.press("Enter")
    expect(name_field(explorer)).to_have_value("orchard")
    explorer.press("Import")
    explorer.sees("orchard is here: 40 pictures taken, none left out.")


def test_the_digits_on_an_empty_server_that_shows_no_folders(
    start_server: StartServer, visitor: Visitor
) -> None:
    visitor.open(start_server(env={"ANN_ALLOW_SERVER_FOLDERS": "false"}).page_url("dataset"))
    expect(visitor.page.get_by_role("radio", name="Zip file")).to_be_visible()
    expect(visitor.page.get_by_role("radio", name="Server folder")).to_have_count(0)
    visitor.page.get_by_text("Handwritten digits", exact=True).click()
    expect(name_field(visitor)).to_have_value("digits")
    visitor.press("Create")
    visitor.sees("digits is here: 1,797 pictures taken, none left out.")
    visitor.sees("1,797 pictures of 10 classes")
    open_panel(visitor)
    visitor.page.get_by_text("Handwritten digits", exact=True).click()
    expect(name_field(visitor)).to_have_value("digits-2")
    visitor.sees_no_error()
