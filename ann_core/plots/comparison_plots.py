"""Figures of runs beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ann_core.evaluation.comparison import differing, settings_of
from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import CLASS_COLOURS, labels
from ann_core.plots.training_curves import Quantity, epoch_axis, quantity_axis, thinned
from ann_core.runs.run import Run
from ann_core.training.history import EpochMetrics

MAX_CURVES = len(CLASS_COLOURS)

_DASHES = (
    [1, 0],
    [6, 3],
    [2, 2],
    [8, 3, 2, 3],
    [12, 4],
    [4, 4],
    [1, 3],
    [10, 2, 2, 2],
    [3, 1],
    [5, 1, 1, 1],
)
_WIDTHS = (7.0, 4.5, *[2.0] * (MAX_CURVES - 2))
# Seen on white and on black, and told apart without colour vision.
_LOW_TO_HIGH = [[0, "#D55E00"], [0.5, "#8a8f98"], [1, "#2a86d1"]]
_LEGEND_LINE = 22  # pixels
_RESULT = "validation"
_MOST_LEVEL = 7  # axes whose names stand level


def overlaid_curves(histories: Mapping[str, Sequence[EpochMetrics]], quantity: Quantity) -> vl.Spec:
    """Draw one quantity on the validation split for several runs.

    Parameters
    ----------
    histories : mapping of name to history
        Each thinned out to 300 points for the browser's sake, the last one kept.

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    values = [
        {"epoch": metrics.epoch, "run": name, "value": metrics.as_dict()[f"val_{quantity}"]}
        for name, history in histories.items()
        for metrics in thinned(history)
    ]
    # Beside its colour, each curve has a pattern of its own; its name stands below the chart.
    # Where curves coincide, the first shows at both sides of those that are drawn over it.
    looks: dict[str, Sequence[Any]] = {
        "color": CLASS_COLOURS[: len(histories)],
        "strokeDash": _DASHES[: len(histories)],
        "strokeWidth": _WIDTHS[: len(histories)],
    }
    if len(histories) == 1:  # scales of one pattern and one width draw it thin and dotted
        looks = {"color": CLASS_COLOURS[:1]}
    legend = {"title": None, "orient": "bottom", "columns": 1, "labelLimit": 320}
    by_run = vl.styled("run", list(histories), looks, legend=legend)
    channels = {"x": epoch_axis(), "y": quantity_axis(quantity, values), **by_run}
    return vl.chart(
        [vl.layer("line", channels, strokeWidth=_WIDTHS[-1])],
        height=320 + _LEGEND_LINE * len(histories),
        title=f"Validation {quantity}",
        **vl.data(values),
    )


def describe_overlaid(histories: Mapping[str, Sequence[EpochMetrics]], quantity: str) -> str:
    """Say where each curve ends, for those who cannot see them."""
    ends = [
        f"{name}: {history[-1].as_dict()[f'val_{quantity}']:.3f} after epoch {history[-1].epoch}"
        for name, history in histories.items()
        if history
    ]
    return f"Validation {quantity} of {len(histories)} runs. " + "; ".join(ends)


def parallel_figure(runs: Sequence[Run]) -> go.Figure:
    """Draw each run as a line through its settings to its validation accuracy.

    Parameters
    ----------
    runs : sequence of Run
        With a validation accuracy; only settings that differ have an axis.
    """
    settings = [settings_of(run.config) for run in runs]
    results = [run.learned.validation for run in runs]
    names = differing([run.config for run in runs])
    axes = [_axis(name, [values[name] for values in settings]) for name in names]
    slanted = len(axes) > _MOST_LEVEL  # their names would lie on one another
    figure = go.Figure(
        go.Parcoords(
            labelfont={"size": 15},
            labelangle=-25 if slanted else 0,
            tickfont={"size": 13},
            line={"color": results, "colorscale": _LOW_TO_HIGH, "showscale": False},
            dimensions=[*axes, {"label": _RESULT, "values": results, "tickformat": ".1%"}],
        )
    )
    first = axes[0].get("ticktext", ()) if axes else ()  # these words stand left of all axes
    left = max(60, min(180, 20 + 8 * max(map(len, first), default=0)))
    top = 120 if slanted else 60
    figure.update_layout(height=320 + top, margin={"l": left, "r": 60, "t": top, "b": 24})
    return figure


def _axis(name: str, values: list[Any]) -> dict[str, Any]:
    """Put numbers where they belong; words stand evenly, in the order of the alphabet."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        known = sorted(set(values))
        ticks = {"tickvals": known, "ticktext": [f"{value:g}" for value in known]}
        return {"label": name, "values": values} | (ticks if len(known) <= 8 else {})
    words = sorted({str(value) for value in values})
    return {
        "label": name,
        "values": [words.index(str(value)) for value in values],
        "tickvals": list(range(len(words))),
        "ticktext": labels(words),
    }
