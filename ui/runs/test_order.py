"""The order in which the images of the test split are offered."""

from __future__ import annotations

import numpy as np

from ann_core.datasets.dataset import Dataset

_MIXED = 0  # seed of the order in which they are offered


def number_of(dataset: Dataset, row: int) -> int:
    """Find the number, from 1, under which an image of the test split is offered."""
    return int(np.flatnonzero(shuffled_rows(dataset.indices("test")) == row)[0]) + 1


def shuffled_rows(rows: np.ndarray) -> np.ndarray:
    """Mix rows, int64 array of shape (n,), always in the same way."""
    return np.random.default_rng(_MIXED).permutation(rows)
