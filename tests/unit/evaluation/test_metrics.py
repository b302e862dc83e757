"""Scores equal scikit-learn's, on random answers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from sklearn import metrics as sk

from ann_core.errors import ShapeError
from ann_core.evaluation.metrics import evaluate
from ann_core.runs.result import Evaluation


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Random probabilities and labels; some classes are never answered, some never true."""
    n_classes = draw(st.integers(2, 6))
    n_images = draw(st.integers(1, 40))
    label = st.sampled_from(draw(st.lists(st.integers(0, n_classes - 1), min_size=1, unique=True)))
    labels = np.array(draw(st.lists(label, min_size=n_images, max_size=n_images)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.uniform(0.01, 1, (n_images, n_classes))
    raw[:, draw(st.integers(0, n_classes - 1))] = 0.005
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    return probabilities, labels, tuple(f"class {number}" for number in range(n_classes))


@settings(max_examples=150, deadline=None)
@given(predictions())
def test_all_scores_are_those_of_scikit_learn(case) -> None:
    probabilities, labels, class_names = case
    evaluation = evaluate(probabilities, labels, class_names)

    predicted, known = probabilities.argmax(axis=1), list(range(len(class_names)))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        labels, predicted, labels=known, zero_division=0
    )
    assert evaluation.accuracy == pytest.approx(sk.accuracy_score(labels, predicted))
    assert np.array_equal(
        evaluation.confusion, sk.confusion_matrix(labels, predicted, labels=known)
    )
    assert [c.precision for c in evaluation.classes] == pytest.approx(precision.tolist())
    assert [c.recall for c in evaluation.classes] == pytest.approx(recall.tolist())
    assert [c.f1 for c in evaluation.classes] == pytest.approx(f1.tolist())
    assert [c.n_images for c in evaluation.classes] == support.tolist()
    assert evaluation.loss == pytest.approx(sk.log_loss(labels, probabilities, labels=known))
    assert evaluation.majority == pytest.approx(np.bincount(labels).max() / len(labels))
    assert evaluation.n_images == len(labels)
    assert tuple(c.class_name for c in evaluation.classes) == evaluation.class_names == class_names


def test_a_sure_mistake_costs_much_but_not_everything() -> None:
    probabilities = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
    evaluation = evaluate(probabilities, np.array([1, 1]), ("cat", "dog"))

    assert evaluation.loss == pytest.approx(-np.log(1e-7) / 2, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(predictions())
def test_scores_survive_json(case) -> None:
    evaluation = evaluate(*case, split="validation")

    again = TypeAdapter(Evaluation).validate_python(json.loads(json.dumps(evaluation.as_dict())))
    assert again == evaluation
    assert again.split == "validation"


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [
        (np.zeros((0, 2)), np.zeros(0, dtype=int)),
        (np.full((3, 3), 1 / 3), np.zeros(3, dtype=int)),
        (np.full((3, 2), 0.5), np.zeros(4, dtype=int)),
        (np.full(2, 0.5), np.zeros(2, dtype=int)),
    ],
    ids=["no picture", "a class too many", "a label too many", "one axis"],
)
def test_answers_that_do_not_fit_are_refused(probabilities, labels) -> None:
    with pytest.raises(ShapeError, match="Expected at least one picture and probabilities with"):
        evaluate(probabilities, labels, ("cat", "dog"))
