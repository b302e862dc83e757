"""The Results page in a real browser: a cell of the matrix opens its images."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, expect

from ann_core.datasets.catalog import Catalog
from ann_core.evaluation.first_layer import load_first_layer, snapshots
from ann_core.evaluation.report import cell, least_confident
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.evaluation.unseen_order import number_of
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.weight_images import weight_maps
from ann_core.runs.folder import RunFolder
from tests.browser.conftest import Server
from tests.browser.visitor import SCHEMES, Visitor
from tests.helpers.small_run import CARTOONS, N_FEATURES, SIDE

NAMES = ("cat", "dog")
PARTS = ("Confusion", "Pictures", "Confidence", "First layer", "Curves and settings")
FOCUSED = "document.activeElement.shadowRoot?.activeElement?.getAttribute('aria-label')"


@pytest.fixture
def predictions(server: Server, finished_run: str) -> Predictions:
    folder = RunFolder.of(server.data_dir / "runs", finished_run)
    return load_predictions(folder.predictions, n_classes=2).of("test")


@pytest.fixture
def reader(visitor: Visitor, server: Server, finished_run: str) -> Visitor:
    """Somebody who looks at the results of the finished run."""
    visitor.open(server.page_url(f"results?run={finished_run}"))
    visitor.sees("Rows: true class. Columns: predicted class.")
    return visitor


def matrix_cell(visitor: Visitor, truth: int, predicted: int) -> Locator:
    words = rf"pictures of {NAMES[truth]} were predicted as {NAMES[predicted]}$"
    return visitor.page.get_by_role("button", name=re.compile(words))


def fullest(predictions: Predictions) -> tuple[int, int]:
    """A cell with images, not the one that is chosen at first."""
    cells = [(0, 0), (1, 1)]
    return max(cells, key=lambda at: len(cell(predictions, *at)))


def sees_cell(visitor: Visitor, predictions: Predictions, truth: int, predicted: int) -> None:
    n_images = len(cell(predictions, truth, predicted))
    visitor.sees(
        f"1 to {n_images} of {n_images} pictures: {NAMES[truth]} predicted as {NAMES[predicted]}"
    )
    expect(matrix_cell(visitor, truth, predicted)).to_have_attribute("aria-current", "true")


def test_a_click_on_a_cell_shows_its_images_and_a_link_brings_them_back(
    reader: Visitor, predictions: Predictions
) -> None:
    truth, predicted = fullest(predictions)
    chosen = cell(predictions, truth, predicted)
    matrix_cell(reader, truth, predicted).click()
    sees_cell(reader, predictions, truth, predicted)
    for index in chosen:
        row = predictions.rows[index]
        tile = reader.page.get_by_role("button", name=re.compile(rf"^Open picture {row + 1}:"))
        expect(tile).to_be_visible()
    expect(reader.page).to_have_url(re.compile(rf"truth={NAMES[truth]}"))
    reader.page.reload()
    reader.settled()
    sees_cell(reader, predictions, truth, predicted)
    reader.sees_no_error()


def test_the_keyboard_walks_the_matrix_and_opens_a_cell(
    reader: Visitor, predictions: Predictions
) -> None:
    page = reader.page
    truth, predicted = fullest(predictions)
    reader.page.locator("[aria-current=true]").first.focus()
    for key in ("ArrowLeft", "ArrowUp", *(("ArrowRight", "ArrowDown") if truth else ())):
        page.keyboard.press(key)
    assert page.evaluate(FOCUSED).endswith(f"{NAMES[truth]} were predicted as {NAMES[predicted]}")
    page.keyboard.press("Enter")
    sees_cell(reader, predictions, truth, predicted)


def test_two_lists_choose_a_cell_too(reader: Visitor, predictions: Predictions) -> None:
    truth, predicted = fullest(predictions)
    reader.choose("True class", NAMES[truth])
    reader.choose("Predicted class", NAMES[predicted])
    sees_cell(reader, predictions, truth, predicted)
    reader.pick("Shares")
    share = 100 * len(cell(predictions, truth, predicted)) / (predictions.labels == truth).sum()
    expect(matrix_cell(reader, truth, predicted)).to_have_text(f"{share:.0f}")


def test_a_image_opens_as_the_network_saw_it_and_leads_to_the_original(
    reader: Visitor, predictions: Predictions, server: Server
) -> None:
    reader.page.get_by_role("tab", name="Pictures").click()
    reader.pick("Least confident predictions")
    first = int(predictions.rows[least_confident(predictions)[0]]) + 1
    reader.page.get_by_role("button", name=re.compile(rf"^Open picture {first}:")).click()
    reader.sees("16 × 16 pixels, as the network saw it, 24 times as large")
    expect(reader.image("A picture of")).to_be_visible()
    expect(reader.page).to_have_url(re.compile(rf"shown={first}"))
    address = reader.page.url
    reader.page.get_by_role("link", name="See the original").click()
    reader.sees_page("Explore")
    number = reader.page.get_by_role("spinbutton", name="Open picture number")
    expect(number).to_have_value(str(first))
    reader.open(address)
    reader.page.get_by_role("link", name="Open in Predict").click()
    reader.sees_page("Predict")
    offered = reader.page.get_by_role("spinbutton", name=re.compile("^Picture, 1 to"))
    dataset = Catalog(server.data_dir / "datasets").load(CARTOONS)
    expect(offered).to_have_value(str(number_of(dataset, first - 1)))
    reader.sees_no_error()


def test_the_slider_goes_from_the_first_weights_to_the_last(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"results?run={finished_run}&part=First+layer&node=3"))
    tiles = visitor.page.get_by_role("button", name=re.compile(r"^Open neuron \d+: norm"))
    expect(tiles).to_have_count(8)
    files = snapshots(RunFolder.of(server.data_dir / "runs", finished_run).first_layer)
    moves = {"after training": "End", "before training": "Home", "after epoch 1": "ArrowRight"}
    for (moment, key), name in zip(moves.items(), ("final", "0", "1"), strict=True):
        visitor.slide("Weights", key)
        layer = load_first_layer(files[name], N_FEATURES)
        visitor.sees(f"Weights {moment} of 8 neurons; norm {layer.norms.mean():.2f}")
        visitor.settled()
        [expected] = weight_maps(layer, 2, PreprocessConfig(image_size=(SIDE, SIDE)))
        assert np.array_equal(pixels(visitor.image("Weights of neuron 3")), expected)
    visitor.sees_no_error()


def pixels(image: Locator) -> np.ndarray:
    """What an image of 16x16 squares shows, a colour a square."""
    expect(image).to_be_visible()
    image = Image.open(io.BytesIO(image.screenshot())).convert("RGB")
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.NEAREST))


def test_axe_finds_nothing_on_any_part(
    visitor: Visitor, server: Server, finished_run: str, predictions: Predictions
) -> None:
    shown = int(predictions.rows[0]) + 1
    for part in PARTS:
        address = f"results?run={finished_run}&part={part.replace(' ', '+')}&shown={shown}&node=2"
        visitor.open(server.page_url(address))
        expect(visitor.page.get_by_role("tab", name=part)).to_have_attribute(
            "aria-selected", "true"
        )
        visitor.sees_no_error()
        for scheme in SCHEMES:
            visitor.takes_scheme(scheme)
            violations = Axe().run(visitor.page).response["violations"]
            assert [
                (scheme, part, r["id"], n["html"]) for r in violations for n in r["nodes"]
            ] == []
