"""What makes runs different: settings, seeds, and the images on which they disagree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from ann_core.errors import RunError
from ann_core.evaluation.comparison import (
    HeldOutPredictions,
    compare_pair,
    differing,
    mean_std,
    new_seeds,
    one_per_seed,
    same_but_seed,
    same_preprocessing,
    settings_of,
    with_seed,
)
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.network_config import NetworkConfig
from tests.helpers.made_up_runs import config, run


def held_out(
    predicted: np.ndarray, labels: np.ndarray, rows: np.ndarray | None = None
) -> HeldOutPredictions:
    return HeldOutPredictions(
        "f", np.arange(len(labels)) if rows is None else rows, labels, predicted
    )


def test_every_setting_of_a_run_is_told() -> None:
    settings = settings_of(config())
    fields = {*NetworkConfig.model_fields, *PreprocessConfig.model_fields, "dataset", "variation"}
    assert len(settings) == len(fields), "a setting was added and is not compared"


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


def test_runs_that_differ_in_their_seed_only_are_together() -> None:
    first, second, other, third = run(seed=1), run(seed=2), run(epochs=9), run(seed=3)
    assert same_but_seed([first, second, other, third]) == [[first, second, third], [other]]


def test_mean_and_spread_are_those_of_the_textbook() -> None:
    values = [0.5, 0.6, 0.75]
    summary = mean_std(values)
    assert summary is not None
    assert (summary.mean, summary.n) == (pytest.approx(np.mean(values)), 3)
    assert summary.std == pytest.approx(np.std(values, ddof=1))
    assert (summary.lowest, summary.highest) == (0.5, 0.75)
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
    twice = [run(seed=0), run(seed=0), run(0.5, "stopped", seed=1)]
    assert new_seeds(twice, config(), 3) == [2, 3], "0 counts once, 1 was stopped"
    assert with_seed(config(), 9) == config(seed=9)


def test_each_seed_counts_by_its_newest_finished_run() -> None:
    first, again = run(seed=3), run(seed=3, day=5)
    other, stopped = run(seed=0), run(0.5, "stopped", seed=1)
    assert one_per_seed([again, first, other, stopped, run(None, "queued", seed=4)]) == [
        other,
        again,
    ]


def test_luck_is_what_scipy_says() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 500)
    first = np.where(rng.random(500) < 0.7, labels, (labels + 1) % 3)
    second = np.where(rng.random(500) < 0.6, labels, (labels + 2) % 3)
    comparison = compare_pair(held_out(first, labels), held_out(second, labels))
    correct, other = first == labels, second == labels
    assert comparison.only_first.tolist() == np.flatnonzero(correct & ~other).tolist()
    assert comparison.only_second.tolist() == np.flatnonzero(~correct & other).tolist()
    n_apart = len(comparison.only_first) + len(comparison.only_second)
    expected = stats.binomtest(len(comparison.only_first), n_apart, 0.5).pvalue
    assert comparison.test.p_value == pytest.approx(expected)
    assert comparison.difference == pytest.approx(correct.mean() - other.mean())


def test_images_are_matched_by_their_rows_in_any_order() -> None:
    labels = np.array([0, 1, 0, 1])
    first = held_out(np.array([0, 1, 1, 1]), labels, np.array([10, 20, 30, 40]))
    second = held_out(np.array([1, 0, 0]), np.array([1, 0, 0]), np.array([40, 30, 99]))
    comparison = compare_pair(first, second)
    assert comparison.n_images == 2, (
        "the first was not asked about 99, the second not about 10 and 20"
    )
    assert (comparison.only_first.tolist(), comparison.only_second.tolist()) == ([], [30])
    assert (comparison.labels, comparison.first_predicted, comparison.second_predicted) == (
        {30: 0},
        {30: 1},
        {30: 0},
    )


def test_two_that_always_agree_shares_may_be_equal_only() -> None:
    labels = np.array([0, 1])
    comparison = compare_pair(held_out(labels, labels), held_out(labels, labels))
    assert (comparison.test.p_value, comparison.test.is_significant, comparison.difference) == (
        1.0,
        False,
        0.0,
    )


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
    test = HeldOutPredictions.of_run(predictions, "f")
    assert (test.rows.tolist(), test.predicted.tolist(), test.labels.tolist()) == (
        [1, 2],
        [1, 0],
        [1, 1],
    )


def test_what_shares_its_baselines() -> None:
    configs = [config(), config(seed=3), config(mode="rgb"), config(dataset="again", epochs=3)]
    assert same_preprocessing(configs) == [configs[0], configs[2]]
    assert same_preprocessing([]) == []
