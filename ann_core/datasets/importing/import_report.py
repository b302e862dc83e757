"""The import report: every file that was found, and what became of it."""

from __future__ import annotations

import pandas as pd

from ann_core.datasets.dataset import Dataset
from ann_core.escaping import spreadsheet_csv

REPORT_COLUMNS = ("file", "result", "class", "split", "reason")
TAKEN, LEFT_OUT = "taken", "left out"


def import_report(dataset: Dataset) -> pd.DataFrame:
    """List all files that were found, the taken ones first.

    Returns
    -------
    DataFrame, shape (n_found, 5), columns `REPORT_COLUMNS`
        `class` and `split` are empty for what was left out, `reason` for what was taken.
    """
    taken = pd.DataFrame(
        {
            "file": dataset.images["source"],
            "result": TAKEN,
            "class": dataset.images["class_name"],
            "split": dataset.images["split"],
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
    """Write the report for a spreadsheet."""
    return spreadsheet_csv(import_report(dataset))
