"""From duplicates to a version without them, and from a point to its neighbours."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.profile.profile import profile_dataset
from ann_core.plots.scatter import grid_coordinates
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor
from tests.helpers.profile_images import photograph

N_IMAGES, N_COPIES = 24, 3
MARKUP = "<b>bold<b>.png"
ROOM = 12  # around the points of the drawing, in pixels
PARTS = {
    "Health": "Same picture in two classes",
    "Sizes and light": "Kinds of file",
    "Mean pictures": "Difference: average cat minus average dog",
    "Pixel space": "What the two axes look at",
}


def draw_pets(folder: Path) -> None:
    """Cats and dogs of noise, three cats of them twice."""
    for number in range(N_IMAGES):
        path = folder / ("cat", "dog")[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        photograph(number).save(path)
    (folder / "dog" / "01.png").rename(folder / "dog" / MARKUP)
    for number in range(0, 2 * N_COPIES, 2):
        shutil.copy(folder / "cat" / f"{number:02}.png", folder / "cat" / f"copy-{number}.png")


@pytest.fixture(scope="session")
def catalog(server: Server) -> Catalog:
    return Catalog(server.data_dir / "datasets")


@pytest.fixture(scope="session")
def pets(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """27 images that nobody has looked at yet."""
    folder = tmp_path_factory.mktemp("pets")
    draw_pets(folder)
    return import_folder(folder, "pets", catalog)


def test_duplicates_are_found_and_left_out_of_a_new_version(
    visitor: Visitor, server: Server, catalog: Catalog, pets: Dataset
) -> None:
    page = visitor.page
    visitor.open(server.page_url("dataset?data=pets"))
    visitor.press("Look for problems")
    visitor.sees("6 pictures in 3 groups")
    boxes = page.get_by_role("checkbox", name="Select")
    expect(boxes).to_have_count(2 * N_COPIES)
    expect(page.locator("input[type=checkbox]:checked")).to_have_count(N_COPIES)
    expect(visitor.image("copy-0.png, cat")).to_be_visible()
    visitor.sees("3 pictures of 27 are selected.")
    name = page.get_by_role("textbox", name="Name of the new version")
    expect(name).to_have_value("pets-2")
    name.fill("pets-once")
    name.press("Enter")
    visitor.settled()
    visitor.press("Make the version")
    visitor.sees("pets-once is here: 24 pictures taken, 3 files left out")
    expect(page.get_by_role("combobox", name="Data set")).to_have_value("pets-once")
    visitor.sees("Files with the same bytes.")  # its own survey has followed
    visitor.sees_no_error()

    once = catalog.load("pets-once")
    assert len(once) == N_IMAGES
    assert not once.images["sha256"].duplicated().any()
    assert set(once.images["sha256"]) == set(pets.images["sha256"])
    assert catalog.load("pets").fingerprint == pets.fingerprint
    visitor.open(server.page_url("dataset?data=pets&closer_look=true"))
    visitor.sees("6 pictures in 3 groups")
    visitor.sees("3 pictures of 27 are selected.")


def test_a_point_shows_its_image_and_a_click_its_neighbours(
    visitor: Visitor, server: Server, pets: Dataset
) -> None:
    profile = profile_dataset(pets, server.data_dir / "surveys")
    space, sources = profile.pixel_space, pets.images["source"].tolist()
    index = space.rows.tolist().index(sources.index(f"dog/{MARKUP}"))
    page = visitor.page
    visitor.open(server.page_url("dataset?data=pets&look=Pixel+space"))
    number = page.get_by_role("spinbutton", name="Picture, 1 to 27")
    expect(number).to_have_value("1")
    drawing = page.get_by_role("img", name="27 pictures as points, coloured by class")
    drawing.scroll_into_view_if_needed()
    at = drawing.bounding_box()
    assert at is not None
    xs, ys = grid_coordinates(space.coordinates)
    scale = min((at["width"] - 2 * ROOM) / xs.max(), (at["height"] - 2 * ROOM) / ys.max())
    x = at["x"] + (at["width"] - scale * xs.max()) / 2 + scale * xs[index]
    y = at["y"] + (at["height"] + scale * ys.max()) / 2 - scale * ys[index]

    page.mouse.move(x, y)
    tip = page.locator(".tip")
    expect(tip.locator(".name")).to_have_text(f"dog/{MARKUP}")
    expect(tip.locator(".class")).to_have_text("dog")
    assert tip.locator("canvas").evaluate(
        "e => new Set(e.getContext('2d').getImageData(0, 0, 96, 96).data).size > 20"
    ), "the thumbnail is drawn"
    page.mouse.click(x, y)
    expect(number).to_have_value(str(index + 1))
    chosen = page.get_by_role("img", name=f"dog/{MARKUP}, dog: the chosen picture")
    expect(chosen).to_be_visible()
    same = int((pets.labels[space.neighbours[index]] == pets.labels[space.rows[index]]).sum())
    visitor.sees(f"{same} of 8 share its class.")
    assert f"point={index + 1}" in page.url
    page.reload()
    expect(number).to_have_value(str(index + 1))

    copy = space.rows.tolist().index(sources.index("cat/copy-0.png"))
    number.fill(str(copy + 1))
    number.press("Enter")
    chosen = page.get_by_role("img", name="cat/copy-0.png, cat: the chosen picture")
    expect(chosen).to_be_visible()
    sheet = page.get_by_role("img", name="The 8 nearest pictures to cat/copy-0.png")
    expect(sheet).to_be_visible()
    nearest = page.get_by_role("table", name="The nearest pictures to cat/copy-0.png")
    expect(nearest.locator("tbody tr").first.locator("td")).to_have_text(
        ["cat/00.png", "cat", "0", re.compile("^0")]
    )
    visitor.sees_no_error()


def test_every_part_can_be_read_by_everybody(
    visitor: Visitor, server: Server, pets: Dataset
) -> None:
    profile_dataset(pets, server.data_dir / "surveys")
    visitor.open(server.page_url("dataset?data=pets&closer_look=true"))
    for part, shows in PARTS.items():
        visitor.page.get_by_role("tab", name=part).click()
        visitor.sees(shows)
        visitor.settled()
        violations = Axe().run(visitor.page, context="[data-testid=stTabs]").response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in violations] == []
        visitor.sees_no_error()
