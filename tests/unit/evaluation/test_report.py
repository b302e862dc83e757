"""All figures of the Results page equal scikit-learn's and SciPy's for the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from scipy import stats
from sklearn import metrics as sk

from ann_core.errors import ShapeError
from ann_core.evaluation.report import cell, least_confident, most_confident_mistakes, report
from ann_core.evaluation.stored_predictions import Predictions
from tests.helpers.made_up_predictions import answered


@given(answered())
def test_every_figure_is_the_oracles(case: tuple[Predictions, tuple[str, ...]]) -> None:
    predictions, names = case
    figures, known = report(predictions, names), list(range(len(names)))

    for split, scores in figures.splits.items():
        mine = predictions.splits == split
        labels, predicted = predictions.labels[mine], predictions.probabilities[mine].argmax(axis=1)
        assert scores.accuracy == pytest.approx(sk.accuracy_score(labels, predicted))
        matrix = sk.confusion_matrix(labels, predicted, labels=known)
        assert np.array_equal(scores.confusion, matrix)
        assert np.shape(scores.confusion) == (len(names), len(names))
        by_class = sk.precision_recall_fscore_support(
            labels, predicted, labels=known, zero_division=0
        )
        columns = [(c.precision, c.recall, c.f1, c.n_images) for c in scores.classes]
        assert np.allclose(np.array(columns).T, np.array(by_class))

    n_test = figures.test.n_images
    n_correct = round(figures.test.accuracy * n_test)
    wilson = stats.binomtest(n_correct, n_test).proportion_ci(0.95, method="wilson")
    assert figures.interval == pytest.approx((wilson.low, wilson.high))
    assert figures.chance == 1 / len(names)
    assert figures.chance_p_value == pytest.approx(
        stats.binom.sf(n_correct - 1, n_test, figures.chance)
    )
    assert figures.gap == pytest.approx(figures.splits["train"].accuracy - figures.test.accuracy)
    assert (figures.roc is None) == (figures.precision_recall is None) == (len(names) > 2)


@given(answered())
def test_the_second_of_two_classes_is_the_positive_one(
    case: tuple[Predictions, tuple[str, ...]],
) -> None:
    predictions, names = case
    test = predictions.of("test")
    if len(names) > 2 or len(set(test.labels)) < 2:
        return
    figures, scores = report(predictions, names), test.probabilities[:, 1]
    assert figures.roc is not None
    assert figures.precision_recall is not None
    assert figures.roc.area == pytest.approx(sk.roc_auc_score(test.labels, scores))
    average = sk.average_precision_score(test.labels, scores)
    assert figures.precision_recall.area == pytest.approx(average)


@given(answered())
def test_cells_hold_every_image_once_and_mistakes_are_those_off_the_diagonal(
    case: tuple[Predictions, tuple[str, ...]],
) -> None:
    predictions, names = case
    test = predictions.of("test")
    known = range(len(names))
    cells = {(t, s): cell(test, t, s) for t in known for s in known}

    everything = np.concatenate(list(cells.values()))
    assert sorted(everything.tolist()) == list(range(len(test)))
    confusion = report(predictions, names).test.confusion
    assert all(len(cells[t, s]) == confusion[t][s] for t, s in cells)
    mistakes = most_confident_mistakes(test)
    off = [index for (t, s), indices in cells.items() if t != s for index in indices]
    assert sorted(mistakes.tolist()) == sorted(off)
    for indices in (mistakes, *cells.values()):
        assert (np.diff(test.confidence[indices]) <= 0).all()
    assert (np.diff(test.confidence[least_confident(test)]) >= 0).all()
    assert sorted(least_confident(test).tolist()) == list(range(len(test)))


def test_a_split_without_images_is_refused() -> None:
    one = np.zeros(1, dtype=np.int64)
    predictions = Predictions(
        np.ones((1, 2), dtype=np.float32) / 2, one, np.array(["test"]), one, one
    )
    with pytest.raises(ShapeError, match="at least one picture"):
        report(predictions, ("cat", "dog"))
