"""Numbers become figures: Vega-Lite dictionaries for live curves, Plotly for the rest.

All colours of the app's figures stand here. Classes have Okabe and Ito's palette,
in one fixed order on every page; training is solid, validation dashed.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.metrics import Evaluation
from ann_core.prediction.classifier import Prediction
from ann_core.training.loop import EpochMetrics, best_of

CLASS_COLOURS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"),
    *("#999999", "#8C564B", "#9467BD"),  # beyond Okabe and Ito's, for ten digits
)
TRAINING_COLOUR, VALIDATION_COLOUR = "#7a7f87", "#009E73"
HEAT_SCALE = "Viridis"  # even in lightness, readable without colour vision
MAX_POINTS = 300
FIRST_AXIS = 20  # epochs
MAX_BARS = 20  # classes that a figure names; the rest would be a blur

_SPLIT_PATTERNS = {"train": "", "validation": "/", "test": "."}
_MAX_LABEL = 24
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}


def class_colour(label: int) -> str:
    """Colour of the class with this index, the same everywhere; repeats after ten."""
    return CLASS_COLOURS[label % len(CLASS_COLOURS)]


def curves(
    history: Sequence[EpochMetrics], quantity: Literal["loss", "accuracy"], n_epochs: int
) -> dict[str, Any]:
    """Draw one quantity over the epochs, for training and validation.

    Parameters
    ----------
    history : sequence of EpochMetrics
        Thinned out to 300 points for the browser's sake.
    n_epochs : int
        Right end of the axis, so that the curve grows into its place; while few of
        many epochs have ended, the axis ends at 20, 40, 80, ...

    Returns
    -------
    dict
        A Vega-Lite specification with its data.
    """
    step = -(-len(history) // MAX_POINTS) or 1
    shown = [m for m in history if m.epoch % step == 0 or m.epoch == len(history)]
    values = [
        {"epoch": m.epoch, "split": split, "value": value}
        for m in shown
        for split, value in _both(m, quantity)
    ]
    x = _epoch_axis(_last_epoch_shown(len(history), n_epochs))
    line = {"mark": _line(len(shown)), "encoding": {"x": x, **_curve_encoding(quantity)}}
    return {
        "data": {"values": values},
        "title": {"text": quantity.capitalize(), "anchor": "start", "offset": 4},
        "height": 320,
        "layer": [line, _best_epoch_rule(best_of(history), x)] if history else [line],
    }


def _last_epoch_shown(n_done: int, n_epochs: int) -> int:
    end = FIRST_AXIS
    while end < n_done:
        end *= 2
    return min(end, n_epochs)


def _both(metrics: EpochMetrics, quantity: str) -> list[tuple[str, float]]:
    values = metrics.as_dict()
    return [("training", values[quantity]), ("validation", values[f"val_{quantity}"])]


def _line(n_points: int) -> dict[str, Any]:
    return {"type": "line", "strokeWidth": 2, "point": n_points < 20, "tooltip": True}


def _epoch_axis(n_epochs: int) -> dict[str, Any]:
    return {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"domain": [1, max(2, n_epochs)]},
        "axis": {"title": "epoch", "tickMinStep": 1, "tickCount": 8, "grid": False},
    }


def _curve_encoding(quantity: str) -> dict[str, Any]:
    domain = ["training", "validation"]
    colours = {"domain": domain, "range": [TRAINING_COLOUR, VALIDATION_COLOUR]}
    dashes = {"domain": domain, "range": [[1, 0], [5, 4]]}
    legend = {"title": None, "orient": "top", "offset": 4, "symbolType": "stroke"}
    legend |= {"symbolSize": 400}
    axis: dict[str, Any] = {"title": None, "tickCount": 5, "tickMinStep": 0.01}
    axis["format"] = ".0%" if quantity == "accuracy" else ".2f"
    return {
        "y": {
            "field": "value",
            "type": "quantitative",
            "scale": {"zero": False},
            "axis": axis,
        },
        "color": {"field": "split", "type": "nominal", "scale": colours, "legend": legend},
        "strokeDash": {"field": "split", "type": "nominal", "scale": dashes, "legend": legend},
    }


def _best_epoch_rule(epoch: int, x: dict[str, Any]) -> dict[str, Any]:
    return {
        "mark": {"type": "rule", "color": VALIDATION_COLOUR, "opacity": 0.5, "tooltip": True},
        "data": {"values": [{"epoch": epoch, "note": "lowest validation loss"}]},
        "encoding": {
            "x": x,
            "tooltip": [{"field": "note"}, {"field": "epoch"}],
            "y": {"value": 0},
            "y2": {"value": "height"},
        },
    }


def describe_curves(history: Sequence[EpochMetrics]) -> str:
    """Say in a sentence what the curves show, for those who cannot see them."""
    if not history:
        return "No epoch has ended yet."
    last = history[-1]
    return (
        f"After epoch {last.epoch}: training loss {last.loss:.3f} and accuracy "
        f"{last.accuracy:.1%}, validation loss {last.val_loss:.3f} and accuracy "
        f"{last.val_accuracy:.1%}."
    )


def counts_figure(info: DatasetInfo) -> go.Figure:
    """Draw pictures by class and split as stacked bars."""
    places = list(range(len(info.class_names)))
    figure = go.Figure()
    for split, pattern in _SPLIT_PATTERNS.items():
        figure.add_bar(
            y=places,
            x=[info.counts[name].get(split, 0) for name in info.class_names],
            name=split,
            orientation="h",
            marker={
                "color": [class_colour(place) for place in places],
                "pattern": {"shape": pattern, "fgcolor": "white", "fgopacity": 0.8, "size": 6},
            },
            customdata=labels(info.class_names),
            hovertemplate="%{customdata}, " + split + ": %{x:,} pictures<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=90 + 26 * min(len(places), MAX_BARS),
        margin=_MARGIN,
        showlegend=False,
        xaxis={"title": "pictures"},
        yaxis=_class_axis(info.class_names) | {"autorange": "reversed"},
    )
    return figure


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
            customdata=[[(truth, answer) for answer in names] for truth in names],
            hovertemplate="%{z:,} pictures of %{customdata[0]} were called %{customdata[1]}"
            "<extra></extra>",
        )
    )
    figure.update_layout(
        height=120 + 44 * min(n_classes, 12),
        margin=_MARGIN,
        xaxis=_class_axis(evaluation.class_names) | {"title": "answer"},
        yaxis=_class_axis(evaluation.class_names) | {"title": "truth", "autorange": "reversed"},
    )
    return figure


def probabilities_figure(prediction: Prediction) -> go.Figure:
    """Draw one bar a class, from 0 to 100 %; of very many classes the most probable."""
    shown = sorted(range(len(prediction.class_names)), key=lambda i: -prediction.probabilities[i])
    shown = sorted(shown[:MAX_BARS])
    names = [prediction.class_names[i] for i in shown]
    values = [prediction.probabilities[i] for i in shown]
    figure = go.Figure(
        go.Bar(
            y=list(range(len(shown))),
            x=values,
            orientation="h",
            marker={"color": [class_colour(i) for i in shown]},
            text=[f"{value:.1%}" for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=labels(names),
            hovertemplate="%{customdata}: %{x:.2%}<extra></extra>",
        )
    )
    figure.update_layout(
        height=60 + 34 * len(shown),
        margin=_MARGIN | {"r": 48},
        xaxis={"range": [0, 1], "tickformat": ".0%", "title": "probability"},
        yaxis=_class_axis(names) | {"autorange": "reversed"},
    )
    return figure


def labels(names: Sequence[str]) -> list[str]:
    """Class names as they may stand in a figure: cut off, and never read as HTML."""
    cut = [name if len(name) <= _MAX_LABEL else f"{name[: _MAX_LABEL - 1]}…" for name in names]
    return [html.escape(name, quote=False) for name in cut]


def _class_axis(names: Sequence[str]) -> dict[str, Any]:
    """Name the places 0, 1, 2, ... of an axis: two names may look alike once cut off."""
    step = -(-len(names) // MAX_BARS) or 1
    places = list(range(0, len(names), step))
    return {"tickvals": places, "ticktext": [labels(names)[place] for place in places]}
