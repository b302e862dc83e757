"""The name of a row of numbers."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from ann_core.errors import ShapeError
from ann_core.imaging.fingerprint import N_DIGITS, vector_fingerprint


def test_the_fingerprint_is_the_hash_of_the_bytes() -> None:
    row = np.arange(256, dtype=np.uint8)
    assert vector_fingerprint(row) == hashlib.sha256(bytes(range(256))).hexdigest()[:N_DIGITS]
    assert len(vector_fingerprint(row)) == 16


def test_it_does_not_matter_how_the_row_lies_in_memory() -> None:
    row = np.random.default_rng(0).integers(0, 256, 64, dtype=np.uint8)
    spread = np.zeros(128, dtype=np.uint8)
    spread[::2] = row
    assert vector_fingerprint(spread[::2]) == vector_fingerprint(row)


def test_one_value_or_another_order_gives_another_name() -> None:
    row = np.arange(64, dtype=np.uint8)
    brighter = row.copy()
    brighter[17] += 1
    names = {vector_fingerprint(one) for one in (row, brighter, row[::-1], row[:-1])}
    assert len(names) == 4


@pytest.mark.parametrize("features", [np.zeros(4), np.zeros((2, 2), dtype=np.uint8)])
def test_scaled_values_and_images_are_refused(features: np.ndarray) -> None:
    with pytest.raises(ShapeError, match="Expected one row of uint8 values"):
        vector_fingerprint(features)
