"""One flattened image as a table and as a histogram."""

from __future__ import annotations

import numpy as np
import pandas as pd
from PIL import ImageColor

from ann_core.plots.images import to_png
from ann_core.plots.strips import GRAYS
from ann_core.plots.theme import TRAINING_COLOUR

SHOWN_COLUMNS = 6
BIN_WIDTH = 4
"""Intensities in a bin of the histogram."""
RAMP = 8
"""Height of what stands below the bars, in pixels of the page: all values from black to white."""


def table_head(scaled: np.ndarray, class_name: str) -> str:
    """Print the article's table of one image, as pandas does where there is little room.

    Its columns are ``0 ... n_features - 1``, then ``class``. Hardly more
    than is printed becomes a table: pandas takes its time with 150,000 columns.

    Parameters
    ----------
    scaled : float64 array, shape (n_features,)
    """
    n, half = len(scaled), SHOWN_COLUMNS // 2
    indices = [*range(half + 1), *range(n - half + 1, n)]  # one too many, which pandas leaves out
    table = pd.DataFrame(scaled[np.newaxis, indices], columns=indices)
    table["class"] = class_name
    return f"{table.to_string(max_cols=SHOWN_COLUMNS)}\n\n[1 rows x {n + 1} columns]"


def histogram(features: np.ndarray) -> np.ndarray:
    """Count the values of an image in bins of four intensities each.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)

    Returns
    -------
    int64 array, shape (64,)
        Number of values from 4 * i to 4 * i + 3.
    """
    return np.bincount(features // BIN_WIDTH, minlength=256 // BIN_WIDTH)


def histogram_png(counts: np.ndarray, *, height: int, background: str) -> bytes:
    """Draw a bar for each bin, and below them the gray values that they stand for.

    Parameters
    ----------
    counts : int array, shape (64,)
    height : int
        Of the tallest bar, in pixels of the page; an intensity is one of them wide.
    background : str
        Colour behind the bars, such as "#ffffff".

    Returns
    -------
    bytes
        A PNG with two pixels where the page has one.
    """
    heights = np.rint(counts / max(1, counts.max()) * height).astype(int)
    filled = np.arange(height, 0, -1)[:, np.newaxis] <= heights
    middles = np.arange(len(counts)) * BIN_WIDTH + BIN_WIDTH // 2
    blank, bar = (
        np.array(ImageColor.getrgb(colour)[:3], dtype=np.uint8)
        for colour in (background, TRAINING_COLOUR)
    )
    drawn = np.where(filled[:, :, np.newaxis], bar, blank)
    ramp = GRAYS[middles][np.newaxis].repeat(RAMP, axis=0)
    return to_png(np.concatenate([drawn, ramp]).repeat(BIN_WIDTH, axis=1), factor=2)


def describe_values(features: np.ndarray) -> str:
    """Say in a sentence what the histogram shows."""
    low, middle, high = np.percentile(features, [5, 50, 95])
    return (
        f"Gray values from 0, left, to 255, right: half of them are below {middle:.0f}, nine in "
        f"ten from {low:.0f} to {high:.0f}."
    )
