"""Loss and accuracy over the epochs, as Vega-Lite dictionaries that redraw quickly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from ann_core.plots import vega_lite as vl
from ann_core.plots.theme import TRAINING_COLOUR, VALIDATION_COLOUR
from ann_core.training.history import EpochMetrics, best_of

MAX_POINTS = 300
FIRST_AXIS = 20  # epochs
_MAX_DECIMALS = 7

Quantity = Literal["loss", "accuracy"]


def curves(history: Sequence[EpochMetrics], quantity: Quantity, n_epochs: int) -> vl.Spec:
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
    shown = thinned(history)
    values = [
        {"epoch": metrics.epoch, "split": split, "value": metrics.as_dict()[column]}
        for metrics in shown
        for split, column in (("training", quantity), ("validation", f"val_{quantity}"))
    ]
    end = _last_epoch_shown(len(history), n_epochs)
    x = epoch_axis(scale={"domain": [1, max(2, end)]})
    colours, dashes = [TRAINING_COLOUR, VALIDATION_COLOUR], [[1, 0], [5, 4]]
    looks: dict[str, Any] = {"color": colours, "strokeDash": dashes}
    legend = {"title": None, "orient": "top", "offset": 4}
    by_split = vl.styled("split", ["training", "validation"], looks, legend=legend)
    channels = {"x": x, "y": quantity_axis(quantity, values), **by_split}
    layers = [vl.layer("line", channels, point=len(shown) < 20)]
    if history:
        layers.append(_best_epoch_rule(best_of(history), x))
    title = quantity.capitalize()
    return vl.chart(layers, height=320, title=title, **vl.data(values))


def thinned(history: Sequence[EpochMetrics]) -> list[EpochMetrics]:
    """Take at most 300 epochs, evenly, the last one among them."""
    step = -(-len(history) // (MAX_POINTS - 1)) or 1
    return [m for m in history if m.epoch % step == 0 or m.epoch == len(history)]


def epoch_axis(**options: Any) -> vl.Spec:
    """Epochs from left to right."""
    axis = {"title": "epoch", "tickMinStep": 1, "tickCount": 8, "grid": False}
    return vl.number("epoch", axis=axis, **options)


def quantity_axis(quantity: Quantity, values: Sequence[vl.Spec]) -> vl.Spec:
    """Losses, or accuracies in percent, as high as they are; no two ticks have the same text.

    Parameters
    ----------
    values : sequence of dict
        Each with a "value"; the closer they lie, the more decimals ticks have.
    """
    decimals = _decimals([each["value"] for each in values])
    style = f".{decimals - 2}%" if quantity == "accuracy" else f".{decimals}f"
    step = 10.0**-decimals
    axis = {"title": None, "tickCount": vl.N_TICKS, "tickMinStep": step, "format": style}
    scale = {"zero": False} | ({"domainMax": 1} if quantity == "accuracy" else {})
    return vl.number("value", scale=scale, axis=axis)


def _decimals(values: Sequence[float]) -> int:
    """Count the decimals that tell ticks apart: two, or more where values lie close together."""
    span = max(values, default=1.0) - min(values, default=0.0)
    if not 0 < span < math.inf:
        return 2
    return min(_MAX_DECIMALS, max(2, math.ceil(-math.log10(span / (2 * vl.N_TICKS)))))


def _last_epoch_shown(n_done: int, n_epochs: int) -> int:
    end = FIRST_AXIS
    while end < n_done:
        end *= 2
    return min(end, n_epochs)


def _best_epoch_rule(epoch: int, x: vl.Spec) -> vl.Spec:
    tooltip = [vl.name("note"), vl.number("epoch")]
    channels = {"x": x, "tooltip": tooltip, "y": {"value": 0}, "y2": {"value": "height"}}
    values = [{"epoch": epoch, "note": "lowest validation loss"}]
    return vl.layer("rule", channels, values, color=VALIDATION_COLOUR, strokeWidth=2)


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
