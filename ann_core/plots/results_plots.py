"""Figures of what one network's predictions are worth."""

from __future__ import annotations

import numpy as np

from ann_core.datasets.split import SPLIT_NAMES
from ann_core.evaluation.curves import Calibration, Curve
from ann_core.evaluation.report import RunReport
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import (
    CLASS_COLOURS,
    TEXT_COLOUR,
    TRAINING_COLOUR,
    VALIDATION_COLOUR,
)

TEST_COLOUR = CLASS_COLOURS[0]
MAX_POINTS = 300  # of a curve

_CLOSE = 0.02  # two lines that lie nearer to each other have one label
_DASHES = [5, 4]
_CORRECT = "right"  # on an axis


def accuracy_chart(report: RunReport, *, text_colour: str = TEXT_COLOUR) -> vl.Spec:
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
    names = list(SPLIT_NAMES.values())
    colours = [TRAINING_COLOUR, VALIDATION_COLOUR, TEST_COLOUR]
    rows = {"y": vl.name("split", sort=names, axis={"title": None})}
    coloured = rows | vl.styled("split", names, {"color": colours}, legend=None)
    x = {"x": vl.share("accuracy", _CORRECT)}
    tooltip = {"tooltip": [vl.name("split"), vl.percent("accuracy")]}
    low, high = report.interval
    interval = {"x": vl.share("low", _CORRECT), "x2": {"field": "high"}}
    bar = [{"split": SPLIT_NAMES["test"], "low": low, "high": high}]
    words = x | rows | {"text": vl.percent("accuracy")}
    layers = [
        *_reference_lines(report.chance, report.test.majority, text_colour),
        vl.layer("rule", interval | coloured, bar, strokeWidth=4, opacity=0.5),
        vl.layer("point", x | coloured | tooltip, filled=True, size=110, opacity=1),
        vl.layer("text", words, dy=-13, color=text_colour),
    ]
    return vl.chart(layers, height=210, **vl.data(points))


def curve_chart(curve: Curve, x: str, y: str, *, chance: float | None = None) -> vl.Spec:
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
    start, end = (0.0, 1.0) if chance is None else (chance, chance)
    channels = {"x": vl.share("x", x), "y": vl.share("y", y), "order": vl.number("place")}
    layers = [_guessing_line(start, end), vl.layer("line", channels, color=TEST_COLOUR)]
    return vl.chart(layers, height=320, **vl.data(points))


def calibration_chart(calibration: Calibration) -> vl.Spec:
    """Draw accuracy against confidence; on the dashed line a network is honest.

    The larger a dot, the more images.
    """
    columns = (calibration.confidence, calibration.accuracy, calibration.n_images)
    points = [
        {"confidence": float(c), "accuracy": float(a), "pictures": int(n)}
        for c, a, n in zip(*columns, strict=True)
    ]
    axes = {"x": vl.share("confidence", "confidence"), "y": vl.share("accuracy", _CORRECT)}
    size = vl.number("pictures", legend=None, scale={"range": [30, 500]})
    tooltip = [vl.percent("confidence"), vl.percent("accuracy"), vl.number("pictures", format=",")]
    dots = axes | {"size": size, "tooltip": tooltip}
    layers = [
        _guessing_line(0.0, 1.0),
        vl.layer("line", axes, color=TEST_COLOUR),
        vl.layer("point", dots, filled=True, color=TEST_COLOUR, opacity=1),
    ]
    return vl.chart(layers, height=320, **vl.data(points))


def _reference_lines(chance: float, majority: float, text_colour: str) -> list[vl.Spec]:
    """Upright lines: where guessing stands, and where always answering the same class."""
    lines = [
        (chance, f"guessing: {chance:.0%}", -8),
        (majority, f"always the same class: {majority:.0%}", -22),
    ]
    if majority - chance < _CLOSE:
        lines = [(majority, f"guessing, or always the same class: {majority:.0%}", -8)]
    layers = []
    for value, name, height in lines:
        x, values = {"x": vl.share("at", _CORRECT)}, [{"at": value, "name": name}]
        words = x | {"y": {"value": height}, "text": vl.name("name")}
        look = {"align": "left" if value < 0.5 else "right", "color": text_colour}
        layers += [
            vl.layer("rule", x, values, strokeDash=_DASHES, color=TRAINING_COLOUR),
            vl.layer("text", words, values, baseline="bottom", **look),
        ]
    return layers


def _guessing_line(start: float, end: float) -> vl.Spec:
    ends = [{"x": 0.0, "y": start}, {"x": 1.0, "y": end}]
    channels = {"x": vl.number("x"), "y": vl.number("y")}
    return vl.layer("line", channels, ends, strokeDash=_DASHES, color=TRAINING_COLOUR)
