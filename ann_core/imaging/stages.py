"""The stages of one image on its way to the network, each to be looked at.

`ann_core.imaging.preprocessing.preprocess` takes the way in one go; here it is walked
slowly, and back.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ann_core.imaging.preprocessing import (
    PreprocessConfig,
    flatten,
    preprocess,
    scale,
    squeeze_gray,
    to_mode,
    unflatten,
)
from ann_core.imaging.standardizer import Standardiser


@dataclass(frozen=True)
class StageOutline:
    """What is said of a stage, without its values: of a photograph they take megabytes.

    Attributes
    ----------
    shape : tuple of int
        Axes of the values.
    value_bytes : int
        What one value takes in memory.
    first, last : tuple of float, float
        The first three values in reading order, or fewer; and the last.
    """

    name: str
    shape: tuple[int, ...]
    value_bytes: int
    first: tuple[float, ...]
    last: float

    @property
    def n_values(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def n_bytes(self) -> int:
        """What the numbers take in memory: a byte each, eight once they are fractions."""
        return self.n_values * self.value_bytes

    def times_fewer(self, original: StageOutline) -> float:
        """How many values of `original` there are for each one of this stage."""
        return original.n_values / self.n_values


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage on the way from image to features.

    Attributes
    ----------
    name : str
        "original", "gray", "resized", "flattened", and then "scaled" (divided by 255)
        or "standardised" (measured against the training images).
    values : array
        uint8, shape (height, width) or (height, width, 3), for images; shape
        (n_features,) once flattened; float64 once scaled.
    """

    name: str
    values: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Axes of the values."""
        return self.values.shape

    @property
    def n_values(self) -> int:
        """How many numbers there are."""
        return self.values.size

    @property
    def outline(self) -> StageOutline:
        """What is said of it."""
        flat = self.values.reshape(-1)
        first = tuple(float(value) for value in flat[:3])
        return StageOutline(self.name, self.shape, self.values.itemsize, first, float(flat[-1]))

    @property
    def span(self) -> tuple[float, float]:
        """The values that are drawn darkest and brightest."""
        if self.name == "standardised":
            return float(self.values.min()), float(self.values.max())
        return (0.0, 1.0) if self.name == "scaled" else (0.0, 255.0)

    @property
    def levels(self) -> np.ndarray:
        """uint8 array of the same shape: the values as brightness, 0 to 255."""
        low, high = self.span
        if self.values.dtype == np.uint8 or low == high:
            return self.values.astype(np.uint8)
        return np.rint((self.values - low) / (high - low) * 255).astype(np.uint8)


def stages(
    image: Image.Image, config: PreprocessConfig, standardiser: Standardiser | None = None
) -> list[Stage]:
    """All stages of one image, in order, for showing them.

    Returns
    -------
    list of Stage
        original, gray (left out in rgb mode), resized, flattened, and scaled or
        standardised; the last is left out if the settings ask for a standardiser that
        is not there.
    """
    before = [Stage("original", np.asarray(image))]
    if config.mode == "gray":
        image = to_mode(image, "gray")
        before.append(Stage("gray", np.asarray(image)))
    return [*before, *later_stages(image, config, standardiser)]


def later_stages(
    image: Image.Image, config: PreprocessConfig, standardiser: Standardiser | None = None
) -> list[Stage]:
    """Walk the stages that a size changes: from resized to scaled.

    Parameters
    ----------
    image : PIL image, mode "L" or "RGB"
        The image, or its gray version where the mode is gray: both give the same.
    standardiser : Standardiser, optional
        What ``config.scaling`` "standard" needs.
    """
    small = preprocess(image, config)
    flat = flatten(small[np.newaxis])[0]
    later = [Stage("resized", squeeze_gray(small)), Stage("flattened", flat)]
    if config.scaling == "unit":
        later.append(Stage("scaled", scale(flat)))
    elif standardiser is not None:
        later.append(Stage("standardised", standardiser.apply(flat)))
    return later


def invert(
    scaled: np.ndarray, config: PreprocessConfig, standardiser: Standardiser | None = None
) -> np.ndarray:
    """Turn a row of scaled values into the image that it was.

    Nothing is lost on the way from the small image to the row, but for us only:
    we know how wide the image is.

    Parameters
    ----------
    scaled : float64 array, shape (n_features,)
        As the last of `stages` has them.

    Returns
    -------
    uint8 array, shape (height, width) or (height, width, 3)
        Intensities, 0 to 255.
    """
    if standardiser is None:
        levels = scaled * 255.0
    else:
        levels = scaled * standardiser.std + standardiser.mean
    rows = np.rint(levels).astype(np.uint8)[np.newaxis]
    return squeeze_gray(unflatten(rows, config)[0])


def greatest_difference(first: np.ndarray, second: np.ndarray) -> int:
    """How far two images of one shape are apart where they differ most, 0 to 255."""
    return int(np.abs(first.astype(np.int16) - second).max())
