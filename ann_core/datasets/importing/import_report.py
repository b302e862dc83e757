"""The import report: every file that was found, and what became of it."""

from __future__ import annotations

import csv
import re

import pandas as pd

from ann_core.datasets.dataset import Dataset

REPORT_COLUMNS = ("file", "result", "class", "split", "reason")
TAKEN, LEFT_OUT = "taken", "left out"

# A spreadsheet computes a cell that begins so, and files are named by strangers. Where
# cells are parted by semicolons, one may begin within ours.
# https://owasp.org/www-community/attacks/CSV_Injection
_SIGNS = "=+@\uff1d\uff0b\uff0d\uff20-"  # the others are their wide forms
_FORMULA = re.compile(rf"\A(?=[\t\r\n{_SIGNS}])|(?<=[;\t\r\n])(?=[{_SIGNS}])")


def import_report(dataset: Dataset) -> pd.DataFrame:
    """List all files that were found, the taken ones first.

    Returns
    -------
    DataFrame, shape (n_found, 5), columns `REPORT_COLUMNS`
        `class` and `split` are empty for what was left out, `reason` for what was taken.
    """
    taken = pd.DataFrame(
        {
            "file": dataset.pictures["source"],
            "result": TAKEN,
            "class": dataset.pictures["class_name"],
            "split": dataset.pictures["split"],
            "reason": "",
        }
    )
    left_out = pd.DataFrame(
        {
            "file": dataset.skipped["source"],
            "result": LEFT_OUT,
            "class": "",
            "split": "",
            "reason": dataset.skipped["reason"],
        }
    )
    return pd.concat([taken, left_out], ignore_index=True)[list(REPORT_COLUMNS)]


def report_csv(dataset: Dataset) -> bytes:
    """Write the report for a spreadsheet: UTF-8 with its mark, and no cell a formula.

    What would begin like a formula gets an apostrophe before it.
    """
    return spreadsheet_csv(import_report(dataset))


def spreadsheet_csv(table: pd.DataFrame) -> bytes:
    """Write any table for a spreadsheet, as `report_csv` does; numbers stay numbers."""
    told = table.map(_told).rename(columns=_told)
    return told.to_csv(index=False, quoting=csv.QUOTE_ALL).encode("utf-8-sig")


def _told(cell: object) -> object:
    return _FORMULA.sub("'", cell) if isinstance(cell, str) else cell
