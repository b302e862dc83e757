"""Curves of a training: what they draw is what the history says."""

from __future__ import annotations

from typing import Any

import pytest

from ann_core.plots import training_curves
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


def test_curves_without_history_are_empty_axes() -> None:
    spec = training_curves.curves([], "loss", n_epochs=1)
    assert spec["data"]["values"] == []
    assert len(spec["layer"]) == 1


def test_the_sentence_about_the_curves_has_the_last_numbers() -> None:
    assert training_curves.describe_curves(history(4)) == (
        "After epoch 4: training loss 0.250 and accuracy 75.0%, validation loss 2.000 and "
        "accuracy 50.0%."
    )
