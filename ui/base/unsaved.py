"""A reload forgets what somebody gave and has not imported yet, so the browser asks first."""

from __future__ import annotations

import streamlit as st

_ASK_FIRST = """
export default function ({ data }) {
  window.onbeforeunload = data.unsaved ? (event) => event.preventDefault() : null
}
"""
_component = st.components.v2.component("flatland_unsaved", js=_ASK_FIRST)


def ask_before_leaving(unsaved: bool) -> None:
    """Let the browser ask whether to leave while there is something to lose; takes no place."""
    _component(data={"unsaved": unsaved}, key="unsaved", width=1, height=1)
