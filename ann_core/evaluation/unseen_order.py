"""The order in which the images of the test split are offered: the same on every page."""

from __future__ import annotations

import numpy as np

from ann_core.datasets.dataset import Dataset

_SEED = 0


def shuffled_rows(rows: np.ndarray) -> np.ndarray:
    """Mix rows, int64 array of shape (n,), always in the same way."""
    return np.random.default_rng(_SEED).permutation(rows)


def number_of(dataset: Dataset, row: int) -> int:
    """Find the number, from 1, under which an image of the test split is offered."""
    return int(np.flatnonzero(shuffled_rows(dataset.indices("test")) == row)[0]) + 1
