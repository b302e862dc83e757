"""The choice of a network or a data set, also in a browser that knows one by an old title."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage
from tests.helpers.app_text import box_of, page_text, send_old_state, state_of
from tests.helpers.second_run import add_second
from tests.helpers.small_run import CARTOONS
from ui.base import services

OLD_TITLE = "My first network, under way, 27 Nov 13:16:58"
TESTING_KEY = "$$STREAMLIT_INTERNAL_KEY_TESTING"


def send_old_title(page: AppTest, key: str) -> None:
    """Run the page for a browser that knows what is chosen by another title than the page has."""
    box = page.selectbox(key=key)
    box.options = [OLD_TITLE]
    page.session_state[TESTING_KEY][box.id] = lambda _: OLD_TITLE
    assert box._widget_state.string_value == OLD_TITLE
    page.run()


def in_address(page: AppTest, name: str) -> str:
    value = page.query_params[name]
    return value if isinstance(value, str) else value[-1]


@pytest.mark.parametrize("name", ["train", "evaluate", "predict"])
def test_the_title_that_a_training_had_is_no_choice(
    open_page: OpenPage, small_run: str, name: str
) -> None:
    page = open_page(name, run=small_run)
    send_old_title(page, "run_choice")
    assert page_text(page) == []
    assert in_address(page, "run") == small_run
    assert box_of(page, "Network").value == small_run


@pytest.mark.parametrize("name", ["train", "evaluate", "predict"])
def test_the_network_that_a_browser_still_shows_is_no_choice(
    open_page: OpenPage, small_run: str, name: str
) -> None:
    second = add_second(services.registry(), services.settings(), small_run)
    page = open_page(name, run=small_run)
    before = state_of(box_of(page, "Network"))
    page.query_params["run"] = second.id  # as after the click that starts a training
    page.run()
    send_old_state(page, before)
    assert in_address(page, "run") == second.id
    assert box_of(page, "Network").value == second.id
    box_of(page, "Network").set_value(small_run).run()
    assert in_address(page, "run") == small_run


def test_another_network_can_be_chosen_all_the_same(open_page: OpenPage, small_run: str) -> None:
    second = add_second(services.registry(), services.settings(), small_run)
    page = open_page("predict", run=small_run)
    page.selectbox(key="run_choice").set_value(second.id).run()
    assert in_address(page, "run") == second.id
    page.selectbox(key="second_choice").set_value(small_run).run()
    assert in_address(page, "second") == small_run
    send_old_title(page, "second_choice")
    assert in_address(page, "second") == small_run


def test_the_title_that_a_data_set_had_is_no_choice(open_page: OpenPage, small_run: str) -> None:
    page = open_page("train", data=CARTOONS)
    send_old_title(page, "data")
    assert not page.warning
    assert in_address(page, "data") == CARTOONS
    assert box_of(page, "Data set").value == CARTOONS


@pytest.mark.parametrize(
    ("part", "key"),
    [("Name and notes", "noted"), ("Chance", "side_first")],
)
def test_in_compare_what_was_chosen_stays_so(
    open_page: OpenPage, small_run: str, part: str, key: str
) -> None:
    registry, settings = services.registry(), services.settings()
    others = [add_second(registry, settings, small_run, seed=seed).id for seed in (7, 8)]
    page = open_page("compare", runs=",".join([small_run, *others]), beside=part)
    page.selectbox(key=key).set_value(others[0]).run()
    send_old_title(page, key)
    assert page_text(page) == []
    assert page.selectbox(key=key).value == others[0]


def test_photographs_are_of_the_class_that_was_chosen(open_page: OpenPage) -> None:
    page = open_page("explore")
    page.get_by_key("import_from").set_value("Class by class").run()
    page.toggle(key="import_camera_on").set_value(v=True).run()
    page.selectbox(key="import_camera_class").set_value(1).run()
    send_old_title(page, "import_camera_class")
    assert page_text(page) == []
    assert page.selectbox(key="import_camera_class").value == 1
