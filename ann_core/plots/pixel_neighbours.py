"""A pixel and its neighbours on the row of numbers, to scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import ImageColor

from ann_core.imaging.adjacency import Direction, Neighbour
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import CLASS_COLOURS, HEAT_SCALE

COLOURS: dict[Direction, str] = {
    "above": CLASS_COLOURS[2],
    "left": CLASS_COLOURS[0],
    "here": CLASS_COLOURS[1],
    "right": CLASS_COLOURS[0],
    "below": CLASS_COLOURS[2],
}

_AROUND = 4  # pixels on each side in the close-up
_DIM = 64  # what half the brightness is lifted by: towards gray, not towards black
_MARGIN = 6  # values beyond the furthest neighbour


def line_chart(features: np.ndarray, marks: Sequence[Neighbour], *, n_channels: int) -> vl.Spec:
    """Draw the stretch of the row that holds a pixel and its neighbours, to scale.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
    marks : sequence of Neighbour

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    indices = [mark.index for mark in marks]
    first = max(0, min(indices) - _MARGIN)
    last = min(len(features), max(indices) + n_channels + _MARGIN)
    values = [
        {"place": index, "end": index + 1, "value": int(features[index])}
        for index in range(first, last)
    ]
    flags = [
        {"place": mark.index, "end": mark.index + n_channels, "neighbour": mark.direction}
        for mark in marks
    ]
    colours = {"domain": list(COLOURS), "range": list(COLOURS.values())}
    heat = {"scheme": HEAT_SCALE.lower(), "domain": [0, 255]}
    x = vl.number("place", axis=_indices_axis(marks))
    x["scale"] = {"domain": [first, last], "nice": False, "zero": False}
    layers = [
        _rectangles(flags, x, vl.name("neighbour", scale=colours, legend=None), heights=(0, 0.4)),
        _rectangles(values, x, vl.number("value", scale=heat, legend=None), heights=(0.4, 1)),
    ]
    return vl.chart(layers, height=150, resolve={"scale": {"color": "independent"}})


def describe_line(marks: Sequence[Neighbour]) -> str:
    """Say in a sentence how far away the neighbours are, for those who cannot see them."""
    apart = [f"{mark.direction} {abs(mark.distance):,}" for mark in marks if mark.distance]
    return f"Distances in the row of numbers: {', '.join(apart)}"


def _rectangles(
    values: list[vl.Spec], x: vl.Spec, colour: vl.Spec, *, heights: tuple[float, float]
) -> vl.Spec:
    top = {"datum": heights[0], "type": "quantitative", "axis": None, "scale": {"domain": [1, 0]}}
    channels = {"x": x, "x2": {"field": "end"}, "y": top, "y2": {"datum": heights[1]}}
    return vl.layer("rect", channels | {"color": colour}, values)


def _indices_axis(marks: Sequence[Neighbour]) -> vl.Spec:
    """Name the pixel and those above and below by their index; left and right are too near."""
    named = [mark for mark in marks if mark.direction in {"above", "here", "below"}]
    words = [
        [f"{mark.index:,}", mark.direction if mark.distance else "the pixel"] for mark in named
    ]
    indices = [mark.index for mark in named]
    return vl.word_axis(words, indices, f"indexof({indices}, datum.value)")


def overview(image: np.ndarray, marks: Sequence[Neighbour], *, factor: int) -> np.ndarray:
    """Enlarge an image, dim it, and let its marked pixels light up where two lines cross.

    Parameters
    ----------
    image : uint8 array, shape (height, width) or (height, width, 3)
    factor : int
        Pixels that each pixel becomes, in both directions.

    Returns
    -------
    uint8 array, shape (factor * height, factor * width, 3)
    """
    here = next(mark for mark in marks if mark.direction == "here")
    drawn = _in_colour(image) // 2 + _DIM
    drawn[here.row] = drawn[here.row] // 2 + _colour("left") // 2
    drawn[:, here.column] = drawn[:, here.column] // 2 + _colour("above") // 2
    for mark in marks:
        drawn[mark.row, mark.column] = _colour(mark.direction)
    return drawn.repeat(factor, axis=1).repeat(factor, axis=0)


def close_up(image: np.ndarray, marks: Sequence[Neighbour], *, side: int) -> np.ndarray:
    """Cut out what lies around a pixel, each pixel as it is, the marked ones in a frame.

    Parameters
    ----------
    image : uint8 array, shape (height, width) or (height, width, 3)
    side : int
        Pixels of the screen for nine pixels of the image.

    Returns
    -------
    uint8 array, shape (side or less, side or less, 3)
    """
    here = next(mark for mark in marks if mark.direction == "here")
    top, left = max(0, here.row - _AROUND), max(0, here.column - _AROUND)
    cut = image[top : here.row + _AROUND + 1, left : here.column + _AROUND + 1]
    factor = side // (2 * _AROUND + 1)
    edge = factor // 6
    drawn = _in_colour(cut).repeat(factor, axis=1).repeat(factor, axis=0)
    for mark in marks:
        y, x = (mark.row - top) * factor, (mark.column - left) * factor
        square = drawn[y : y + factor, x : x + factor]
        inside = square[edge : factor - edge, edge : factor - edge].copy()
        square[:] = _colour(mark.direction)
        square[edge : factor - edge, edge : factor - edge] = inside
    return drawn


def _in_colour(image: np.ndarray) -> np.ndarray:
    return image if image.ndim == 3 else image[:, :, np.newaxis].repeat(3, axis=2)


def _colour(direction: Direction) -> np.ndarray:
    return np.array(ImageColor.getrgb(COLOURS[direction]), dtype=np.uint8)
