"""The file of all answers: what goes in comes out, and nothing else comes out."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import RunError
from ann_core.evaluation.stored_predictions import Answers, load_answers, save_answers

COLUMNS = ("probabilities", "labels", "splits", "rows", "places")


@pytest.fixture
def answers() -> Answers:
    rng = np.random.default_rng(0)
    raw = rng.uniform(size=(12, 3)).astype(np.float32)
    return Answers(
        probabilities=raw / raw.sum(axis=1, keepdims=True),
        labels=np.arange(12) % 3,
        splits=np.array(["train", "test", "validation", "train"] * 3),
        rows=np.arange(12) * 2,
        places=np.arange(12),
    )


@pytest.fixture
def path(answers: Answers, tmp_path: Path) -> Path:
    save_answers(answers, tmp_path / "answers.npz")
    return tmp_path / "answers.npz"


def test_they_survive_their_file(answers: Answers, path: Path) -> None:
    again = load_answers(path, n_classes=3)
    for column in COLUMNS:
        assert np.array_equal(getattr(again, column), getattr(answers, column)), column


def test_what_follows_from_them(answers: Answers) -> None:
    said = [int(np.argmax(row)) for row in answers.probabilities]
    assert answers.said.tolist() == said
    assert answers.confidence.tolist() == [max(row) for row in answers.probabilities]
    assert answers.right.tolist() == [a == b for a, b in zip(said, answers.labels, strict=True)]
    assert len(answers) == 12


def test_those_of_a_split_keep_their_order(answers: Answers) -> None:
    test = answers.of("test")
    assert test.places.tolist() == [1, 5, 9]
    assert set(test.splits) == {"test"}
    assert test.take(np.array([2, 0])).rows.tolist() == [18, 2]


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"answers\.npz of this run is missing or damaged"):
        load_answers(tmp_path / "answers.npz", n_classes=2)


def test_half_a_file_is_a_sentence(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RunError, match="missing or damaged"):
        load_answers(path, n_classes=3)


def test_a_file_with_other_classes_does_not_fit(path: Path) -> None:
    with pytest.raises(RunError, match="does not fit"):
        load_answers(path, n_classes=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": np.full(12, 3)},
        {"labels": np.full(12, -1)},
        {"rows": np.arange(11)},
        {"places": np.arange(12) - 1},
        {"probabilities": np.full((12, 3), np.nan, dtype=np.float32)},
        {"splits": np.array(["train"] * 11)},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_values_that_cannot_be_are_refused(
    answers: Answers, tmp_path: Path, wrong: dict[str, np.ndarray]
) -> None:
    save_answers(replace(answers, **wrong), tmp_path / "wrong.npz")
    with pytest.raises(RunError, match="does not fit"):
        load_answers(tmp_path / "wrong.npz", n_classes=3)


def test_objects_in_the_file_are_never_unpickled(answers: Answers, tmp_path: Path) -> None:
    arrays = {name: getattr(answers, name) for name in COLUMNS}
    buffer = io.BytesIO()
    np.savez(buffer, **arrays | {"splits": np.array([print] * 12, dtype=object)})
    (tmp_path / "trick.npz").write_bytes(buffer.getvalue())
    with pytest.raises(RunError, match="missing or damaged"):
        load_answers(tmp_path / "trick.npz", n_classes=3)
