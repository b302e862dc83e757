"""The gallery: which images it shows, what it says of one, and what strangers may write."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.importing.importer import import_folder
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.small_run import CARTOONS
from ui.base import services
from ui.explore.gallery import GALLERY

PER_PAGE = GALLERY.per_page
IN_TURNS = [row for pair in zip(range(30), range(30, 60), strict=True) for row in pair]
Issues = Mapping[str, Sequence[int]]
NOBODY = "![](http://evil.example/x.png) <b>$x$"


def gallery(issues: Issues | None = None, **address: str) -> AppTest:
    """Run the gallery alone, for the one data set on the shelf.

    No image can be opened in it: that has a link, and links need the whole app.
    """

    def app(issues) -> None:  # type: ignore[no-untyped-def]  # its text is run by itself
        from ui.base import services
        from ui.base.pickers import load_dataset
        from ui.explore.gallery import show_gallery

        [info] = services.catalog().infos()
        show_gallery(load_dataset(info), issues)

    page = AppTest.from_function(app, default_timeout=30, kwargs={"issues": issues})
    for parameter, value in address.items():
        page.query_params[parameter] = value
    return page.run()


def sheet(page: AppTest) -> dict[str, Any]:
    """What the browser is sent of the contact sheet."""
    [component] = page.get("bidi_component")
    sent: dict[str, Any] = json.loads(component.proto.json)
    return sent


def shown_rows(page: AppTest) -> list[int]:
    return [number - 1 for number, _ in sheet(page)["pictures"]]


def text(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown).replace("\\", "")


@pytest.fixture
def dataset(cartoons: DatasetInfo) -> Dataset:
    return services.catalog().load(CARTOONS)


def test_class_and_split_choose_the_images(dataset: Dataset) -> None:
    page = gallery(**{"class": "dog", "split": "train"})
    images = dataset.images
    expected = np.flatnonzero((images["class_name"] == "dog") & (images["split"] == "train"))
    assert shown_rows(page) == expected[:PER_PAGE].tolist()
    sent = sheet(page)
    assert sent["alt"] == f"{PER_PAGE} pictures: dog, train"
    first = images.iloc[expected[0]]
    assert sent["pictures"][0] == [int(expected[0]) + 1, f"{first['source']}, dog, train"]
    assert len(json.dumps(sent)) < 200_000


def test_pages_follow_each_other_and_another_choice_begins_anew(dataset: Dataset) -> None:
    page = gallery()
    assert shown_rows(page) == IN_TURNS[:PER_PAGE]
    page.get("pagination")[0].set_value(2).run()
    assert shown_rows(page) == IN_TURNS[PER_PAGE : 2 * PER_PAGE]
    assert "Pictures 17 to 32 of 60" in captions(page)
    page.selectbox(key="class").set_value("dog").run()
    assert "Pictures 1 to 16 of 30" in captions(page)
    assert page.session_state["page"] == 1


def test_issues_come_in_their_own_order_and_each_image_once(dataset: Dataset) -> None:
    issues = {"Too dark": [40, 3, 40, 7], "Blurry": [1]}
    page = gallery(issues, issue="Too dark")
    assert shown_rows(page) == [40, 3, 7]
    assert "Too dark 4, Blurry 1" in page.selectbox(key="issue").help
    page.selectbox(key="class").set_value(dataset.images["class_name"][40]).run()
    assert shown_rows(page) == [40]
    page.selectbox(key="issue").set_value("Blurry").run()
    assert page.get("bidi_component") == []
    assert page.info[0].value.startswith("There is no such picture.")
    assert "issue" not in [box.key for box in gallery({}).selectbox]


def test_an_open_image_is_told_in_full_and_its_page_is_turned_to(
    open_page: OpenPage, dataset: Dataset
) -> None:
    row = 50
    record = dataset.images.iloc[row]
    page = open_page("explore", open=str(row + 1))
    same_split = dataset.images["split"][: row + 1] == record["split"]
    shown_text = text(page)
    for fact in (
        f"**{record['source']}**",
        f"**Class** {record['class_name']}",
        f"number {same_split.sum()} of",
        f"{record['width']} × {record['height']} pixels, {record['bytes']:,} bytes",
        f"{record['format']}, pixels of kind {record['mode']}",
        "**Values** 128 × 128 × 3 = 49,152",
        "**→ Gray**, 3 times fewer",
        "**→ Resized**, 5.3 times fewer",
        "**→ Resized**",
    ):
        assert fact in shown_text
    assert row in shown_rows(page)
    assert sheet(page)["opened"] == row + 1
    page.get("pagination")[0].set_value(1).run()
    assert row not in shown_rows(page), "whoever turns the pages is not led back"


def test_the_neighbours_of_an_image_are_those_of_the_choice(
    open_page: OpenPage, dataset: Dataset
) -> None:
    dogs = np.flatnonzero(dataset.images["class_name"] == "dog")
    page = open_page("explore", **{"class": "dog", "open": str(dogs[0] + 1)})
    assert page.button(key="open_previous").disabled
    page.button(key="open_next").click().run()
    assert page.number_input(key="open").value == dogs[1] + 1
    page.button(key="open_previous").click().run()
    assert page.number_input(key="open").value == dogs[0] + 1
    page.selectbox(key="class").set_value("cat").run()
    assert page.button(key="open_next").disabled, "a dog has no neighbours among the cats"
    page.button(key="open_close").click().run()
    assert page.number_input(key="open").value is None
    assert "**Class** " not in text(page), "the glossary has a colon after it"


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(("open", value) for value in ("0", "99999", "nan", "<b>", "")),
        *(("page", value) for value in ("99", "two")),
        ("issue", "../../x"),
    ],
)
def test_a_strange_address_opens_nothing(dataset: Dataset, parameter: str, value: str) -> None:
    page = gallery({"Blurry": [1]}, **{parameter: value})
    assert page_text(page) == []
    assert shown_rows(page) == IN_TURNS[:PER_PAGE]


def test_a_number_without_end_is_a_sentence(dataset: Dataset) -> None:
    page = gallery(open="1e400")
    [sentence] = page_text(page)
    assert sentence.startswith("A number in the address of this page is infinite.")
    assert shown_rows(page) == IN_TURNS[:PER_PAGE]


def test_another_data_set_begins_at_its_first_page(
    open_page: OpenPage, dataset: Dataset, tmp_path: Path
) -> None:
    draw(tmp_path / "shapes", {"dot": 40, "line": 10})
    import_folder(tmp_path / "shapes", "shapes", services.catalog())
    page = open_page("explore", data=CARTOONS, open="50")
    assert 49 in shown_rows(page)
    page.selectbox(key="data").set_value("shapes").run()
    assert page_text(page) == []
    assert page.number_input(key="open").value is None
    assert shown_rows(page)[:4] == [0, 40, 1, 41], "the classes take turns"
    assert page.warning[0].value.startswith("The classes are not equally large")


def test_an_image_that_is_gone_is_a_sentence_and_the_others_remain(
    open_page: OpenPage, dataset: Dataset
) -> None:
    dataset.path(3).unlink()
    page = open_page("explore", open="4")
    assert page_text(page)[0].startswith("This picture cannot be used")
    assert len(shown_rows(page)) == PER_PAGE
    page.button(key="open_next").click().run()
    assert page_text(page) == []


def test_names_of_strangers_are_text_and_images_of_one_pixel_are_shown(
    open_page: OpenPage, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    draw(folder, {"plain": 10})
    draw(folder, {NOBODY.replace("/", ":"): 20}, size=(1, 1))
    long = folder / "plain" / ("é" * 120 + ".png")
    shutil.copy(folder / "plain" / "0.png", long)
    info = import_folder(folder, "odd", services.catalog()).info
    names = services.catalog().load("odd").images["source"].tolist()
    for name in (max(names, key=len), next(name for name in names if "evil" in name)):
        page = open_page("explore", open=str(names.index(name) + 1))
        assert page_text(page) == []
        shown_text = "\n".join(element.value for element in [*page.markdown, *page.warning])
        assert name in shown_text.replace("\\", "")
        assert "![](" not in shown_text
        assert "<b>" not in shown_text
    assert "evil" in next(iter(sorted(info.class_names)))


def draw(folder: Path, counts: Mapping[str, int], size: tuple[int, int] = (9, 7)) -> None:
    """Make images of noise, a folder for each class."""
    random = np.random.default_rng(0)
    for name, n_images in counts.items():
        (folder / name).mkdir(parents=True)
        for number in range(n_images):
            values = random.integers(0, 256, size, dtype=np.uint8)
            content = io.BytesIO()
            Image.fromarray(values).save(content, "PNG")
            (folder / name / f"{number}.png").write_bytes(content.getvalue())
