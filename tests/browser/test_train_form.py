"""The form of the Train page in a browser: what is set stays set, and can be passed on."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, expect

from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count
from tests.browser.conftest import Server
from tests.browser.visitor import Visitor
from tests.helpers.small_run import CARTOONS, N_FEATURES, NETWORK

MOVED = {
    "Hidden layers": "3",
    "Neurons in layer 1": "256",
    "Neurons in layer 2": "32",
    "Neurons in layer 3": "64",
    "Epochs": "15",
    "Batch size": "32",
    "Learning rate": "0.0007",
    "Dropout": "0.05",
}
BY_LINK = "learning_rate=0.0007&schedule=cosine"
EXPERT = {"Activation": "gelu", "Learning rate over time": "cosine"}


def sees_settings(visitor: Visitor, sliders: dict[str, str], lists: dict[str, str]) -> None:
    for label, value in sliders.items():
        slider = visitor.page.get_by_role("slider", name=re.compile(rf"^{label}\b")).first
        expect(slider).to_have_attribute("aria-valuetext", value)
    for label, value in lists.items():
        expect(visitor.page.get_by_role("combobox", name=label).first).to_have_value(value)


def test_settings_survive_another_page_a_reload_and_another_browser(
    visitor: Visitor,
    server: Server,
    finished_run: str,
    browser: Browser,
    browser_context_args: dict[str, object],
) -> None:
    visitor.open(server.page_url(f"training?data={CARTOONS}&{BY_LINK}"))
    visitor.unfold("Change the network")
    visitor.slide("Hidden layers", "ArrowRight")
    visitor.slide("Neurons in layer 1", "ArrowRight")
    visitor.slide("Epochs", "ArrowRight")
    visitor.slide("Dropout", "ArrowRight")
    visitor.page.get_by_text("For experts").click()
    visitor.choose("Activation", "gelu")
    sees_settings(visitor, MOVED, EXPERT)
    visitor.go("Preprocess")
    visitor.slide("Picture size", "ArrowLeft")
    visitor.go("Train")
    sees_settings(visitor, MOVED, {})
    visitor.page.reload()
    visitor.settled()
    sees_settings(visitor, MOVED, {})
    context = browser.new_context(**browser_context_args)  # type: ignore[arg-type]
    friend = Visitor(context.new_page())
    friend.open(visitor.page.url)
    friend.page.get_by_text("For experts").click()
    sees_settings(friend, MOVED, EXPERT)
    network = NetworkConfig(hidden_units=(256, 32, 64))
    friend.reads("Parameters to learn", f"{parameter_count(network, 88 * 88, 2):,}")
    friend.sees_no_error()
    context.close()


def test_the_settings_of_a_run_come_back_and_stand_in_the_address(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"training?run={finished_run}"))
    visitor.press("Use these settings again")
    n_parameters = f"{parameter_count(NETWORK, N_FEATURES, 2):,}"
    visitor.reads("Parameters to learn", n_parameters)
    visitor.page.reload()
    visitor.settled()
    visitor.reads("Parameters to learn", n_parameters)
    query = parse_qs(urlsplit(visitor.page.url).query)
    assert {
        name: query[name] for name in ("n_layers", "width_1", "epochs", "batch_size", "size")
    } == {
        "n_layers": ["1"],
        "width_1": ["8"],
        "epochs": ["3"],
        "batch_size": ["16"],
        "size": ["16"],
    }


def test_nonsense_is_warned_of_before_the_start(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"training?data={CARTOONS}&early_stopping_patience=10"))
    visitor.sees("it never stops early")
    visitor.unfold("Change the network")
    visitor.slide("Epochs", "ArrowRight", "ArrowRight")
    expect(visitor.page.get_by_text("it never stops early")).to_have_count(0)
    expect(visitor.page.get_by_role("button", name="Start training")).to_be_enabled()
    visitor.sees_no_error()


def test_one_press_of_back_is_one_page(visitor: Visitor, server: Server) -> None:
    visitor.open(server.page_url(f"dataset?data={CARTOONS}"))
    visitor.choose("Class", "dog")
    expect(visitor.page).to_have_url(re.compile("class=dog"))
    visitor.go("Train")
    visitor.unfold("Change the network")
    visitor.slide("Epochs", "ArrowRight")
    visitor.slide("Hidden layers", "ArrowRight")
    third = visitor.page.get_by_role("slider", name=re.compile("^Neurons in layer 3"))
    expect(third).to_be_visible()  # Back meets no run of this page any more
    visitor.settled()
    visitor.page.go_back()
    visitor.sees_page("Explore")
    expect(visitor.page.get_by_role("combobox", name="Class")).to_have_value("dog")
    visitor.page.go_forward()
    visitor.sees_page("Train")
    visitor.sees_no_error()
