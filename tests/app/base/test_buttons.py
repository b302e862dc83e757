"""A press of a button counts once, also if the run of the page that it began is cut short."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import ui

MODULES = sorted(Path(ui.__file__).parent.rglob("*.py"))


def page() -> None:
    """Count presses; a run may be cut short before it reaches the button."""
    import streamlit as st

    from ui.base.buttons import forget_press, was_pressed

    st.session_state.setdefault("presses", 0)
    if st.session_state.pop("cut_short", False):
        st.rerun()
    if not st.session_state.get("elsewhere", False) and was_pressed(
        "Import",
        key="import",
        icon=":material/upload:",
        disabled=st.session_state.get("refused", False),
    ):
        st.session_state.presses += 1
    st.button("Other", key="other")
    forget_press()


def presses(app: AppTest) -> int:
    n_presses: int = app.session_state["presses"]
    return n_presses


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page).run()


@pytest.mark.parametrize("cut_short", [False, True])
def test_a_press_counts_once(app: AppTest, cut_short: bool) -> None:
    app.session_state["cut_short"] = cut_short
    app.button(key="import").click().run()
    assert presses(app) == 1
    app.button(key="other").click().run()
    assert presses(app) == 1
    app.button(key="import").click().run()
    assert presses(app) == 2
    assert not app.exception


def test_it_does_not_count_where_the_button_has_become_one_that_cannot_be_pressed(
    app: AppTest,
) -> None:
    app.session_state["cut_short"] = app.session_state["refused"] = True
    app.button(key="import").click().run()
    app.session_state["refused"] = False
    app.run()
    assert presses(app) == 0


def test_where_the_button_is_gone_the_press_is_forgotten(app: AppTest) -> None:
    app.session_state["cut_short"] = app.session_state["elsewhere"] = True
    app.button(key="import").click().run()
    app.session_state["elsewhere"] = False
    app.run()
    assert presses(app) == 0


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_page_asks_streamlit_whether_a_button_was_pressed(path: Path) -> None:
    """Its answer can be lost; a callback or `was_pressed` is not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = {
        part
        for part in ast.walk(tree)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in ("button", "form_submit_button")
    }
    ignored = {part.value for part in ast.walk(tree) if isinstance(part, ast.Expr)}
    answered = [part.lineno for part in calls - ignored]
    assert not answered or path.name == "buttons.py"
