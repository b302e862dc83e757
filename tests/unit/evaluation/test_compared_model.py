"""What the rows of the table of runs predicted, whoever made the prediction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import RunError
from ann_core.evaluation.baselines import Baseline, BaselineSet, baselines_key, save_baselines
from ann_core.evaluation.compared_model import (
    ComparableModels,
    ConfigBaselines,
    find_baselines,
)
from ann_core.evaluation.report import RunReport, report
from ann_core.evaluation.run_table import baseline_id
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.runs.run import Run
from tests.unit.evaluation.test_comparison import config, run

LABELS = np.array([0, 1, 0, 1])
TEST_ROWS = np.array([30, 10, 20, 40])
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]], dtype=np.float32)


def predictions() -> Predictions:
    """Of 12 images, 4 a split; on the test split three of four are correct."""
    return Predictions(
        probabilities=np.tile(PROBABILITIES, (3, 1)),
        labels=np.tile(LABELS, 3),
        splits=np.repeat(["train", "validation", "test"], 4),
        rows=np.concatenate([np.arange(8), TEST_ROWS]),
        feature_rows=np.arange(12)[::-1],
    )


def baseline_set() -> BaselineSet:
    """Baselines of which one always answers 0, and the other is always correct."""
    return BaselineSet(
        (
            Baseline("majority", "", 0.5, 0.5, 0.5, 0.1),
            Baseline("neighbours", "k = 3", None, 1.0, 1.0, 0.2),
        ),
        np.stack([TEST_ROWS, LABELS, LABELS * 0, LABELS]),
    )


def report_of(_: Run) -> RunReport:
    return report(predictions(), ("cat", "dog"))


def test_a_network_is_compared_by_its_test_split() -> None:
    network = run(0.75)
    model = ComparableModels([run(), network], [], report_of).open(network.id, "mine")
    assert (model.title, model.run, model.is_network) == ("mine", network, True)
    assert model.test_predictions.fingerprint == network.config.fingerprint
    assert model.test_predictions.rows.tolist() == TEST_ROWS.tolist()
    assert model.accuracy == 0.75
    assert model.class_names == ("cat", "dog")
    assert model.confidence(20) == pytest.approx(0.7)


@pytest.mark.parametrize(("key", "accuracy"), [("majority", 0.5), ("neighbours", 1.0)])
def test_a_baseline_is_compared_with_the_images_of_a_network_like_it(
    key: str, accuracy: float
) -> None:
    other, waiting, network = run(mode="rgb"), run(None, "queued"), run(seed=3)
    of = ConfigBaselines(config(), baseline_set())
    models = ComparableModels([other, waiting, network], [of], report_of)
    model = models.open(baseline_id(config(), key), "")
    assert model.title == baseline_set().of(key).title
    assert model.accuracy == accuracy
    assert model.run == network, "the only one that was given the same and has a model"
    assert model.confidence(20) is None


def test_what_is_gone_cannot_be_compared() -> None:
    row_id = baseline_id(config(), "majority")
    for baselines in ([], [ConfigBaselines(config(), None)]):
        with pytest.raises(RunError, match="These baselines are gone"):
            ComparableModels([run()], baselines, report_of).open(row_id, "")
    of = ConfigBaselines(config(), baseline_set())
    for runs in ([], [run(mode="rgb")], [run(None, "queued")]):
        with pytest.raises(RunError, match="No network was trained on what these"):
            ComparableModels(runs, [of], report_of).open(row_id, "")


def test_only_rows_with_predictions_have_titles_in_the_order_of_choice() -> None:
    first, second, queued = run(name="one"), run(name="two", seed=4), run(None, "queued")
    of = ConfigBaselines(config(), baseline_set())
    models = ComparableModels([first, second, queued], [of], report_of)
    majority = baseline_id(config(), "majority")
    chosen = [second.id, queued.id, majority, first.id, "gone"]
    assert models.titles(chosen) == {
        second.id: "two, seed 4",
        majority: "Always the most frequent class",
        first.id: "one, seed 0",
    }
    assert list(models.titles(chosen)) == [second.id, majority, first.id]


def test_baselines_are_found_once_for_all_runs_that_share_them(tmp_path: Path) -> None:
    configs = [config(), config(seed=2), config(mode="rgb")]
    save_baselines(
        baseline_set(), tmp_path / baselines_key(configs[0].fingerprint, configs[0].preprocess)
    )
    gray, colour = find_baselines(configs, tmp_path)
    assert (gray.config, colour.config) == (configs[0], configs[2])
    assert gray.fitted is not None
    assert gray.fitted.baselines == baseline_set().baselines
    assert len(gray.titles()) == 2
    assert (colour.fitted, colour.titles()) == (None, {})
