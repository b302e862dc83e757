"""Figures of several runs: curves on one another, settings beside results."""

from __future__ import annotations

import pytest

from ann_core.evaluation.comparison import (
    run_names,
)
from ann_core.plots import comparison_plots as plots
from ann_core.plots.training_curves import MAX_POINTS
from ann_core.training.history import EpochMetrics
from tests.helpers.made_up_runs import run


def history(n_epochs: int, loss: float = 1.0) -> list[EpochMetrics]:
    return [EpochMetrics(n, loss, 0.5, loss / n, 1 - 1 / n, 1.0) for n in range(1, n_epochs + 1)]


def test_curves_lie_on_one_another() -> None:
    spec = plots.overlaid_curves({"a": history(3), "b": history(2)}, "accuracy")
    drawn = [(p["run"], p["epoch"], p["value"]) for p in spec["data"]["values"]]
    assert drawn == [
        ("a", 1, 0.0),
        ("a", 2, 0.5),
        ("a", 3, 1 - 1 / 3),
        ("b", 1, 0.0),
        ("b", 2, 0.5),
    ]
    [lines] = spec["layer"]
    dashes = lines["encoding"]["strokeDash"]["scale"]
    assert dashes["domain"] == ["a", "b"]
    assert dashes["range"][0] != dashes["range"][1], "not by colour alone"
    first, second = lines["encoding"]["strokeWidth"]["scale"]["range"]
    assert first > second, "seen also where they coincide"
    sentence = plots.describe_overlaid({"a": history(3), "b": history(2)}, "loss")
    assert sentence.endswith("a: 0.333 after epoch 3; b: 0.500 after epoch 2")


def test_a_single_curve_is_solid_and_as_broad_as_others() -> None:
    [line] = plots.overlaid_curves({"a": history(3)}, "loss")["layer"]
    assert set(line["encoding"]) == {"x", "y", "color"}
    assert line["mark"]["strokeWidth"] == 2.0


@pytest.mark.parametrize("n_epochs", [1, 299, 300, 301, 599, 600, 1000])
def test_a_curve_has_at_most_300_points_and_keeps_the_last(n_epochs: int) -> None:
    kept = plots.thinned(history(n_epochs))
    assert len(kept) <= MAX_POINTS
    assert kept[-1].epoch == n_epochs
    assert len(kept) >= min(n_epochs, MAX_POINTS // 2)


def test_no_two_curves_have_the_same_name() -> None:
    runs = [run(name="same"), run(name="same"), run(name="same", seed=1), run()]
    names = run_names(runs)
    assert list(names) == [each.id for each in runs]
    assert len(set(names.values())) == 4
    assert names[runs[3].id] == "toy, seed 0"


def test_names_say_what_differs() -> None:
    runs = [run(hidden_units=(128, 32)), run(hidden_units=(64,), seed=1)]
    assert [*run_names(runs).values()] == ["toy, 128-32, seed 0", "toy, 64, seed 1"]
    assert [*run_names([run(dropout_rate=0.5), run()]).values()] == [
        "toy, dropout 0.5, seed 0",
        "toy, dropout 0.0, seed 0",
    ]


def test_each_run_is_a_line_through_its_settings() -> None:
    runs = [
        run(0.9, validation=0.5, learning_rate=0.1, activation="tanh"),
        run(0.9, validation=0.7, learning_rate=0.01),
    ]
    [lines] = plots.parallel_figure(runs).data
    axes = {axis.label: axis for axis in lines.dimensions}
    assert list(axes) == ["activation", "learning rate", "validation"]
    assert axes["validation"]["values"] == (0.5, 0.7)
    assert axes["learning rate"]["values"] == (0.1, 0.01)
    ticks = dict(zip(axes["activation"].tickvals, axes["activation"].ticktext, strict=True))
    assert [ticks[value] for value in axes["activation"]["values"]] == ["tanh", "relu"]


def test_names_of_many_axes_are_slanted() -> None:
    changes = {
        **{"optimizer": "sgd", "activation": "tanh", "schedule": "cosine", "learning_rate": 0.1},
        **{"batch_size": 8, "dropout_rate": 0.5, "epochs": 3, "seed": 4, "l2": 0.1},
    }
    few = plots.parallel_figure([run(0.9), run(0.9, seed=4)])
    many = plots.parallel_figure([run(0.9), run(0.9, **changes)])
    assert few.data[0].labelangle == 0
    assert many.data[0].labelangle < 0
    assert many.layout.margin.t > few.layout.margin.t
