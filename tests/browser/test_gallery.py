"""Opening an image of the contact sheet: by mouse, by keyboard, by link."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.plots.images import TILE, contact_sheet
from tests.browser.conftest import Server
from tests.browser.visitor import SCHEMES, Visitor
from tests.helpers.small_run import CARTOONS, N_CARTOONS

VIEW = ".st-key-picture_view"
FOCUSED = "document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label')"


@pytest.fixture
def dataset(server: Server, finished_run: str) -> Dataset:
    return Catalog(server.data_dir / "datasets").load(CARTOONS)


@pytest.fixture
def looker(visitor: Visitor, server: Server, dataset: Dataset) -> Visitor:
    """Somebody who looks at the cartoons."""
    visitor.open(server.page_url(f"dataset?data={CARTOONS}"))
    visitor.sees(f"Pictures 1 to 16 of {N_CARTOONS}")
    return visitor


def tile(visitor: Visitor, number: int) -> Locator:
    return visitor.page.get_by_role("button", name=re.compile(rf"^Open picture {number}:"))


def sees_open(visitor: Visitor, dataset: Dataset, number: int) -> None:
    """Wait until this image is open, by its name, its pixels' words, and the mark in the grid."""
    view = visitor.page.locator(VIEW)
    source, class_name = dataset.images.loc[number - 1, ["source", "class_name"]]
    expect(view.get_by_text(source, exact=True)).to_be_visible()
    expect(view.get_by_role("img", name=f"{source}, class {class_name}")).to_be_visible()
    expect(tile(visitor, number)).to_have_attribute("aria-current", "true")
    expect(visitor.page).to_have_url(re.compile(rf"[?&]open={number}(&|$)"))
    visitor.settled()


def test_a_click_opens_an_image_and_its_link_brings_it_back(
    looker: Visitor,
    dataset: Dataset,
    browser: Browser,
    browser_context_args: dict[str, object],
) -> None:
    page = looker.page
    looker.choose("Class", "dog")
    dogs = np.flatnonzero(dataset.images["class_name"] == "dog") + 1
    cats = np.flatnonzero(dataset.images["class_name"] == "cat") + 1
    expect(tile(looker, int(cats[0]))).to_have_count(0)  # the dogs were there before, among them
    tile(looker, int(dogs[4])).click()
    sees_open(looker, dataset, int(dogs[4]))
    looker.press("Next")
    sees_open(looker, dataset, int(dogs[5]))
    link = page.url
    context = browser.new_context(**browser_context_args)  # type: ignore[arg-type]
    friend = Visitor(context.new_page())
    friend.open(link)
    sees_open(friend, dataset, int(dogs[5]))
    expect(friend.page.locator(VIEW).get_by_role("button", name="Close")).to_be_in_viewport()
    friend.sees("Pictures 1 to 16 of 30")
    assert friend.errors == []
    context.close()
    looker.press("Close")
    expect(page.locator(VIEW).get_by_role("img")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("open="))
    looker.sees_no_error()


def test_the_keyboard_opens_an_image_and_comes_back_to_it(
    looker: Visitor, dataset: Dataset
) -> None:
    page = looker.page
    page.get_by_role("button", name="Next page").click()
    looker.sees("Pictures 17 to 32")
    tile(looker, 42).focus()
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED).startswith("Open picture 13:")
    page.keyboard.press("Enter")
    sees_open(looker, dataset, 13)
    focused = page.locator(f"{VIEW} button:focus")
    expect(focused).to_have_text(re.compile("Previous"))
    expect(focused).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{FOCUSED}?.startsWith('Open picture 13:')")
    assert "page=2" in page.url


def test_an_image_is_taken_along_to_preprocess(looker: Visitor, dataset: Dataset) -> None:
    tile(looker, 7).click()
    sees_open(looker, dataset, 7)
    looker.page.get_by_role("link", name="Preprocess it").click()
    looker.sees_page("Preprocess")
    number = looker.page.get_by_role("spinbutton", name=re.compile("^Picture, 1 to"))
    expect(number).to_have_value("7")
    looker.go("Explore")
    looker.sees(f"Pictures 1 to 16 of {N_CARTOONS}")
    looker.sees_no_error()


def test_every_button_shows_its_own_image(looker: Visitor, dataset: Dataset) -> None:
    page = looker.page
    page.get_by_role("button", name="Next page").click()
    looker.sees("Pictures 17 to 32")
    for width, n_columns in ((1280, 8), (420, 4)):
        page.set_viewport_size({"width": width, "height": 900})
        tile(looker, 9).scroll_into_view_if_needed()
        numbers = (*range(9, 17), *range(39, 47))  # the classes take turns
        boxes = [tile(looker, number).bounding_box() for number in numbers]
        assert len({box["x"] for box in boxes if box}) == n_columns
        seen = {number: shot(tile(looker, number)) for number in (9, 16, 39, 46)}
        for number, image in seen.items():
            sheet = contact_sheet([dataset.path(number - 1)], columns=1)
            drawn = np.asarray(Image.open(io.BytesIO(sheet)), dtype=float)
            apart = {other: np.abs(drawn - values).mean() for other, values in seen.items()}
            assert min(apart, key=lambda other: apart[other]) == number
            assert np.abs(drawn - image).mean() < 15
        wider = "e => e.scrollWidth > e.clientWidth"
        assert not page.get_by_test_id("stMain").evaluate(wider)


def test_axe_finds_nothing_while_an_image_is_open(
    visitor: Visitor, server: Server, dataset: Dataset
) -> None:
    visitor.open(server.page_url(f"dataset?data={CARTOONS}&open=3"))
    sees_open(visitor, dataset, 3)
    for scheme in SCHEMES:
        visitor.takes_scheme(scheme)
        violations = Axe().run(visitor.page).response["violations"]
        assert [(rule["id"], unit["html"]) for rule in violations for unit in rule["nodes"]] == []


def shot(locator: Locator) -> np.ndarray:
    """What a visitor sees there, at the size of a tile."""
    locator.scroll_into_view_if_needed()
    image = Image.open(io.BytesIO(locator.screenshot())).convert("RGB")
    return np.asarray(image.resize((TILE, TILE), Image.Resampling.BICUBIC), dtype=float)


def test_images_are_selected_by_mouse_and_keyboard(looker: Visitor) -> None:
    page = looker.page
    page.get_by_text("Select pictures", exact=True).click()
    looker.settled()
    tiles = page.get_by_role("button", name=re.compile(r"^Select picture \d+:"))
    expect(tiles).to_have_count(16)
    tiles.nth(1).click()
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    looker.sees("1 picture is selected.")
    looker.settled()
    tiles.nth(4).focus()
    page.keyboard.press("Enter")
    expect(tiles.nth(4)).to_have_attribute("aria-pressed", "true")
    looker.sees("2 pictures are selected.")
    tiles.nth(1).click()
    looker.sees("1 picture is selected.")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "false")
    expect(page.locator(VIEW).get_by_role("img")).to_have_count(0)
