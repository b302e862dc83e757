"""Where the neighbours of a pixel go when a picture becomes one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import ImageColor

from ann_core.errors import ShapeError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.training_curves import CLASS_COLOURS

Direction = Literal["above", "left", "here", "right", "below"]

COLOURS: dict[Direction, str] = {
    "above": CLASS_COLOURS[2],
    "left": CLASS_COLOURS[0],
    "here": CLASS_COLOURS[1],
    "right": CLASS_COLOURS[0],
    "below": CLASS_COLOURS[2],
}
_OFFSETS: dict[Direction, tuple[int, int]] = {
    "above": (-1, 0),
    "left": (0, -1),
    "here": (0, 0),
    "right": (0, 1),
    "below": (1, 0),
}
_AROUND = 4  # pixels on each side in the close-up
_DIM = 64  # what half the brightness is lifted by: towards gray, not towards black


@dataclass(frozen=True)
class Neighbour:
    """A pixel and its place in the row of numbers.

    Attributes
    ----------
    row, column : int
        From 0, as in NumPy.
    place : int
        Column of its (first) value in the flattened picture.
    distance : int
        From the pixel in the middle, in values; negative before it.
    """

    direction: Direction
    row: int
    column: int
    place: int
    distance: int


def neighbours(config: PreprocessConfig, row: int, column: int) -> list[Neighbour]:
    """Find a pixel and those that touch it, in the order of the row of numbers.

    Left and right lie `channels` values away, above and below ``width * channels``.
    At an edge of the picture there are fewer.

    Raises
    ------
    ShapeError
        If the picture has no such pixel.
    """
    height, width = config.image_size
    if not (0 <= row < height and 0 <= column < width):
        raise ShapeError(
            f"Expected a pixel within {height} rows and {width} columns, got row {row}, column "
            f"{column}; both are counted from 0."
        )
    here = (row * width + column) * config.n_channels
    found = []
    for direction, (down, across) in _OFFSETS.items():
        if 0 <= row + down < height and 0 <= column + across < width:
            distance = (down * width + across) * config.n_channels
            found.append(
                Neighbour(direction, row + down, column + across, here + distance, distance)
            )
    return found


def overview(picture: np.ndarray, marks: Sequence[Neighbour], *, factor: int) -> np.ndarray:
    """Enlarge a picture, dim it, and let its marked pixels light up where two lines cross.

    Parameters
    ----------
    picture : uint8 array, shape (height, width) or (height, width, 3)
    factor : int
        Pixels that each pixel becomes, in both directions.

    Returns
    -------
    uint8 array, shape (factor * height, factor * width, 3)
    """
    here = next(mark for mark in marks if mark.direction == "here")
    drawn = _in_colour(picture) // 2 + _DIM
    drawn[here.row] = drawn[here.row] // 2 + _colour("left") // 2
    drawn[:, here.column] = drawn[:, here.column] // 2 + _colour("above") // 2
    for mark in marks:
        drawn[mark.row, mark.column] = _colour(mark.direction)
    return drawn.repeat(factor, axis=0).repeat(factor, axis=1)


def close_up(picture: np.ndarray, marks: Sequence[Neighbour], *, side: int) -> np.ndarray:
    """Cut out what lies around a pixel, each pixel as it is, the marked ones in a frame.

    Parameters
    ----------
    picture : uint8 array, shape (height, width) or (height, width, 3)
    side : int
        Pixels of the screen for nine pixels of the picture.

    Returns
    -------
    uint8 array, shape (side or less, side or less, 3)
    """
    here = next(mark for mark in marks if mark.direction == "here")
    top, left = max(0, here.row - _AROUND), max(0, here.column - _AROUND)
    cut = picture[top : here.row + _AROUND + 1, left : here.column + _AROUND + 1]
    factor = side // (2 * _AROUND + 1)
    edge = factor // 6
    drawn = _in_colour(cut).repeat(factor, axis=0).repeat(factor, axis=1)
    for mark in marks:
        y, x = (mark.row - top) * factor, (mark.column - left) * factor
        square = drawn[y : y + factor, x : x + factor]
        inside = square[edge : factor - edge, edge : factor - edge].copy()
        square[:] = _colour(mark.direction)
        square[edge : factor - edge, edge : factor - edge] = inside
    return drawn


def _in_colour(picture: np.ndarray) -> np.ndarray:
    return picture if picture.ndim == 3 else picture[:, :, np.newaxis].repeat(3, axis=2)


def _colour(direction: Direction) -> np.ndarray:
    return np.array(ImageColor.getrgb(COLOURS[direction]), dtype=np.uint8)
