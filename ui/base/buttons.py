"""Buttons that a page asks whether they were pressed, and whose press is never lost."""

from __future__ import annotations

import streamlit as st

from ui.base import keys


def was_pressed(
    label: str, *, key: str, icon: str, disabled: bool = False, help: str | None = None
) -> bool:
    """Draw a button, and say once that it was pressed.

    Streamlit's own answer lasts for one run of the page, and is lost if the run before ends in the
    same moment, or if another one begins before the button is reached. A callback comes first in
    any case, so it takes a note of the press; after a restart of the server there is no callback
    yet, and the answer counts.
    """
    pressed = st.button(
        label,
        key=key,
        icon=icon,
        disabled=disabled,
        help=help,
        on_click=_take_note,
        args=(key,),
    )
    noted = st.session_state.get(keys.PRESSED) == key
    if noted:
        del st.session_state[keys.PRESSED]
    return pressed or (noted and not disabled)


def forget_press() -> None:
    """Forget a press that nobody asked for in a run that came to its end: its button is gone."""
    st.session_state.pop(keys.PRESSED, None)


def _take_note(key: str) -> None:
    st.session_state[keys.PRESSED] = key
