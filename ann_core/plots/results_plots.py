"""Figures of what one network's answers are worth, as Vega-Lite dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from ann_core.datasets.split import SPLIT_NAMES
from ann_core.evaluation.curves import Calibration, Curve
from ann_core.evaluation.report import RunReport
from ann_core.plots.theme import (
    CLASS_COLOURS,
    HEAT_SCALE,
    MARGIN,
    MAX_BARS,
    TRAINING_COLOUR,
    VALIDATION_COLOUR,
    class_axis,
    class_colour,
    labels,
)
from ann_core.runs.result import Evaluation

TEST_COLOUR = CLASS_COLOURS[0]
TEXT_COLOUR = "#14130f"
MAX_POINTS = 300  # of a curve

_CLOSE = 0.02  # two lines that lie nearer to each other have one label
_DASHES = [5, 4]


def accuracy_chart(report: RunReport, *, text_colour: str = TEXT_COLOUR) -> dict[str, Any]:
    """Draw the accuracy on the three splits beside what guessing reaches.

    Dots for the splits, a bar for the interval of the test accuracy, upright lines for
    guessing and for always answering the same class.

    Parameters
    ----------
    text_colour : str
        Colour of words inside of the figure: no theme gives them one.
    """
    points = [
        {"split": name, "accuracy": report.splits[split].accuracy}
        for split, name in SPLIT_NAMES.items()
    ]
    x = _share_axis("accuracy", "right answers")
    text = {"field": "accuracy", "type": "quantitative", "format": ".1%"}
    tooltip = _tooltip("split", "accuracy")
    return {
        "data": {"values": points},
        "height": 210,
        "layer": [
            *_reference_lines(_references(report.chance, report.test.majority), text_colour),
            _interval_bar(*report.interval),
            {
                "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
                "encoding": {"x": x, **_by_split(), "tooltip": tooltip},
            },
            {
                "mark": {"type": "text", "dy": -13, "color": text_colour},
                "encoding": {"x": x, "y": _by_split()["y"], "text": text},
            },
        ],
    }


def _by_split() -> dict[str, Any]:
    """Give each split its row and its colour."""
    names = list(SPLIT_NAMES.values())
    colours = {"domain": names, "range": [TRAINING_COLOUR, VALIDATION_COLOUR, TEST_COLOUR]}
    axis = {"title": None, "domain": False, "ticks": False}
    field = {"field": "split", "type": "nominal"}
    return {
        "y": field | {"sort": names, "axis": axis},
        "color": field | {"scale": colours, "legend": None},
    }


def _interval_bar(low: float, high: float) -> dict[str, Any]:
    x = {"x": _share_axis("low", "right answers"), "x2": {"field": "high"}}
    return {
        "data": {"values": [{"split": "test", "low": low, "high": high}]},
        "mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.5},
        "encoding": x | _by_split(),
    }


def curve_chart(curve: Curve, x: str, y: str, *, chance: float | None = None) -> dict[str, Any]:
    """Draw a curve over all thresholds, with what guessing would give as a dashed line.

    Parameters
    ----------
    x, y : str
        What stands on the axes.
    chance : float, optional
        Height of a level line; without it, the line goes from corner to corner.
    """
    kept = np.unique(np.linspace(0, len(curve.x) - 1, MAX_POINTS).round().astype(np.int64))
    points = [{"x": float(curve.x[i]), "y": float(curve.y[i]), "place": int(i)} for i in kept]
    line: dict[str, Any] = {"type": "line", "strokeWidth": 2, "color": TEST_COLOUR}
    start, end = (0.0, 1.0) if chance is None else (chance, chance)
    return {
        "data": {"values": points},
        "height": 320,
        "layer": [
            _guessing_line(start, end),
            {
                "mark": line | {"tooltip": True},
                "encoding": {
                    "x": _share_axis("x", x),
                    "y": _share_axis("y", y),
                    "order": {"field": "place", "type": "quantitative"},
                },
            },
        ],
    }


def calibration_chart(found: Calibration) -> dict[str, Any]:
    """Draw how many answers are right against how sure the network was; on the line it is honest.

    The larger a dot, the more images.
    """
    columns = (found.confidence, found.accuracy, found.n_images)
    points = [
        {"confidence": float(c), "accuracy": float(a), "pictures": int(n)}
        for c, a, n in zip(*columns, strict=True)
    ]
    x, y = _share_axis("confidence", "how sure it was"), _share_axis("accuracy", "right answers")
    size = {"field": "pictures", "type": "quantitative", "legend": None}
    return {
        "data": {"values": points},
        "height": 320,
        "layer": [
            _guessing_line(0.0, 1.0),
            {
                "mark": {"type": "line", "color": TEST_COLOUR, "strokeWidth": 2},
                "encoding": {"x": x, "y": y},
            },
            {
                "mark": {"type": "point", "filled": True, "color": TEST_COLOUR, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "size": size | {"scale": {"range": [30, 500]}},
                    "tooltip": [
                        *_tooltip("confidence", "accuracy"),
                        {"field": "pictures", "type": "quantitative", "format": ","},
                    ],
                },
            },
        ],
    }


def probabilities_chart(
    probabilities: np.ndarray,
    class_names: Sequence[str],
    truth: int,
    *,
    text_colour: str = TEXT_COLOUR,
) -> dict[str, Any]:
    """Draw a bar for each class, of very many the most probable; the true one is named.

    Parameters
    ----------
    probabilities : float array, shape (n_classes,)
    truth : int
        Index of the true class.
    """
    shown = np.sort(np.argsort(-probabilities, kind="stable")[:MAX_BARS])
    bars = [
        {
            "class": class_names[i] + (" (truth)" if i == truth else ""),
            "probability": float(probabilities[i]),
            "colour": class_colour(int(i)),
        }
        for i in shown
    ]
    axis = {"title": None, "labelLimit": 160}
    y = {"field": "class", "type": "nominal", "sort": None, "axis": axis}
    x = _share_axis("probability", "probability")
    return {
        "data": {"values": bars},
        "height": 70 + 28 * len(bars),
        "encoding": {"x": x, "y": y, "tooltip": _tooltip("class", "probability")},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {"color": {"field": "colour", "type": "nominal", "scale": None}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": text_colour},
                "encoding": {
                    "text": {"field": "probability", "type": "quantitative", "format": ".1%"}
                },
            },
        ],
    }


def _references(chance: float, majority: float) -> list[dict[str, Any]]:
    """Upright lines: where guessing stands, and where always answering the same class."""
    if majority - chance < _CLOSE:
        name = f"guessing, or always the same class: {majority:.0%}"
        return [{"at": majority, "name": name, "height": -8}]
    return [
        {"at": chance, "name": f"guessing: {chance:.0%}", "height": -8},
        {"at": majority, "name": f"always the same class: {majority:.0%}", "height": -22},
    ]


def _reference_lines(lines: Sequence[Mapping[str, Any]], text_colour: str) -> list[dict[str, Any]]:
    layers = []
    for line in lines:
        x, data = _share_axis("at", "right answers"), {"values": [dict(line)]}
        rule: dict[str, Any] = {"type": "rule", "strokeDash": _DASHES, "color": TRAINING_COLOUR}
        label = {"type": "text", "baseline": "bottom", "color": text_colour}
        label |= {"align": "left" if line["at"] < 0.5 else "right"}
        at_top = {"y": {"value": line["height"]}, "text": {"field": "name", "type": "nominal"}}
        layers.append({"data": data, "mark": rule, "encoding": {"x": x}})
        layers.append({"data": data, "mark": label, "encoding": {"x": x, **at_top}})
    return layers


def _guessing_line(start: float, end: float) -> dict[str, Any]:
    ends = [{"x": 0.0, "y": start}, {"x": 1.0, "y": end}]
    return {
        "data": {"values": ends},
        "mark": {"type": "line", "strokeDash": _DASHES, "color": TRAINING_COLOUR},
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
        },
    }


def _share_axis(field: str, title: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"title": title, "format": ".0%", "tickCount": 5},
    }


def _tooltip(*fields: str) -> list[dict[str, Any]]:
    shares = {"accuracy", "confidence", "probability"}
    return [
        {"field": f, "type": "quantitative", "format": ".1%"}
        if f in shares
        else {"field": f, "type": "nominal"}
        for f in fields
    ]


def confusion_figure(evaluation: Evaluation) -> go.Figure:
    """Draw the confusion matrix: true classes down, answers across."""
    names = labels(evaluation.class_names)
    n_classes = len(names)
    figure = go.Figure(
        go.Heatmap(
            z=evaluation.confusion,
            colorscale=HEAT_SCALE,
            showscale=False,
            texttemplate="%{z:,}" if n_classes <= MAX_BARS else None,
            customdata=[[(truth, prediction) for prediction in names] for truth in names],
            hovertemplate="%{z:,} pictures of %{customdata[0]} were called %{customdata[1]}"
            "<extra></extra>",
        )
    )
    figure.update_layout(
        height=120 + 44 * min(n_classes, 12),
        margin=MARGIN,
        xaxis=class_axis(evaluation.class_names) | {"title": "answer"},
        yaxis=class_axis(evaluation.class_names) | {"title": "truth", "autorange": "reversed"},
    )
    return figure
