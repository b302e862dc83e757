"""A pixel and its neighbours on the row of numbers, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ann_core.imaging.adjacency import COLOURS, Neighbour
from ann_core.plots.training_curves import HEAT_SCALE

_MARGIN = 6  # values beyond the furthest neighbour


def line_chart(
    features: np.ndarray, marks: Sequence[Neighbour], *, n_channels: int
) -> dict[str, Any]:
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
    places = [mark.place for mark in marks]
    first = max(0, min(places) - _MARGIN)
    last = min(len(features), max(places) + n_channels + _MARGIN)
    values = [
        {"place": place, "end": place + 1, "value": int(features[place])}
        for place in range(first, last)
    ]
    flags = [
        {"place": mark.place, "end": mark.place + n_channels, "neighbour": mark.direction}
        for mark in marks
    ]
    names = list(COLOURS)
    colours = {"domain": names, "range": [COLOURS[name] for name in names]}
    heat = {"scheme": HEAT_SCALE.lower(), "domain": [0, 255]}
    x = {"field": "place", "type": "quantitative", "axis": _places_axis(marks)}
    x["scale"] = {"domain": [first, last], "nice": False, "zero": False}
    return {
        "height": 150,
        "view": {"stroke": None},
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            _rectangles(flags, x, ("neighbour", "nominal", colours), (0, 0.4)),
            _rectangles(values, x, ("value", "quantitative", heat), (0.4, 1)),
        ],
    }


def describe_line(marks: Sequence[Neighbour]) -> str:
    """Say in a sentence how far away the neighbours are, for those who cannot see them."""
    apart = [f"{mark.direction} {abs(mark.distance):,}" for mark in marks if mark.distance]
    return f"Distances in the row of numbers: {', '.join(apart)}"


def _rectangles(
    values: list[dict[str, Any]],
    x: dict[str, Any],
    colour: tuple[str, str, dict[str, Any]],
    heights: tuple[float, float],
) -> dict[str, Any]:
    field, kind, scale = colour
    y: dict[str, Any] = {"type": "quantitative", "axis": None, "scale": {"domain": [1, 0]}}
    return {
        "data": {"values": values},
        "mark": {"type": "rect", "tooltip": True},
        "encoding": {
            "x": x,
            "x2": {"field": "end"},
            "y": y | {"datum": heights[0]},
            "y2": {"datum": heights[1]},
            "color": {"field": field, "type": kind, "scale": scale, "legend": None},
        },
    }


def _places_axis(marks: Sequence[Neighbour]) -> dict[str, Any]:
    """Name the places of the pixel and of those above and below; left and right are too near."""
    named = [mark for mark in marks if mark.direction in {"above", "here", "below"}]
    words = [
        [f"{mark.place:,}", mark.direction if mark.distance else "the pixel"] for mark in named
    ]
    places = [mark.place for mark in named]
    return {
        "values": places,
        "labelExpr": f"{words}[indexof({places}, datum.value)]",
        "labelOverlap": False,
        "title": None,
        "domain": False,
        "ticks": False,
        "grid": False,
    }
