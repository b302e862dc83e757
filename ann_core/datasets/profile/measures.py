"""Numbers that describe one image: how bright, how varied, how sharp.

All but the sharpness follow from the histogram of the gray image at its full
size: how often each of the 256 intensities occurs, wherever it lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ann_core.datasets.dataset import Dataset
from ann_core.imaging.sharpness import sharpness

__all__ = [
    "MEASURES",
    "SizeSummary",
    "class_averages",
    "measures_table",
    "sharpness",
    "summarise",
    "summarise_sizes",
]

MEASURES = (
    *("brightness", "contrast", "dark_end", "bright_end", "entropy", "plain_share"),
    "sharpness",
)
END_SHARE = 0.05  # of the pixels lie below `dark_end`, and as many above `bright_end`
PLAIN_LEVELS = 17  # neighbouring intensities that look like one
OBLONG = 1.1  # times wider than high, or higher than wide: no square any more

_KNOWN = ("class_name", "split", "width", "height", "bytes", "format")
_N_LEVELS = 256


def summarise(histograms: np.ndarray) -> np.ndarray:
    """Describe images by how often each intensity occurs in them.

    Parameters
    ----------
    histograms : int array, shape (n_images, 256)
        Pixels of each intensity.

    Returns
    -------
    float64 array, shape (n_images, 6)
        The first six of `MEASURES`:
        brightness, the mean intensity, 0 to 255;
        contrast, the standard deviation, 0 to 127.5;
        dark_end and bright_end, the 5th and 95th percentile;
        entropy, in bits, 0 (one intensity) to 8 (all of them, equally often);
        plain_share, the largest share of pixels, 0..1, within 17 neighbouring intensities.
    """
    levels = np.arange(_N_LEVELS)
    n_pixels = histograms.sum(axis=1)
    shares = histograms / n_pixels[:, np.newaxis]
    # Of whole numbers, so that it makes no difference which images are described together.
    brightness = histograms @ levels / n_pixels
    variance = np.maximum(histograms @ levels**2 / n_pixels - brightness**2, 0.0)
    # Counted in whole pixels: sums of shares would miss a bound by rounding.
    summed = histograms.cumsum(axis=1)
    total = summed[:, -1:]
    dark_end = (summed >= END_SHARE * total).argmax(axis=1)
    bright_end = (summed >= (1.0 - END_SHARE) * total).argmax(axis=1)
    logs = np.log2(shares, where=shares > 0, out=np.zeros_like(shares))
    windows = summed[:, PLAIN_LEVELS - 1 :].copy()
    windows[:, 1:] -= summed[:, :-PLAIN_LEVELS]
    columns = (
        *(brightness, np.sqrt(variance), dark_end, bright_end),
        *(-(shares * logs).sum(axis=1), windows.max(axis=1) / total[:, 0]),
    )
    return np.stack(columns, axis=1).astype(np.float64)


def measures_table(dataset: Dataset, values: np.ndarray) -> pd.DataFrame:
    """Join what the index knows of each image and what was measured.

    Parameters
    ----------
    values : float array, shape (n_images, 7)
        Columns `MEASURES`.

    Returns
    -------
    DataFrame, a row an image in the order of ``Dataset.images``
        class_name, split, width, height, bytes, format, aspect_ratio (width /
        height), then `MEASURES`.
    """
    table = dataset.images.loc[:, list(_KNOWN)].reset_index(drop=True)
    table["aspect_ratio"] = table["width"] / table["height"]
    for column, name in enumerate(MEASURES):
        table[name] = values[:, column]
    return table


@dataclass(frozen=True)
class SizeSummary:
    """Sizes and shapes of many images.

    Attributes
    ----------
    n_sizes : int
        Different ones.
    median_width, median_height : float
        Pixels.
    wide_share, tall_share : float
        Of images that are a tenth wider than high, or higher than wide, 0..1.
    """

    n_sizes: int
    median_width: float
    median_height: float
    wide_share: float
    tall_share: float


def summarise_sizes(measures: pd.DataFrame) -> SizeSummary:
    """Describe the sizes of images, as `measures_table` lists them."""
    ratio = measures["aspect_ratio"]
    return SizeSummary(
        n_sizes=len(measures[["width", "height"]].drop_duplicates()),
        median_width=float(measures["width"].median()),
        median_height=float(measures["height"].median()),
        wide_share=float((ratio > OBLONG).mean()),
        tall_share=float((ratio < 1 / OBLONG).mean()),
    )


def class_averages(measures: pd.DataFrame, measure: str) -> dict[str, float]:
    """Mean of one of `MEASURES` over the images of each class."""
    by_class = measures.groupby("class_name", observed=True)[measure].mean()
    return {str(name): float(mean) for name, mean in by_class.items()}
