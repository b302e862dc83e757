"""Where the neighbours of a pixel go when an image becomes one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ann_core.errors import ShapeError
from ann_core.imaging.preprocessing import PreprocessConfig

Direction = Literal["above", "left", "here", "right", "below"]

_OFFSETS: dict[Direction, tuple[int, int]] = {
    "above": (-1, 0),
    "left": (0, -1),
    "here": (0, 0),
    "right": (0, 1),
    "below": (1, 0),
}


@dataclass(frozen=True)
class Neighbour:
    """A pixel and its index in the row of numbers.

    Attributes
    ----------
    row, column : int
        From 0, as in NumPy.
    index : int
        Column of its (first) value in the flattened image.
    distance : int
        From the pixel in the middle, in values; negative before it.
    """

    direction: Direction
    row: int
    column: int
    index: int
    distance: int


def neighbours(config: PreprocessConfig, row: int, column: int) -> list[Neighbour]:
    """Find a pixel and those that touch it, in the order of the row of numbers.

    Left and right lie `channels` values away, above and below ``width * channels``.
    At an edge of the image there are fewer.

    Raises
    ------
    ShapeError
        If the image has no such pixel.
    """
    height, width = config.image_size
    if not (0 <= row < height and 0 <= column < width):
        raise ShapeError(
            f"Expected a pixel within {height} rows and {width} columns, got row {row}, column "
            f"{column}; both are counted from 0."
        )
    here = (row * width + column) * config.n_channels
    touching = []
    for direction, (down, across) in _OFFSETS.items():
        if 0 <= row + down < height and 0 <= column + across < width:
            distance = (down * width + across) * config.n_channels
            touching.append(
                Neighbour(direction, row + down, column + across, here + distance, distance)
            )
    return touching
