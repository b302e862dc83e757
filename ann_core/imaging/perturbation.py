"""What if the image were a little different? Changes of an image at the network's size.

A dense network has a weight of its own for each pixel of the image. What it knows of an ear
up on the left, it does not know of the same ear three pixels further down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ann_core.imaging.preprocessing import edge_colour, flatten, squeeze_gray

MAX_SHIFT = 20
"""Pixels of the network's image, in each direction; at most half of the image."""

PATCHES = (4, 8, 12, 16, 24, 32, 48, 64)
"""Sides of a patch that covers a part of the image, in pixels."""

_BATCH = 256  # changed images in memory at once
_MAX_PATCHES = 2400

Predict = Callable[[np.ndarray], np.ndarray]
"""Such as ``Classifier.predict_features``: uint8 rows in, probabilities out."""


@dataclass(frozen=True)
class Perturbation:
    """What is done to an image, in this order.

    Attributes
    ----------
    zoom : float
        2.0 shows the middle twice as large, 0.5 the whole image at half its size.
    angle : float
        Degrees, against the clock.
    mirrored, upside_down : bool
        Left and right, or top and bottom, change places.
    brightness : int
        Added to all intensities, which end at 0 and 255.
    right, down : int
        Pixels by which the image moves; below zero to the left, and up.
    """

    zoom: float = 1.0
    angle: float = 0.0
    mirrored: bool = False
    upside_down: bool = False
    brightness: int = 0
    right: int = 0
    down: int = 0

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Change an image; what comes in from outside has the mean colour of its edge.

        Parameters
        ----------
        image : uint8 array, shape (height, width, n_channels)

        Returns
        -------
        uint8 array of the same shape
        """
        changed = rotate_zoom(image, zoom=self.zoom, angle=self.angle)
        changed = changed[:, ::-1] if self.mirrored else changed
        changed = changed[::-1] if self.upside_down else changed
        changed = brighten(changed, self.brightness)
        return shift(changed, self.right, self.down)


@dataclass(frozen=True, eq=False)
class ShiftMap:
    """The prediction for every shift of an image.

    Attributes
    ----------
    right, down : int64 arrays, shapes (n_right,) and (n_down,)
        Pixels, ascending.
    probabilities : float32 array, shape (n_down, n_right, n_classes)
    """

    right: np.ndarray
    down: np.ndarray
    probabilities: np.ndarray

    def flip_rate(self, label: int) -> float:
        """Share of all shifts at which another class is predicted, 0..1."""
        return float((self.probabilities.argmax(axis=2) != label).mean())


@dataclass(frozen=True, eq=False)
class OcclusionMap:
    """How the prediction changes where a patch covers the image.

    Attributes
    ----------
    patch : int
        Its side in pixels.
    change : float64 array, shape (height, width)
        Probability of one class with a pixel covered, in the mean of all patches that cover
        it, less that of the image as it is. Below zero, what lies there speaks for the class.
    n_patches : int
    """

    patch: int
    change: np.ndarray
    n_patches: int


def shift(image: np.ndarray, right: int, down: int) -> np.ndarray:
    """Move an image; what leaves it is gone, what comes in has the mean colour of its edge."""
    return np.asarray(shift_all(image[np.newaxis], right, down)[0])


def shift_all(images: np.ndarray, right: int, down: int) -> np.ndarray:
    """Move many images alike, each over the mean colour of its own edge.

    Parameters
    ----------
    images : uint8 array, shape (n_images, height, width, n_channels)
    right, down : int
        Pixels; below zero to the left, and up.

    Returns
    -------
    uint8 array of the same shape
    """
    height, width = images.shape[1:3]
    down, right = max(-height, min(down, height)), max(-width, min(right, width))
    moved = np.empty_like(images)
    moved[:] = _edge_colours(images)[:, np.newaxis, np.newaxis]
    rows = slice(max(down, 0), min(height + down, height))
    columns = slice(max(right, 0), min(width + right, width))
    from_rows = slice(max(-down, 0), min(height - down, height))
    from_columns = slice(max(-right, 0), min(width - right, width))
    moved[:, rows, columns] = images[:, from_rows, from_columns]
    return moved


def _edge_colours(images: np.ndarray) -> np.ndarray:
    """uint8 array, shape (n_images, n_channels): `edge_colour` of each image."""
    sides = (images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1])
    edge = np.concatenate(sides, axis=1)
    return np.asarray(np.rint(edge.mean(axis=1)), dtype=np.uint8)


def rotate_zoom(image: np.ndarray, *, zoom: float = 1.0, angle: float = 0.0) -> np.ndarray:
    """Zoom and rotate an image around its middle, between pixels by bilinear interpolation."""
    if zoom == 1.0 and angle % 360 == 0:
        return image
    height, width = image.shape[:2]
    radians = np.deg2rad(angle)
    # Pillow wants to know, for each new pixel, where in the old image it comes from.
    # Rounded as Pillow does it: the cosine of 90 degrees is 0.
    a, b = round(np.cos(radians), 15) / zoom, -round(np.sin(radians), 15) / zoom
    x, y = width / 2, height / 2
    way_back = (a, b, x - a * x - b * y, -b, a, y + b * x - a * y)
    moved = Image.fromarray(squeeze_gray(image)).transform(
        (width, height),
        Image.Transform.AFFINE,
        way_back,
        resample=Image.Resampling.BILINEAR,
        fillcolor=tuple(edge_colour(image).tolist()),
    )
    return np.asarray(moved, dtype=np.uint8).reshape(image.shape)


def brighten(image: np.ndarray, brightness: int) -> np.ndarray:
    """Add to all intensities, which end at 0 and 255."""
    return np.asarray(np.clip(image.astype(np.int16) + brightness, 0, 255), dtype=np.uint8)


def max_shift(n_pixels: int) -> int:
    """How far an image of so many pixels may move: 20, or half of them."""
    return min(MAX_SHIFT, n_pixels // 2)


def shift_map(image: np.ndarray, predict: Predict, *, farthest: int = MAX_SHIFT) -> ShiftMap:
    """Predict every shift of an image: 41 x 41 of them, unless it is small.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
    farthest : int
        Pixels to each side; at most `max_shift`.
    """
    height, width, n_channels = image.shape
    max_down, max_right = (min(farthest, max_shift(n)) for n in (height, width))
    padding = ((max_down, max_down), (max_right, max_right))
    edge = edge_colour(image)
    padded = np.stack(
        [np.pad(image[:, :, c], padding, constant_values=edge[c]) for c in range(n_channels)],
        axis=2,
    )
    right = np.arange(-max_right, max_right + 1)
    down = np.arange(-max_down, max_down + 1)
    indices = [(max_down - d, max_right - r) for d in down for r in right]
    moved = (padded[y : y + height, x : x + width] for y, x in indices)
    probabilities = _predict_all(moved, predict)
    return ShiftMap(right, down, probabilities.reshape(len(down), len(right), -1))


def patches_for(image_size: tuple[int, int]) -> list[int]:
    """Sides of a patch that make sense for an image: no dust, and not more than half of it."""
    height, width = image_size
    return [
        side
        for side in PATCHES
        if side <= min(height, width) // 2 and 4 * height * width <= _MAX_PATCHES * side**2
    ]


def occlusion_map(image: np.ndarray, predict: Predict, *, patch: int, label: int) -> OcclusionMap:
    """Cover one part after the other by a patch in the image's mean colour, and predict.

    After Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks,
    section 4.2.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
    patch : int
        One of `patches_for`.
    label : int
        Index of the class whose probability is looked at.
    """
    height, width, n_channels = image.shape
    colour = np.rint(image.reshape(-1, n_channels).mean(axis=0)).astype(np.uint8)
    indices = [(y, x) for y in _starts(height, patch) for x in _starts(width, patch)]
    covered = _covered(image, indices, patch, colour=colour)
    probabilities = _predict_all(covered, predict)[:, label]
    before = predict(flatten(image[np.newaxis]))[0, label]
    total, count = np.zeros((height, width)), np.zeros((height, width))
    for (y, x), probability in zip(indices, probabilities, strict=True):
        total[y : y + patch, x : x + patch] += float(probability) - float(before)
        count[y : y + patch, x : x + patch] += 1
    return OcclusionMap(patch, total / count, len(indices))


def _covered(
    image: np.ndarray, indices: list[tuple[int, int]], patch: int, *, colour: np.ndarray
) -> Iterator[np.ndarray]:
    for y, x in indices:
        covered = image.copy()
        covered[y : y + patch, x : x + patch] = colour
        yield covered


def _starts(n_pixels: int, patch: int) -> list[int]:
    """Where patches begin: each overlaps half of the one before, and the last ends at the edge."""
    last = n_pixels - patch
    return [*range(0, last, patch // 2), last]


def _predict_all(images: Iterator[np.ndarray], predict: Predict) -> np.ndarray:
    """Predict many changed images without having all of them in memory."""
    predictions, batch = [], []
    for image in images:
        batch.append(image)
        if len(batch) == _BATCH:
            predictions.append(predict(flatten(np.stack(batch))))
            batch = []
    if batch:
        predictions.append(predict(flatten(np.stack(batch))))
    return np.concatenate(predictions)
