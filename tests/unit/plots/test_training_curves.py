"""Curves of a training: what they draw is what the history says."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ann_core.plots import training_curves
from ann_core.plots.training_curves import Quantity
from ann_core.training.history import EpochMetrics


def history(n_epochs: int) -> list[EpochMetrics]:
    """Validation loss is lowest in epoch 3."""
    return [
        EpochMetrics(
            epoch=epoch,
            loss=1 / epoch,
            accuracy=1 - 1 / epoch,
            val_loss=1 + abs(epoch - 3),
            val_accuracy=0.5,
            seconds=1.0,
        )
        for epoch in range(1, n_epochs + 1)
    ]


def curve(spec: dict[str, Any], split: str) -> list[tuple[int, float]]:
    values = spec["data"]["values"]
    return [(point["epoch"], point["value"]) for point in values if point["split"] == split]


def test_curves_show_every_epoch_of_both_splits() -> None:
    epochs = history(5)
    spec = training_curves.curves(epochs, "loss", n_epochs=10)
    assert curve(spec, "training") == [(m.epoch, m.loss) for m in epochs]
    assert curve(spec, "validation") == [(m.epoch, m.val_loss) for m in epochs]
    line, rule = spec["layer"]
    assert line["encoding"]["x"]["scale"]["domain"] == [1, 10]
    assert rule["data"]["values"][0]["epoch"] == 3
    assert line["encoding"]["strokeDash"]["scale"]["range"][0] == [1, 0], "training is solid"


def test_curves_of_many_epochs_are_thinned_out_but_keep_the_last() -> None:
    spec = training_curves.curves(history(1000), "accuracy", n_epochs=1000)
    shown = [epoch for epoch, _ in curve(spec, "training")]
    assert len(shown) <= training_curves.MAX_POINTS + 1
    assert shown[-1] == 1000


@pytest.mark.parametrize(
    ("n_done", "n_epochs", "end"), [(1, 10, 10), (20, 100, 20), (21, 100, 40), (81, 100, 100)]
)
def test_few_of_many_epochs_fill_the_axis(n_done: int, n_epochs: int, end: int) -> None:
    line, *_ = training_curves.curves(history(n_done), "loss", n_epochs)["layer"]
    assert line["encoding"]["x"]["scale"]["domain"] == [1, end]


@pytest.mark.parametrize("quantity", ["loss", "accuracy"])
@pytest.mark.parametrize("span", [0.9, 0.11, 0.05, 0.006, 0.0003, 0.00001])
def test_no_two_ticks_have_the_same_text(quantity: Quantity, span: float) -> None:
    values = [{"value": 0.1}, {"value": 0.1 + span}]
    axis = training_curves.quantity_axis(quantity, values)["axis"]
    step = max(nice_step(span / axis["tickCount"]), axis["tickMinStep"])
    first = math.ceil(0.1 / step - 1e-9)
    ticks = [step * number for number in range(first, math.floor((0.1 + span) / step) + 1)]
    assert len({format(tick, axis["format"]) for tick in ticks}) == len(ticks) > 1


def nice_step(least: float) -> float:
    """The 1, 2 or 5 times a power of ten that D3 takes between ticks, at its narrowest."""
    power = 10.0 ** math.floor(math.log10(least))
    factors = [(50**0.5, 10), (10**0.5, 5), (2**0.5, 2), (0, 1)]
    return next(factor for limit, factor in factors if least / power >= limit) * power


def test_curves_without_history_are_empty_axes() -> None:
    spec = training_curves.curves([], "loss", n_epochs=1)
    assert spec["data"]["values"] == []
    assert len(spec["layer"]) == 1


def test_the_sentence_about_the_curves_has_the_last_numbers() -> None:
    assert training_curves.describe_curves(history(4)) == (
        "After epoch 4: training loss 0.250 and accuracy 75.0%, validation loss 2.000 and "
        "accuracy 50.0%."
    )
