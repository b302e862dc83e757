"""What makes runs different: settings, seeds, disagreements, and the table of all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from statistics import mean, stdev
from typing import Any

import numpy as np
import pytest
from scipy import stats

from ann_core.errors import RunError
from ann_core.evaluation.baselines import Baseline, BaselineSet
from ann_core.evaluation.comparison import (
    HeldOutPredictions,
    compare_pair,
    differing,
    mean_std,
    new_seeds,
    run_names,
    same_but_seed,
    same_preprocessing,
    settings_of,
    with_seed,
)
from ann_core.evaluation.run_table import (
    COLUMNS,
    TableRow,
    baseline_id,
    baseline_rows,
    is_baseline_id,
    matches,
    rows_frame,
    run_row,
    run_rows,
    seed_row,
)
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots import comparison_plots as plots
from ann_core.plots.training_curves import MAX_POINTS
from ann_core.runs.job import check_run_id, new_run_id
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run, RunConfig
from ann_core.training.history import EpochMetrics
from ann_core.training.network_config import NetworkConfig
from tests.helpers.registry import RESULT

N_TEST = 200


def config(**changes: Any) -> RunConfig:
    """Settings of a run; `changes` of any of its three parts."""
    values: dict[str, Any] = {"dataset": "toy", "fingerprint": "0" * 32}
    for part, kind in (("network", NetworkConfig), ("preprocess", PreprocessConfig)):
        own = {name: value for name, value in changes.items() if name in kind.model_fields}
        values[part] = kind.parse(own)
    values |= {name: value for name, value in changes.items() if name in RunConfig.model_fields}
    return RunConfig.parse(values)


def run(accuracy: float | None = 0.5, status: str = "done", name: str = "", **changes: Any) -> Run:
    """A run with a result, or without one."""
    result = None
    if accuracy is not None:
        result = RESULT.model_copy(
            update={
                "test": replace(RESULT.test, accuracy=accuracy, n_images=N_TEST),
                "n_parameters": 10,
                "seconds": 2.0,
                "best_epoch": 3,
                "accuracy": {"train": 0.9, "validation": 0.6, "test": accuracy},
            }
        )
    values: dict[str, Any] = {"id": new_run_id(), "name": name, "owner": "", "attempt": 1}
    values |= {"losses": 0, "requested": "run", "phase": "", "batch": 0, "n_batches": 0}
    values |= {"error_kind": None, "error": None, "started": None, "finished": None}
    values |= {"created": datetime(2026, 1, 1, tzinfo=UTC), "epoch": 7, "checkpoint": None}
    return Run(status=status, result=result, config=config(**changes), **values)  # type: ignore[arg-type]


def held_out(
    predicted: np.ndarray, labels: np.ndarray, rows: np.ndarray | None = None
) -> HeldOutPredictions:
    return HeldOutPredictions(
        "f", np.arange(len(labels)) if rows is None else rows, labels, predicted
    )


# Settings


def test_every_setting_of_a_run_is_told() -> None:
    told = settings_of(config())
    fields = {*NetworkConfig.model_fields, *PreprocessConfig.model_fields, "dataset"}
    assert len(told) == len(fields), "a setting was added and is not compared"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"seed": 3}, ["seed"]),
        ({"hidden_units": (3, 2), "epochs": 5}, ["hidden layers", "epochs"]),
        ({"image_size": (8, 9), "mode": "rgb"}, ["picture size", "mode"]),
        ({"batch_normalization": True, "l2": 0.1}, ["batch normalisation", "L2"]),
        ({"dataset": "other", "scaling": "standard"}, ["data set", "scaling"]),
        ({}, []),
    ],
)
def test_settings_that_differ_are_named_in_order(changes: dict[str, Any], names: list[str]) -> None:
    assert differing([config(), config(**changes), config()]) == names


# Seeds


def test_runs_that_differ_in_their_seed_only_are_together() -> None:
    first, second, other, third = run(seed=1), run(seed=2), run(epochs=9), run(seed=3)
    assert same_but_seed([first, second, other, third]) == [[first, second, third], [other]]


def test_mean_and_spread_are_those_of_the_textbook() -> None:
    values = [0.5, 0.6, 0.75]
    found = mean_std(values)
    assert found is not None
    assert (found.mean, found.n) == (pytest.approx(np.mean(values)), 3)
    assert found.std == pytest.approx(np.std(values, ddof=1))
    assert (found.lowest, found.highest) == (0.5, 0.75)
    alone = mean_std([0.5])
    assert alone is not None
    assert alone.std is None
    assert mean_std([]) is None


def test_only_new_seeds_are_filed() -> None:
    failed = run(None, "failed", seed=2)
    known = [run(seed=0), run(None, "queued", seed=1), failed, run(seed=7, epochs=9)]
    assert new_seeds(known, config(), 4) == [3, 4], "2 has failed, 7 is another network"
    assert new_seeds(known, config(), 2) == []
    assert new_seeds([], config(seed=5), 3) == [0, 1, 2]
    assert with_seed(config(), 9) == config(seed=9)


# Disagreements


def test_luck_is_what_scipy_says() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 500)
    first = np.where(rng.random(500) < 0.7, labels, (labels + 1) % 3)
    second = np.where(rng.random(500) < 0.6, labels, (labels + 2) % 3)
    found = compare_pair(held_out(first, labels), held_out(second, labels))
    correct, other = first == labels, second == labels
    assert found.only_first.tolist() == np.flatnonzero(correct & ~other).tolist()
    assert found.only_second.tolist() == np.flatnonzero(~correct & other).tolist()
    n_apart = len(found.only_first) + len(found.only_second)
    expected = stats.binomtest(len(found.only_first), n_apart, 0.5).pvalue
    assert found.test.p_value == pytest.approx(expected)
    assert found.difference == pytest.approx(correct.mean() - other.mean())


def test_images_are_matched_by_their_rows_in_any_order() -> None:
    labels = np.array([0, 1, 0, 1])
    first = held_out(np.array([0, 1, 1, 1]), labels, np.array([10, 20, 30, 40]))
    second = held_out(np.array([1, 0, 0]), np.array([1, 0, 0]), np.array([40, 30, 99]))
    found = compare_pair(first, second)
    assert found.n_images == 2, "the first was not asked about 99, the second not about 10 and 20"
    assert (found.only_first.tolist(), found.only_second.tolist()) == ([], [30])
    assert (found.labels, found.first_predicted, found.second_predicted) == (
        {30: 0},
        {30: 1},
        {30: 0},
    )


def test_two_that_always_agree_differ_by_luck_only() -> None:
    labels = np.array([0, 1])
    found = compare_pair(held_out(labels, labels), held_out(labels, labels))
    assert (found.test.p_value, found.test.is_significant, found.difference) == (1.0, False, 0.0)


def test_different_images_cannot_be_compared() -> None:
    labels = np.array([0, 1])
    other = HeldOutPredictions("g", np.arange(2), labels, labels)
    with pytest.raises(RunError, match="tested on the same pictures"):
        compare_pair(held_out(labels, labels), other)
    elsewhere = held_out(labels, labels, np.array([5, 6]))
    with pytest.raises(RunError, match="share no test picture"):
        compare_pair(held_out(labels, labels), elsewhere)


def test_only_the_test_split_of_a_network_counts() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], dtype=np.float32)
    splits = np.array(["train", "test", "test"])
    predictions = Predictions(
        probabilities, np.array([0, 1, 1]), splits, np.arange(3), np.arange(3)
    )
    found = HeldOutPredictions.of_run(predictions, "f")
    assert (found.rows.tolist(), found.predicted.tolist(), found.labels.tolist()) == (
        [1, 2],
        [1, 0],
        [1, 1],
    )


# The table


def baselines() -> BaselineSet:
    labels = np.arange(N_TEST) % 2
    predictions = np.stack([np.arange(N_TEST), labels, labels * 0, labels]).astype(np.int64)
    return BaselineSet(
        (
            Baseline("majority", "", 0.5, 0.5, 0.5, 0.1),
            Baseline("neighbours", "k = 3", None, 0.9, 1.0, 0.2),
        ),
        predictions,
    )


def test_a_row_of_a_run_has_its_figures() -> None:
    one = run(0.75, name="mine", hidden_units=(4, 3), image_size=(8, 9), scaling="standard")
    values = run_row(one).values
    assert tuple(values) == COLUMNS
    low, high = stats.binomtest(150, N_TEST).proportion_ci(method="wilson")
    assert (values["test at least"], values["test at most"]) == pytest.approx((low, high))
    expected = {"name": "mine", "hidden layers": "4-3", "pictures": "8×9 gray, standardised"}
    expected |= {"train": 0.9, "validation": 0.6, "test": 0.75, "epochs": 7, "best epoch": 3}
    assert {name: values[name] for name in expected} == expected


def test_a_run_without_a_result_and_one_of_an_older_flatland_have_gaps() -> None:
    waiting = run_row(run(None, "queued")).values
    assert (waiting["test"], waiting["parameters"], waiting["status"]) == (None, None, "queued")
    old = run(0.5)
    values = old.learned.as_dict()
    del values["accuracy"]
    old = replace(old, result=RunResult.parse(values))
    assert (run_row(old).values["train"], run_row(old).values["test"]) == (None, 0.5)


def test_seeds_as_one_row() -> None:
    accuracies = [0.5, 0.6, 0.55]
    alike = [run(share, seed=seed) for seed, share in enumerate(accuracies)]
    row = seed_row([*alike, run(None, "running", seed=9)])
    assert len(row.ids) == 4
    assert row.values["test"] == pytest.approx(mean(accuracies))
    assert row.values["spread"] == pytest.approx(stdev(accuracies))
    assert (row.values["runs"], row.values["seed"]) == (3, None)
    assert row.values["status"] == "3 with a result, 1 without"
    other = run(epochs=9)
    assert [row.ids for row in run_rows([alike[0], other, alike[1]], by_seed=True)] == [
        (alike[0].id, alike[1].id),
        (other.id,),
    ]
    assert len(run_rows(alike, by_seed=False)) == 3
    assert seed_row(alike[:1]) == run_row(alike[0])


def test_baselines_are_marked_rows_of_the_same_table() -> None:
    like = config(image_size=(8, 8))
    majority, neighbours = baseline_rows(baselines(), like)
    assert majority.values["kind"] == "baseline" != run_row(run()).values["kind"]
    assert tuple(majority.values) == COLUMNS
    assert (neighbours.values["notes"], neighbours.values["train"]) == ("k = 3", None)
    assert neighbours.values["test at most"] == 1.0
    assert majority.ids == (baseline_id(like, "majority"),)
    assert is_baseline_id(majority.ids[0])
    assert baseline_id(config(scaling="standard"), "majority") != baseline_id(config(), "majority")


@pytest.mark.parametrize("text", ["", "majority.", "../../x", "other.0123456789abcdef", "A" * 16])
def test_other_words_name_no_baseline(text: str) -> None:
    assert not is_baseline_id(text)
    with pytest.raises(RunError):
        check_run_id(baseline_id(config(), "majority"))


def test_the_table_marks_what_is_missing() -> None:
    table = rows_frame([run_row(run(0.75, seed=3)), run_row(run(None, "queued", seed=4))])
    assert tuple(table.columns) == COLUMNS
    assert table["seed"].tolist() == [3, 4]
    assert table["test"].iloc[0] == 0.75
    assert table[["test", "best epoch", "seconds"]].iloc[1].isna().all()
    types = table.dtypes.astype(str)
    assert (types["seed"], types["test"], types["seconds"]) == ("Int64", "Float64", "Float64")
    assert tuple(rows_frame([]).columns) == COLUMNS


def test_words_find_rows() -> None:
    row = TableRow(("a",), {"name": "First TRY", "data set": "cats", "seed": None, "test": 0.75})
    for text in ("", "first", "try cats", "CATS first 0.75"):
        assert matches(row, text), text
    assert not matches(row, "first dogs")
    assert not matches(row, "none")


def test_what_shares_its_baselines() -> None:
    configs = [config(), config(seed=3), config(mode="rgb"), config(dataset="again", epochs=3)]
    assert same_preprocessing(configs) == [configs[0], configs[2]]
    assert same_preprocessing([]) == []


# Figures


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
    dashes = spec["encoding"]["strokeDash"]["scale"]
    assert dashes["domain"] == ["a", "b"]
    assert dashes["range"][0] != dashes["range"][1], "not by colour alone"
    told = plots.describe_overlaid({"a": history(3), "b": history(2)}, "loss")
    assert told.endswith("a: 0.333 after epoch 3; b: 0.500 after epoch 2")


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


def test_each_run_is_a_line_through_its_settings() -> None:
    runs = [run(0.5, learning_rate=0.1, activation="tanh"), run(0.7, learning_rate=0.01)]
    [lines] = plots.parallel_figure(runs).data
    axes = {axis.label: axis for axis in lines.dimensions}
    assert list(axes) == ["activation", "learning rate", "test accuracy"]
    assert axes["test accuracy"]["values"] == (0.5, 0.7)
    assert axes["learning rate"]["values"] == (0.1, 0.01)
    ticks = dict(zip(axes["activation"].tickvals, axes["activation"].ticktext, strict=True))
    assert [ticks[value] for value in axes["activation"]["values"]] == ["tanh", "relu"]
