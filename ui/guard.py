"""Errors for people, shown where they happen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import streamlit as st

from ann_core.errors import FlatlandError


@contextlib.contextmanager
def guard() -> Iterator[None]:
    """Show an error of ours as a sentence and go on with the page below the block.

    Anything else surfaces: Streamlit logs it and shows visitors no details.
    """
    try:
        yield
    except FlatlandError as error:
        st.error(_plain(str(error)), icon=":material/error:")


def _plain(text: str) -> str:
    """Keep names given by strangers from being read as Markdown."""
    for mark in "\\`*_{}[]<>#|~$:":
        text = text.replace(mark, f"\\{mark}")
    return text
