"""A table that is read: plain text in rows. One that is marked, sorted or long is a data frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from ui.base.text import plain

_ROWS_HIGH = 12
_HEIGHT = 440  # pixels; more rows than these scroll


def show_rows(rows: Sequence[Mapping[str, object]], *, alt: str, whole: bool = False) -> None:
    """Show rows with the same columns; names in them, and of columns, may come from strangers.

    Parameters
    ----------
    rows : sequence of mapping of column to value
        Whole numbers are written with separators; None is written as a dash.
    whole : bool
        Whether all rows are in view; otherwise a long table scrolls in itself.
    """
    columns = list(rows[0]) if rows else []
    st.table(
        {plain(column): [_text(row[column]) for row in rows] for column in columns},
        border="horizontal",
        height="content" if whole or len(rows) <= _ROWS_HIGH else _HEIGHT,
        hide_index=True,
        alt=alt,
    )


def _text(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else plain(str(value))
