"""What if the picture were a little different? Changes of a picture at the network's size.

A dense network has a weight of its own for each place of the picture. What it knows of an ear
up on the left, it does not know of the same ear three pixels further down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ann_core.imaging.preprocessing import flatten

MAX_SHIFT = 20
"""Pixels of the network's picture, in each direction; at most half of the picture."""

PATCHES = (4, 8, 12, 16, 24, 32, 48, 64)
"""Sides of a patch that covers a part of the picture, in pixels."""

_BATCH = 256  # changed pictures in memory at once
_MAX_PATCHES = 2400

Ask = Callable[[np.ndarray], np.ndarray]
"""Such as ``Classifier.predict_features``: uint8 rows in, probabilities out."""


@dataclass(frozen=True)
class Change:
    """What is done to a picture, in this order.

    Attributes
    ----------
    zoom : float
        2.0 shows the middle twice as large, 0.5 the whole picture at half its size.
    angle : float
        Degrees, against the clock.
    mirrored, upside_down : bool
        Left and right, or top and bottom, change places.
    brightness : int
        Added to all intensities, which end at 0 and 255.
    right, down : int
        Pixels by which the picture moves; below zero to the left, and up.
    """

    zoom: float = 1.0
    angle: float = 0.0
    mirrored: bool = False
    upside_down: bool = False
    brightness: int = 0
    right: int = 0
    down: int = 0

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """Change a picture; what comes in from outside has the mean colour of its edge.

        Parameters
        ----------
        picture : uint8 array, shape (height, width, n_channels)

        Returns
        -------
        uint8 array of the same shape
        """
        changed = turn(picture, zoom=self.zoom, angle=self.angle)
        changed = changed[:, ::-1] if self.mirrored else changed
        changed = changed[::-1] if self.upside_down else changed
        changed = brighten(changed, self.brightness)
        return shift(changed, self.right, self.down)


@dataclass(frozen=True, eq=False)
class ShiftMap:
    """The answer to every shift of a picture.

    Attributes
    ----------
    right, down : int64 arrays, shapes (n_right,) and (n_down,)
        Pixels, ascending.
    probabilities : float32 array, shape (n_down, n_right, n_classes)
    """

    right: np.ndarray
    down: np.ndarray
    probabilities: np.ndarray

    def share_unlike(self, label: int) -> float:
        """Share of all shifts at which the answer is another class, 0..1."""
        return float((self.probabilities.argmax(axis=2) != label).mean())


@dataclass(frozen=True, eq=False)
class OcclusionMap:
    """How the answer changes where a patch covers the picture.

    Attributes
    ----------
    patch : int
        Its side in pixels.
    change : float64 array, shape (height, width)
        Probability of one class with a pixel covered, in the mean of all patches that cover
        it, less that of the picture as it is. Below zero, what lies there speaks for the class.
    n_patches : int
    """

    patch: int
    change: np.ndarray
    n_patches: int


def edge_colour(picture: np.ndarray) -> np.ndarray:
    """Mean of the outermost pixels: uint8 array, shape (n_channels,)."""
    edge = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    return np.asarray(np.rint(edge.mean(axis=0)), dtype=np.uint8)


def shift(picture: np.ndarray, right: int, down: int) -> np.ndarray:
    """Move a picture; what leaves it is gone, what comes in has the mean colour of its edge."""
    height, width = picture.shape[:2]
    down, right = max(-height, min(down, height)), max(-width, min(right, width))
    moved = np.empty_like(picture)
    moved[:] = edge_colour(picture)
    rows = slice(max(down, 0), min(height + down, height))
    columns = slice(max(right, 0), min(width + right, width))
    from_rows = slice(max(-down, 0), min(height - down, height))
    from_columns = slice(max(-right, 0), min(width - right, width))
    moved[rows, columns] = picture[from_rows, from_columns]
    return moved


def turn(picture: np.ndarray, *, zoom: float = 1.0, angle: float = 0.0) -> np.ndarray:
    """Zoom and rotate a picture around its middle, between pixels by bilinear interpolation."""
    if zoom == 1.0 and angle % 360 == 0:
        return picture
    height, width = picture.shape[:2]
    radians = np.deg2rad(angle)
    # Pillow wants to know, for each new pixel, where in the old picture it comes from.
    # Rounded as Pillow does it: the cosine of 90 degrees is 0.
    a, b = round(np.cos(radians), 15) / zoom, -round(np.sin(radians), 15) / zoom
    x, y = width / 2, height / 2
    way_back = (a, b, x - a * x - b * y, -b, a, y + b * x - a * y)
    squeezed = picture[:, :, 0] if picture.shape[2] == 1 else picture
    fill = tuple(int(v) for v in edge_colour(picture))
    image = Image.fromarray(squeezed).transform(
        (width, height),
        Image.Transform.AFFINE,
        way_back,
        resample=Image.Resampling.BILINEAR,
        fillcolor=fill[0] if len(fill) == 1 else fill,
    )
    return np.asarray(image, dtype=np.uint8).reshape(picture.shape)


def brighten(picture: np.ndarray, brightness: int) -> np.ndarray:
    """Add to all intensities, which end at 0 and 255."""
    return np.asarray(np.clip(picture.astype(np.int16) + brightness, 0, 255), dtype=np.uint8)


def most_shift(n_pixels: int) -> int:
    """How far a picture of so many pixels may move: 20, or half of them."""
    return min(MAX_SHIFT, n_pixels // 2)


def shift_map(picture: np.ndarray, ask: Ask) -> ShiftMap:
    """Ask about every shift of a picture: 41 x 41 of them, unless it is small.

    Parameters
    ----------
    picture : uint8 array, shape (height, width, n_channels)
    """
    height, width, n_channels = picture.shape
    most_down, most_right = most_shift(height), most_shift(width)
    padding = ((most_down, most_down), (most_right, most_right))
    fill = edge_colour(picture)
    padded = np.stack(
        [np.pad(picture[:, :, c], padding, constant_values=fill[c]) for c in range(n_channels)],
        axis=2,
    )
    right = np.arange(-most_right, most_right + 1)
    down = np.arange(-most_down, most_down + 1)
    places = [(most_down - d, most_right - r) for d in down for r in right]
    moved = (padded[y : y + height, x : x + width] for y, x in places)
    probabilities = _ask_about(moved, ask)
    return ShiftMap(right, down, probabilities.reshape(len(down), len(right), -1))


def patches_for(image_size: tuple[int, int]) -> list[int]:
    """Sides of a patch that make sense for a picture: no dust, and not more than half of it."""
    height, width = image_size
    return [
        side
        for side in PATCHES
        if side <= min(height, width) // 2 and 4 * height * width <= _MAX_PATCHES * side**2
    ]


def occlusion_map(picture: np.ndarray, ask: Ask, *, patch: int, label: int) -> OcclusionMap:
    """Cover one place after the other by a patch in the picture's mean colour, and ask.

    After Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks,
    section 4.2.

    Parameters
    ----------
    picture : uint8 array, shape (height, width, n_channels)
    patch : int
        One of `patches_for`.
    label : int
        Index of the class whose probability is looked at.
    """
    height, width, n_channels = picture.shape
    colour = np.rint(picture.reshape(-1, n_channels).mean(axis=0)).astype(np.uint8)
    places = [(y, x) for y in _starts(height, patch) for x in _starts(width, patch)]
    asked = _ask_about(_covered(picture, places, patch, colour), ask)
    before = ask(flatten(picture[np.newaxis]))[0, label]
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for (y, x), probability in zip(places, asked[:, label], strict=True):
        total[y : y + patch, x : x + patch] += float(probability) - float(before)
        count[y : y + patch, x : x + patch] += 1
    return OcclusionMap(patch, total / count, len(places))


def _covered(
    picture: np.ndarray, places: list[tuple[int, int]], patch: int, colour: np.ndarray
) -> Iterator[np.ndarray]:
    for y, x in places:
        covered = picture.copy()
        covered[y : y + patch, x : x + patch] = colour
        yield covered


def _starts(n_pixels: int, patch: int) -> list[int]:
    """Where patches begin: each overlaps half of the one before, and the last ends at the edge."""
    last = n_pixels - patch
    return [*range(0, last, patch // 2), last]


def _ask_about(pictures: Iterator[np.ndarray], ask: Ask) -> np.ndarray:
    """Ask about many changed pictures without having all of them in memory."""
    answers, batch = [], []
    for picture in pictures:
        batch.append(picture)
        if len(batch) == _BATCH:
            answers.append(ask(flatten(np.stack(batch))))
            batch = []
    if batch:
        answers.append(ask(flatten(np.stack(batch))))
    return np.concatenate(answers)
