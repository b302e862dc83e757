"""Text by strangers, where it could be taken for a formula or for markup."""

from __future__ import annotations

import csv
import re

import pandas as pd

# A spreadsheet computes a cell that begins so, and files are named by strangers. Where
# cells are parted by semicolons, one may begin within ours.
# https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"  # the others are their wide forms
FORMULA = re.compile(rf"\A(?=[ \"']*[\t\r\n{_SIGNS}])|(?<=[;\t\r\n])(?=[ \"']*[{_SIGNS}])")
"""Where a cell begins like a formula, or might be taken for two of which the second does."""

_MARKS = "\\`*_{}[]<>#|~"

# GitHub's Markdown makes links of bare addresses: https://github.github.com/gfm/#autolinks-extension-.
# Streamlit looks for them once more when escapes and entities are read, so that only a character
# between keeps them apart; this one has no width.
_APART = "\u2060"
_ADDRESS = re.compile(
    r"(?<=www)(?=\.)|(?<=[a-z])(?=://)|(?<=[-.\w+])(?=@[-\w]+\.[-\w])", re.ASCII | re.IGNORECASE
)


def spreadsheet_csv(table: pd.DataFrame) -> bytes:
    """Write a table as UTF-8 with its mark, no cell a formula; numbers stay numbers.

    What would begin like a formula gets an apostrophe before it.
    """
    safe = table.map(_safe).rename(columns=_safe)
    return safe.to_csv(index=False, quoting=csv.QUOTE_ALL).encode("utf-8-sig")


def escape_markdown(text: str, also: str = "") -> str:
    """Keep a name or a note from being read as Markdown: one line, all marks escaped, no links.

    An address in it reads as it was written; in a copy of it is a character without width.

    Parameters
    ----------
    also : str
        Characters that mean something where it is shown, and not in Markdown elsewhere.
    """
    marks = {ord(mark): f"\\{mark}" for mark in _MARKS + also}
    return " ".join(_ADDRESS.sub(_APART, text).translate(marks).split())


def spreadsheet_text(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return FORMULA.sub("'", text)


def _safe(cell: object) -> object:
    return spreadsheet_text(cell) if isinstance(cell, str) else cell
