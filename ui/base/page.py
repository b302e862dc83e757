"""How every page begins and ends."""

from __future__ import annotations

import streamlit as st

from ui.base.errors import show_failure
from ui.base.glossary import explain_words
from ui.base.old_values import follow_renamed
from ui.base.privacy import release_others

MEASURE = 720  # pixels; longer lines are hard to read back from


def open_page(title: str, claim: str) -> None:
    """Begin a page with its title, what just failed on it, and the one thing it claims."""
    follow_renamed(title)
    release_others(title)
    st.title(title, anchor=False)
    show_failure(title)
    st.markdown(claim, width=MEASURE)
    explain_words(title)


def notice(text: str) -> None:
    """End a page with what a reader could have seen on it."""
    st.header("What to notice", anchor=False)
    st.markdown(text, width=MEASURE)
