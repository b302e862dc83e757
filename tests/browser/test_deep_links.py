"""An address that people type, keep or send works, also on a server that just started."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from ann_core.training.network_config import PRESETS
from ann_core.training.network_size import parameter_count
from tests.browser.conftest import Server, StartServer
from tests.browser.visitor import Visitor
from tests.helpers.small_run import draw_cartoons

PAGES = {
    "": "To a flat network, a moved cat is a new picture",
    "dataset": "Explore",
    "pixels": "Preprocess",
    "training": "Train",
    "results": "Results",
    "comparison": "Compare",
    "prediction": "Predict",
    "lesson": "Lesson",
    "experiments": "Experiments",
}
# What lies behind a dialog; what a closed fold holds is inert as well.
COVERED = "[inert]:not([data-testid=stExpanderDetails]) :is(h1, nav, button)"
FOR_A_DATASET = ("dataset", "pixels", "training")
# In front of each stands the name of its icon.
NAVIGATION = [
    re.compile(rf"{name}$")
    for name in (
        *(
            "Home",
            "Explore",
            "Preprocess",
            "Train",
            "Results",
            "Predict",
            "Compare",
            "Experiments",
            "Lesson",
        ),
    )
]


def test_each_page_is_asked_for_by_its_address(start_server: StartServer, visitor: Visitor) -> None:
    server = start_server()
    for name in ("another", "wanted"):
        draw_cartoons(server.data_dir, name)
    for path in ("training", *PAGES):  # Home is no server's first page here
        asks_for(visitor, server, path, dataset="wanted")


def asks_for(visitor: Visitor, server: Server, path: str, *, dataset: str) -> None:
    """Open a page with a data set by its address, and find it whole."""
    visitor.open(server.page_url(f"{path}?data={dataset}"))
    visitor.sees_page(PAGES[path])
    entries = visitor.page.get_by_role("navigation").get_by_role("link")
    expect(entries).to_have_text(NAVIGATION)
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    expect(visitor.page.locator(COVERED)).to_have_count(0)
    visitor.sees_no_error()
    assert visitor.page.title()  # of the browser's tab
    if path in FOR_A_DATASET:
        other = next(page for page in FOR_A_DATASET if page != path)
        visitor.go(PAGES[other])
        expect(visitor.page.get_by_role("combobox", name="Data set")).to_have_value(dataset)


def test_a_fresh_server_shows_a_run_that_is_asked_for_first(
    start_server: StartServer, visitor: Visitor, server: Server, finished_run: str
) -> None:
    fresh = start_server(server.data_dir)
    visitor.open(fresh.page_url(f"training?run={finished_run}"))
    visitor.sees_page("Train")
    visitor.sees("done: epoch 3 of 3")
    visitor.sees_no_error()
    visitor.go("Predict")
    visitor.sees("Its answer: ")
    assert f"run={finished_run}" in visitor.page.url


@pytest.mark.parametrize(
    ("path", "run_id", "words"),
    [
        ("training", "../../etc/passwd", "Expected an id of 16 letters"),
        ("results", "%2e%2e%2f%2e%2e%2fx", "Expected an id of 16 letters"),
        ("prediction", "AAAAAAAAAAAAAAAA", "Nothing here has the id 'AAAAAAAAAAAAAAAA'."),
    ],
)
def test_an_address_of_no_run_is_a_sentence(
    visitor: Visitor, server: Server, finished_run: str, path: str, run_id: str, words: str
) -> None:
    visitor.open(server.page_url(f"{path}?run={run_id}"))
    assert words in visitor.sentence()
    expect(visitor.page.get_by_role("combobox", name="Network")).to_be_visible()


def test_settings_travel_in_the_address_and_from_page_to_page(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url("pixels?data=cartoons"))
    visitor.slide("Picture size", "ArrowRight")
    visitor.pick("Colour")
    visitor.sees("32,448 values")
    shared = visitor.page.url
    visitor.page.get_by_role("link", name="Use these for training").click()
    visitor.sees_page("Train")
    visitor.reads("Parameters to learn", f"{parameter_count(PRESETS['small'], 32_448, 2):,}")
    visitor.open(shared)
    visitor.sees("104 × 104 × 3 = 32,448 values")
