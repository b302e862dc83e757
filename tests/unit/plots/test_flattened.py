"""A row as a table and as a histogram: pandas and NumPy say the same."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.plots.flattened import (
    BIN_WIDTH,
    RAMP,
    describe_values,
    histogram,
    histogram_png,
    table_head,
)


@pytest.mark.parametrize("n", [64, 784, 9_216])
@pytest.mark.parametrize("class_name", ["cat", "a class with a long name"])
def test_the_head_is_what_pandas_prints_of_the_whole_table(n: int, class_name: str) -> None:
    for seed in range(5):
        values = np.random.default_rng(seed).integers(0, 256, n) / 255
        table = pd.DataFrame(values[np.newaxis])
        table["class"] = class_name
        with pd.option_context("display.max_columns", 6, "display.width", 1000):
            assert table_head(values, class_name) == str(table.head())


def test_the_histogram_counts_every_value_once() -> None:
    values = np.random.default_rng(0).integers(0, 256, 5_000, dtype=np.uint8)
    expected, _ = np.histogram(values, bins=64, range=(0, 256))
    np.testing.assert_array_equal(histogram(values), expected)
    assert histogram(np.full(9, 255, dtype=np.uint8))[-1] == 9


def test_the_bars_are_as_tall_as_their_counts_and_stand_on_the_gray_values() -> None:
    counts = np.zeros(64, dtype=np.int64)
    counts[[0, 10, 63]] = [40, 10, 20]
    png = histogram_png(counts, height=80, background="#010203")
    drawn = np.asarray(Image.open(io.BytesIO(png)))
    assert drawn.shape == (160 + 2 * RAMP, 512, 3)
    drawn, ramp = drawn[:160], drawn[160:]
    filled = (drawn != (1, 2, 3)).any(axis=2)
    heights = filled.sum(axis=0)[:: 2 * BIN_WIDTH] // 2
    assert heights.tolist() == [80 if n == 40 else 2 * n for n in counts]
    assert filled[-1, 0]
    assert (ramp[:, 10 * 2 * BIN_WIDTH] == 42).all()


def test_an_image_of_nothing_has_no_bars() -> None:
    png = histogram_png(np.zeros(64, dtype=np.int64), height=8, background="#ffffff")
    assert (np.asarray(Image.open(io.BytesIO(png)))[:16] == 255).all()


def test_the_sentence_has_numpys_percentiles() -> None:
    image = Image.linear_gradient("L")
    row = preprocess(image, PreprocessConfig(image_size=(64, 64))).ravel()
    low, middle, high = np.percentile(row, [5, 50, 95])
    assert describe_values(row) == (
        f"Gray values from 0, left, to 255, right: half of them are below {middle:.0f}, nine in "
        f"ten from {low:.0f} to {high:.0f}."
    )
