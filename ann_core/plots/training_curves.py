"""Loss and accuracy over the epochs, as Vega-Lite dictionaries that redraw quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ann_core.plots.theme import (
    TRAINING_COLOUR,
    VALIDATION_COLOUR,
)
from ann_core.training.history import EpochMetrics, best_of

MAX_POINTS = 300
FIRST_AXIS = 20  # epochs


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
