"""The mean image of each class, and how far its images are spread around it.

A pixel that is brighter in the mean cat than in the mean dog is one that a
network without hidden layers can use. Where the means are equal, it needs more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.profile.scan import BLOCK, SIDE


def class_images(
    pixels: np.ndarray, labels: np.ndarray, rows: np.ndarray, *, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of every pixel, a class at a time.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    labels : int array, shape (n_images,)
        Class of each image, 0 to ``n_classes - 1``.
    rows : int array
        Images to count; the others could not be read.

    Returns
    -------
    means, stds : float32 arrays, shape (n_classes, 96, 96)
        Intensities, 0 to 255; the deviation is that of the images at hand
        (``ddof=0``). NaN for a class without images.
    """
    sums = np.zeros((n_classes, SIDE * SIDE))
    squares = np.zeros_like(sums)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        for label in np.unique(labels[block]):
            values = pixels[block[labels[block] == label]].astype(np.float64)
            sums[label] += values.sum(axis=0)
            squares[label] += (values**2).sum(axis=0)
    counts = np.bincount(labels[rows], minlength=n_classes)[:, np.newaxis].astype(np.float64)
    counts[counts == 0] = np.nan
    means = sums / counts
    # Sums of whole numbers below 2**53 are exact, so little is lost in the difference.
    stds = np.sqrt(np.maximum(squares / counts - means**2, 0.0))
    shape = (n_classes, SIDE, SIDE)
    return means.reshape(shape).astype(np.float32), stds.reshape(shape).astype(np.float32)


@dataclass(frozen=True)
class MeanDifference:
    """Where the means of two classes differ.

    Attributes
    ----------
    highest, lowest : float
        The largest difference either way, in intensities of 255; `lowest` is below 0 where
        the second class is brighter somewhere.
    brightest, darkest : (row, column)
        The pixels that have them.
    mean_absolute : float
        Of all pixels.
    """

    highest: float
    lowest: float
    brightest: tuple[int, int]
    darkest: tuple[int, int]
    mean_absolute: float


def describe_difference(values: np.ndarray) -> MeanDifference | None:
    """Describe the difference of two means; None if a class has no images.

    Parameters
    ----------
    values : float array, shape (height, width)
        NaN for a class without images.
    """
    if not np.isfinite(values).all():
        return None
    pixels = [divmod(int(index), values.shape[1]) for index in (values.argmax(), values.argmin())]
    return MeanDifference(
        highest=float(values.max()),
        lowest=float(values.min()),
        brightest=pixels[0],
        darkest=pixels[1],
        mean_absolute=float(np.abs(values).mean()),
    )
