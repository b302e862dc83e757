"""Curves over all thresholds: the same as scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from ann_core.evaluation.curves import (
    N_BINS,
    answered_curve,
    calibration,
    precision_recall_curve,
    roc_curve,
)


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, many of them equal, and labels of both kinds."""
    n_images = draw(st.integers(2, 80))
    score = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0]) | st.floats(0, 1, width=32)
    scores = np.array(draw(st.lists(score, min_size=n_images, max_size=n_images)))
    labels = np.array(draw(st.lists(st.booleans(), min_size=n_images, max_size=n_images)))
    labels[:2] = [True, False]
    return scores.astype(np.float32), labels


@given(scored())
def test_roc_is_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, positive = case
    x, y, _ = sk.roc_curve(positive, scores, drop_intermediate=False)

    curve = roc_curve(scores, positive)

    assert curve.x == pytest.approx(x)
    assert curve.y == pytest.approx(y)
    assert curve.area == pytest.approx(sk.roc_auc_score(positive, scores))


@given(scored())
def test_precision_and_recall_are_those_of_scikit_learn(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    scores, positive = case
    precision, recall, _ = sk.precision_recall_curve(positive, scores)

    curve = precision_recall_curve(scores, positive)

    assert curve.x == pytest.approx(recall[::-1])
    assert curve.y == pytest.approx(precision[::-1])
    assert curve.area == pytest.approx(sk.average_precision_score(positive, scores))


@given(scored())
def test_calibration_is_that_of_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    confidence, correct = case
    share, mean = calibration_curve(correct, confidence, n_bins=N_BINS)

    bins = calibration(confidence, correct)

    assert bins.confidence == pytest.approx(mean)
    assert bins.accuracy == pytest.approx(share)
    assert bins.n_images.sum() == len(correct)
    weights = bins.n_images / len(correct)
    assert bins.error == pytest.approx(float((weights * np.abs(share - mean)).sum()))


def test_known_areas() -> None:
    positive = np.array([True, True, False, False])
    assert roc_curve(np.array([0.9, 0.8, 0.2, 0.1]), positive).area == 1.0
    assert roc_curve(np.array([0.1, 0.2, 0.8, 0.9]), positive).area == 0.0
    assert roc_curve(np.full(4, 0.5), positive).area == 0.5
    assert precision_recall_curve(np.array([0.9, 0.8, 0.2, 0.1]), positive).area == 1.0
    assert precision_recall_curve(np.full(4, 0.5), positive).area == 0.5


def test_rates_of_one_kind_alone_are_no_numbers() -> None:
    curve = roc_curve(np.array([0.2, 0.7]), np.array([True, True]))
    assert np.isnan(curve.x[1:]).all()


def test_an_honest_network_is_calibrated_and_a_boaster_is_not() -> None:
    correct = np.arange(100) < 70
    assert calibration(np.full(100, 0.7), correct).error == pytest.approx(0)
    assert calibration(np.full(100, 1.0), correct).error == pytest.approx(0.3)


@given(scored())
def test_accuracy_of_the_surest_is_counted_picture_by_picture(
    case: tuple[np.ndarray, np.ndarray],
) -> None:
    confidence, correct = case
    curve = answered_curve(confidence, correct)
    for share, accuracy in zip(curve.x, curve.y, strict=True):
        threshold = np.sort(confidence)[::-1][round(share * len(confidence)) - 1]
        assert share == pytest.approx((confidence >= threshold).mean())
        assert accuracy == pytest.approx(correct[confidence >= threshold].mean())
    assert curve.x[-1] == 1
    assert curve.y[-1] == pytest.approx(correct.mean())
    assert len(curve.x) == len(np.unique(confidence))


def test_the_area_of_distinct_answers_is_one_less_the_mean_risk() -> None:
    correct = np.array([True, True, False, True])
    curve = answered_curve(np.array([0.9, 0.8, 0.7, 0.6]), correct)
    assert curve.y.tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4])
    assert curve.area == pytest.approx((1 + 1 + 2 / 3 + 3 / 4) / 4)
