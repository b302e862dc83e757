"""Tables as CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re

import pandas as pd

# A spreadsheet computes a cell that begins so, and files are named by strangers. Where
# cells are parted by semicolons, one may begin within ours.
# https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"  # the others are their wide forms
_FORMULA = re.compile(rf"\A(?=[\t\r\n{_SIGNS}])|(?<=[;\t\r\n])(?=[{_SIGNS}])")


def spreadsheet_csv(table: pd.DataFrame) -> bytes:
    """Write a table as UTF-8 with its mark, no cell a formula; numbers stay numbers.

    What would begin like a formula gets an apostrophe before it.
    """
    safe = table.map(_as_text).rename(columns=_as_text)
    return safe.to_csv(index=False, quoting=csv.QUOTE_ALL).encode("utf-8-sig")


def _as_text(cell: object) -> object:
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell
