"""How sharp an image is: one number, whatever its size and contrast."""

from __future__ import annotations

import numpy as np
from PIL import Image

MAX_SIDE = 256  # no network of this app sees more than 224 pixels a side


def sharpness(gray: Image.Image) -> float:
    """Measure how much of an image's variation lies between neighbouring pixels.

    The variance of the Laplacian (each pixel four times, less its four
    neighbours) divided by the variance of the image, so that a pale image
    does not count as a blurred one. Blur takes away what changes from a pixel to
    the next and leaves the rest. Images with a longer side than 256 pixels are
    reduced to that first: what a network cannot see is no reason to leave them out.

    The variance of the Laplacian as a measure of focus: Pech-Pacheco et al.,
    "Diatom autofocusing in brightfield microscopy" (2000).

    Parameters
    ----------
    gray : PIL image, mode "L"

    Returns
    -------
    float
        0 or more; NaN where nothing varies, or for less than 3 pixels a side.
    """
    small = gray
    if max(gray.size) > MAX_SIDE:
        small = gray.copy()
        small.thumbnail((MAX_SIDE, MAX_SIDE), reducing_gap=2.0)
    values = np.asarray(small).astype(np.int16)
    if min(values.shape) < 3 or (spread := _variance(values)) == 0.0:
        return float("nan")
    laplacian = 4 * values[1:-1, 1:-1]
    laplacian -= values[:-2, 1:-1]
    laplacian -= values[2:, 1:-1]
    laplacian -= values[1:-1, :-2]
    laplacian -= values[1:-1, 2:]
    return _variance(laplacian) / spread


def _variance(values: np.ndarray) -> float:
    """Variance of whole numbers; sums of them are exact in 64 bits, so no variance is 0."""
    numbers = values.ravel().astype(np.float64)
    # Not by `@`: for so few numbers, a library of many threads would only get in their way.
    total, squares = float(numbers.sum()), float(np.einsum("i,i->", numbers, numbers))
    return (len(numbers) * squares - total * total) / len(numbers) ** 2
