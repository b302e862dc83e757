"""The file of all answers: what goes in comes out, and nothing else comes out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import DamagedFileError, RunError
from ann_core.evaluation.stored_predictions import Predictions, load_predictions, save_predictions

COLUMNS = ("probabilities", "labels", "splits", "rows", "feature_rows")


@pytest.fixture
def predictions() -> Predictions:
    rng = np.random.default_rng(0)
    raw = rng.uniform(size=(12, 3)).astype(np.float32)
    return Predictions(
        probabilities=raw / raw.sum(axis=1, keepdims=True),
        labels=np.arange(12) % 3,
        splits=np.array(["train", "test", "validation", "train"] * 3),
        rows=np.arange(12) * 2,
        feature_rows=np.arange(12),
    )


@pytest.fixture
def path(predictions: Predictions, tmp_path: Path) -> Path:
    save_predictions(predictions, tmp_path / "answers.npz")
    return tmp_path / "answers.npz"


def test_they_survive_their_file(predictions: Predictions, path: Path) -> None:
    again = load_predictions(path, n_classes=3)
    for column in COLUMNS:
        assert np.array_equal(getattr(again, column), getattr(predictions, column)), column


def test_what_follows_from_them(predictions: Predictions) -> None:
    predicted = [int(np.argmax(row)) for row in predictions.probabilities]
    assert predictions.predicted.tolist() == predicted
    assert predictions.confidence.tolist() == [max(row) for row in predictions.probabilities]
    assert predictions.correct.tolist() == [
        a == b for a, b in zip(predicted, predictions.labels, strict=True)
    ]
    assert len(predictions) == 12


def test_those_of_a_split_keep_their_order(predictions: Predictions) -> None:
    test = predictions.of("test")
    assert test.feature_rows.tolist() == [1, 5, 9]
    assert set(test.splits) == {"test"}
    assert test.take(np.array([2, 0])).rows.tolist() == [18, 2]


def test_they_are_found_by_rows_of_images_and_of_features(predictions: Predictions) -> None:
    mixed = predictions.take(np.random.default_rng(1).permutation(12))
    assert mixed.at_rows([8, 0, 8]).feature_rows.tolist() == [4, 0, 4]
    assert mixed.at_feature_rows(np.array([11, 3])).rows.tolist() == [22, 6]
    assert len(mixed.at_rows([])) == len(mixed.of("nothing").at_rows([])) == 0
    for rows in ([1], [24], [0, -2]):
        with pytest.raises(RunError, match="was not asked about all of these pictures"):
            mixed.at_rows(rows)
    with pytest.raises(RunError, match="was not asked about all of these pictures"):
        mixed.of("nothing").at_feature_rows([0])


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"answers\.npz of this network is missing or damaged"):
        load_predictions(tmp_path / "answers.npz", n_classes=2)


def test_half_a_file_is_a_sentence(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError, match="missing or damaged"):
        load_predictions(path, n_classes=3)


def test_a_file_with_other_classes_does_not_fit(path: Path) -> None:
    with pytest.raises(RunError, match="does not fit"):
        load_predictions(path, n_classes=2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"labels": np.full(12, 3)}, "does not fit"),
        ({"labels": np.full(12, -1)}, "does not fit"),
        ({"rows": np.arange(11)}, "does not fit"),
        ({"feature_rows": np.arange(12) - 1}, "does not fit"),
        ({"probabilities": np.full((12, 3), np.nan, dtype=np.float32)}, "missing or damaged"),
        ({"splits": np.array(["train"] * 11)}, "does not fit"),
    ],
    ids=["a class too many", "a negative class", "rows", "feature rows", "no number", "splits"],
)
def test_values_that_cannot_be_are_refused(
    predictions: Predictions, tmp_path: Path, wrong: dict[str, np.ndarray], sentence: str
) -> None:
    save_predictions(replace(predictions, **wrong), tmp_path / "wrong.npz")
    with pytest.raises(RunError, match=sentence):
        load_predictions(tmp_path / "wrong.npz", n_classes=3)


def test_objects_in_the_file_are_never_unpickled(predictions: Predictions, tmp_path: Path) -> None:
    save_predictions(predictions, tmp_path / "trick.npz")
    with np.load(tmp_path / "trick.npz") as archive:
        arrays = dict(archive)
    np.savez(tmp_path / "trick.npz", **arrays | {"splits": np.array([print] * 12, dtype=object)})
    with pytest.raises(DamagedFileError, match="missing or damaged") as caught:
        load_predictions(tmp_path / "trick.npz", n_classes=3)
    assert "the array splits of trick.npz holds other numbers" in caught.value.reason
