"""An even sample of rows: where all would be too many, and chance would ask for a seed."""

from __future__ import annotations

import numpy as np


def evenly(rows: np.ndarray, most: int) -> np.ndarray:
    """Take at most so many, from the first to the last, in even steps.

    Returns
    -------
    array of the kind of `rows`, shape (min(most, len(rows)),)
        `rows` itself, if there are no more.
    """
    if len(rows) <= most:
        return rows
    return np.asarray(rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)])
