"""All figures of the Results page equal scikit-learn's and SciPy's for the same answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics as sk

from ann_core.errors import ShapeError
from ann_core.evaluation.report import cell, least_confident, most_confident_mistakes, report
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.plots.results_plots import accuracy_chart, calibration_chart, curve_chart

NAMES = ("cat", "dog", "fox", "owl")


@st.composite
def answered(draw: st.DrawFn) -> tuple[Predictions, tuple[str, ...]]:
    """Answers on three splits; some classes are never answered, or never true."""
    names = NAMES[: draw(st.integers(2, 4))]
    n_images = draw(st.integers(6, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.uniform(0.01, 1, (n_images, len(names))).round(draw(st.integers(1, 6)))
    raw[:, draw(st.integers(0, len(names) - 1))] = 0.005
    labels = rng.integers(0, draw(st.integers(1, len(names))), n_images)
    splits = np.array(["train", "validation", "test"])[np.arange(n_images) % 3]
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    feature_rows = np.arange(n_images)
    return Predictions(probabilities, labels, splits, feature_rows, feature_rows), names


@given(answered())
def test_every_figure_is_the_oracles(case: tuple[Predictions, tuple[str, ...]]) -> None:
    predictions, names = case
    found, known = report(predictions, names), list(range(len(names)))

    for split, scores in found.splits.items():
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

    n_test = found.test.n_images
    n_correct = round(found.test.accuracy * n_test)
    wilson = stats.binomtest(n_correct, n_test).proportion_ci(0.95, method="wilson")
    assert found.interval == pytest.approx((wilson.low, wilson.high))
    assert found.chance == 1 / len(names)
    assert found.chance_p_value == pytest.approx(
        stats.binom.sf(n_correct - 1, n_test, found.chance)
    )
    assert found.gap == pytest.approx(found.splits["train"].accuracy - found.test.accuracy)
    assert (found.roc is None) == (found.precision_recall is None) == (len(names) > 2)


@given(answered())
def test_the_second_of_two_classes_is_the_positive_one(
    case: tuple[Predictions, tuple[str, ...]],
) -> None:
    predictions, names = case
    test = predictions.of("test")
    if len(names) > 2 or len(set(test.labels)) < 2:
        return
    found, scores = report(predictions, names), test.probabilities[:, 1]
    assert found.roc is not None
    assert found.precision_recall is not None
    assert found.roc.area == pytest.approx(sk.roc_auc_score(test.labels, scores))
    average = sk.average_precision_score(test.labels, scores)
    assert found.precision_recall.area == pytest.approx(average)


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
    off = [index for (t, s), found in cells.items() if t != s for index in found]
    assert sorted(mistakes.tolist()) == sorted(off)
    for found in (mistakes, *cells.values()):
        assert (np.diff(test.confidence[found]) <= 0).all()
    assert (np.diff(test.confidence[least_confident(test)]) >= 0).all()
    assert sorted(least_confident(test).tolist()) == list(range(len(test)))


def test_a_split_without_images_is_refused() -> None:
    one = np.zeros(1, dtype=np.int64)
    predictions = Predictions(
        np.ones((1, 2), dtype=np.float32) / 2, one, np.array(["test"]), one, one
    )
    with pytest.raises(ShapeError, match="at least one picture"):
        report(predictions, ("cat", "dog"))


@given(answered())
def test_the_figures_draw_these_numbers(case: tuple[Predictions, tuple[str, ...]]) -> None:
    found = report(*case)

    dots = {dot["split"]: dot["accuracy"] for dot in accuracy_chart(found)["data"]["values"]}
    assert list(dots.values()) == [
        found.splits[s].accuracy for s in ("train", "validation", "test")
    ]
    drawn = calibration_chart(found.calibration)["data"]["values"]
    assert sum(dot["pictures"] for dot in drawn) == found.test.n_images


def test_a_long_curve_is_thinned_out_and_keeps_its_ends() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(9000) % 2
    raw = rng.uniform(size=(9000, 1)).astype(np.float32)
    splits = np.array(["train", "validation", "test"])[np.arange(9000) // 3000]
    feature_rows = np.arange(9000)
    found = report(
        Predictions(np.hstack([1 - raw, raw]), labels, splits, feature_rows, feature_rows),
        ("cat", "dog"),
    )
    assert found.roc is not None
    points = curve_chart(found.roc, "x", "y")["data"]["values"]
    assert len(points) == 300
    assert (points[0]["x"], points[-1]["y"]) == (0.0, 1.0)
