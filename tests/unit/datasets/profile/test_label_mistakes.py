"""Labels that were turned on purpose stand at the head of the list."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.datasets import load_digits

from ann_core.datasets.profile.label_mistakes import (
    LEAST_OF_CLASS,
    LISTED_SHARE,
    estimate_mistakes,
    find_label_mistakes,
    normalized_margins,
)
from ann_core.datasets.profile.out_of_fold import Ridge, out_of_fold
from ann_core.datasets.profile.patches import patch_features


def turn_some(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give some pictures another class by chance: the new labels, and which were turned."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(labels), round(share * len(labels)), replace=False)
    turned, n_classes = labels.copy(), int(labels.max()) + 1
    turned[rows] = (labels[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
    return turned, rows


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    """400 handwritten digits as the profile sees them, described; and their labels."""
    images, labels = load_digits(return_X_y=True)
    large = np.kron(images[:400].reshape(-1, 8, 8), np.ones((12, 12)))
    pixels = (large * 255 / 16).astype(np.uint8).reshape(400, -1)
    return patch_features(pixels), labels[:400]


@pytest.mark.parametrize("seed", range(2))
def test_four_of_five_turned_labels_are_in_the_first_four_percent(
    digits: tuple[np.ndarray, np.ndarray], seed: int
) -> None:
    features, labels = digits
    given, rows = turn_some(labels, 0.02, seed)
    mistakes = find_label_mistakes(features, given, n_classes=10)
    assert len(mistakes.rows) <= round(LISTED_SHARE * len(labels)) == 16
    assert np.isin(rows, mistakes.rows).mean() >= 0.8
    listed = np.isin(mistakes.rows, rows)
    right = mistakes.looks_like[listed] == labels[mistakes.rows[listed]]
    assert right.mean() >= 0.8
    assert mistakes.check.found_early >= 0.8
    assert 4 <= mistakes.check.n_estimated <= 16
    assert (mistakes.looks_like != given[mistakes.rows]).all()
    assert mistakes.certainty[listed].mean() > mistakes.certainty[~listed].mean()


def test_labels_by_chance_cannot_be_judged() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 30)).astype(np.float32)
    mistakes = find_label_mistakes(features, rng.integers(0, 2, 200), n_classes=2)
    assert len(mistakes.rows) == 0
    assert mistakes.check.accuracy < 0.65
    assert mistakes.check.found_early < 0.15


def test_a_class_of_few_pictures_is_not_doubted() -> None:
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [60, 60, LEAST_OF_CLASS - 1])
    features = (np.eye(3)[labels] * [6, 6, 0] + rng.normal(size=(len(labels), 3))).astype("f4")
    mistakes = find_label_mistakes(features, labels, n_classes=3)
    assert (labels[mistakes.rows] != 2).all()
    assert mistakes.check.accuracy > 0.8


@pytest.mark.parametrize("n_classes", [2, 30])
def test_a_class_without_pictures_is_no_error(n_classes: int) -> None:
    features = np.random.default_rng(2).normal(size=(12, 5)).astype(np.float32)
    mistakes = find_label_mistakes(features, np.zeros(12, dtype=np.int64), n_classes=n_classes)
    assert len(mistakes.rows) == 0


def test_nobody_is_judged_by_a_classifier_that_saw_it() -> None:
    """With features that name each picture, whoever has seen the label knows it."""
    labels = np.arange(40) % 2
    probabilities = out_of_fold(np.eye(40, dtype=np.float32), labels, n_classes=2)
    assert (probabilities.argmax(axis=1) == labels).mean() <= 0.5


@pytest.mark.parametrize("strength", [1e-3, 1.0])
def test_the_regression_is_that_of_scikit_learn(strength: float) -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(60) % 3
    features = rng.normal(2, 1, size=(60, 8)) + labels[:, None]
    seen = np.arange(60) < 45
    scores = Ridge.fit(features, labels, seen, n_classes=3).scores(features[~seen], strength)
    alpha = strength * 45 * float(features[seen].var(axis=0).mean())
    expected = linear_model.Ridge(alpha=alpha).fit(features[seen], np.eye(3)[labels[seen]])
    np.testing.assert_allclose(scores, expected.predict(features[~seen]), atol=1e-8)


def test_margins_are_between_the_label_and_the_likeliest_other() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])
    margins = normalized_margins(probabilities, np.array([0, 1]))
    np.testing.assert_allclose(margins, [0.5, -0.1])


def test_the_confident_joint_counts_those_beyond_the_threshold_of_another_class() -> None:
    # Thresholds are 0.7 and 0.75: row 2 is confidently of the second class, row 3 of none.
    first = np.array([0.95, 0.95, 0.2, 0.7 * 4 - 0.95 * 2 - 0.2])
    second = np.array([0.9, 0.9, 0.45])
    probabilities = np.column_stack(
        [np.concatenate([first, 1 - second]), np.concatenate([1 - first, second])]
    )
    labels = np.array([0, 0, 0, 0, 1, 1, 1])
    assert estimate_mistakes(probabilities, labels) == round(4 * 1 / 4)
