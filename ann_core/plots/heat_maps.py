"""Measured values become colours, a pixel a value: means, deviations, differences."""

from __future__ import annotations

import functools

import numpy as np
from PIL import ImageColor

from ann_core.plots.theme import CLASS_COLOURS

NEUTRAL = "#f5f5f2"  # where there is no difference
DIVERGING_SCALE = [[0.0, CLASS_COLOURS[1]], [0.5, NEUTRAL], [1.0, CLASS_COLOURS[0]]]

_COVER = 0.85  # of a picture, where a map is strongest
_HALF = 127  # colours on each side of it


def heat_map(values: np.ndarray, span: tuple[float, float], colours: np.ndarray) -> np.ndarray:
    """Give each value the colour of its place between two ends.

    Parameters
    ----------
    values : float array, shape (height, width)
    span : (lowest, highest)
        Values of the first and of the last colour; what lies outside has theirs.
    colours : uint8 array, shape (n_colours, 3)
        Such as ``ann_core.plots.theme.heat_colours()`` or `diverging_colours`.

    Returns
    -------
    uint8 array, shape (height, width, 3)
    """
    low, high = span
    shares = (np.asarray(values, dtype=np.float64) - low) / max(high - low, 1e-9)
    indices = np.rint(np.clip(shares, 0.0, 1.0) * (len(colours) - 1))
    return np.asarray(colours[indices.astype(np.intp)])


@functools.cache
def diverging_colours() -> np.ndarray:
    """uint8 array, shape (255, 3): orange below zero, neutral at zero, blue above it."""
    low, middle, high = (
        np.array(ImageColor.getrgb(name), dtype=np.float64)
        for name in (CLASS_COLOURS[1], NEUTRAL, CLASS_COLOURS[0])
    )
    shares = np.arange(_HALF + 1)[:, np.newaxis] / _HALF
    above = middle + shares * (high - middle)
    below = middle + shares[::-1] * (low - middle)
    colours = np.rint(np.concatenate([below, above[1:]]))
    return np.asarray(colours, dtype=np.uint8)


def overlay(image: np.ndarray, values: np.ndarray, *, zoom: int = 1) -> np.ndarray:
    """Lay a map over a gray picture: the more a pixel matters, the more it is orange.

    Parameters
    ----------
    image, values : uint8 arrays, shape (height, width)
    zoom : int
        A pixel becomes a square of so many.

    Returns
    -------
    uint8 array, shape (zoom * height, zoom * width, 3)
    """
    colour = np.array(ImageColor.getrgb(CLASS_COLOURS[1]), dtype=np.float64)
    share = _COVER * values[:, :, np.newaxis] / 255
    mixed = np.rint(image[:, :, np.newaxis] * (1 - share) + colour * share).astype(np.uint8)
    return mixed.repeat(zoom, axis=1).repeat(zoom, axis=0)


def span_of(*images: np.ndarray) -> tuple[float, float]:
    """Lowest and highest value of all these images, so that they share one scale.

    NaN does not count; 0 and 0 if there is nothing else.
    """
    finite = np.concatenate([np.zeros(0), *(p[np.isfinite(p)] for p in images)])
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def even_span(difference: np.ndarray) -> tuple[float, float]:
    """Make ends that lie equally far from zero, so that zero has the neutral colour."""
    most = max(abs(end) for end in span_of(difference))
    return -most, most


def colour_bar(colours: np.ndarray, *, width: int = 256, height: int = 12) -> np.ndarray:
    """Draw a scale from left to right; uint8 array, shape (height, width, 3)."""
    indices = np.rint(np.linspace(0, len(colours) - 1, width)).astype(np.intp)
    return np.asarray(colours[np.newaxis, indices].repeat(height, axis=0))
