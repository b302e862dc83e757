"""What is said about a run follows from its figures, at every border between two sentences."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.evaluation.interpretation import (
    compare_with_guessing,
    describe_accuracies,
    describe_calibration,
    describe_frequency,
    describe_gap,
    judge_confidence,
)
from ann_core.evaluation.report import RunReport, report
from ann_core.evaluation.stored_predictions import Predictions

N_IMAGES = 40  # of each split


def report_with(
    *, train: int, test: int, confidence: float = 0.9, names: tuple[str, ...] = ("cat", "dog")
) -> RunReport:
    """Figures of a network that has so many of 40 right, always with the same confidence."""
    n_classes = len(names)
    labels = np.tile(np.arange(N_IMAGES) % n_classes, 3)
    n_correct = np.repeat([train, train, test], N_IMAGES)
    is_correct = np.tile(np.arange(N_IMAGES), 3) < n_correct
    predicted = np.where(is_correct, labels, (labels + 1) % n_classes)
    rest = (1 - confidence) / (n_classes - 1)
    probabilities = np.full((len(labels), n_classes), rest, dtype=np.float32)
    probabilities[np.arange(len(labels)), predicted] = confidence
    rows = np.arange(len(labels))
    splits = np.repeat(["train", "validation", "test"], N_IMAGES)
    return report(Predictions(probabilities, labels, splits, rows, rows), names)


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1.0, "practically every time"),
        (0.5, "in 50 of 100 tries"),
        (0.034, "in 3 of 100 tries"),
        (0.0034, "in about 1 of 300 tries"),
        (2e-6, "in about 1 of 500,000 tries"),
        (1e-30, "in fewer than 1 of a million tries"),
        (0.0, "in fewer than 1 of a million tries"),
    ],
)
def test_rare_things_are_told_in_numbers_that_can_be_imagined(share: float, expected: str) -> None:
    assert describe_frequency(share) == expected


def test_a_good_network_is_compared_with_a_coin_and_the_largest_class() -> None:
    sentence = compare_with_guessing(report_with(train=40, test=38), "cat")

    assert sentence.startswith("**A coin would do this well in fewer than 1 of a million tries.**")
    assert sentence.endswith("Always answering cat would be right in 50.0%.")


def test_a_network_no_better_than_its_largest_class_is_told_so() -> None:
    names = ("cat", "dog", "fox", "owl")
    sentence = compare_with_guessing(report_with(train=10, test=10, names=names), "cat")

    assert sentence.startswith("**A die with 4 sides would do this well in 56 of 100 tries.**")
    assert sentence.endswith("would be right in 25.0%: this network is no better than that.")


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        (38, 38, "in 95.0%; the gap of 0.0 points to the test pictures is within luck."),
        (39, 38, "in 97.5%; the gap of 2.5 points to the test pictures is within luck."),
        (38, 39, "in 95.0%; the gap of 2.5 points to the test pictures is within luck."),
        (40, 30, "in 100.0%: a **gap of 25.0 points**. That much it learned by heart"),
        (20, 38, "in 50.0%, which is 45.0 points less: the test pictures are easier."),
    ],
)
def test_a_gap_counts_beyond_luck_only(train: int, test: int, expected: str) -> None:
    assert expected in describe_gap(report_with(train=train, test=test))


def test_the_chart_of_accuracies_is_told_in_numbers() -> None:
    assert describe_accuracies(report_with(train=40, test=30)) == (
        "Right answers: training 100.0%, validation 100.0%, test 75.0% (95 % interval 59.8% to "
        "85.8%); guessing 50.0%, always the same class 50.0%."
    )


@pytest.mark.parametrize(
    ("confidence", "verdict"),
    [
        (0.75, "its probabilities can be taken at their word"),
        (0.9, "too sure of itself, as networks are that trained for long"),
        (0.6, "less sure than it could be"),
    ],
)
def test_confidence_is_judged_by_accuracy(confidence: float, verdict: str) -> None:
    error = abs(confidence - 0.75)
    assert describe_calibration(report_with(train=40, test=30, confidence=confidence)) == (
        f"**It says {confidence:.0%} on average and is right in 75%**: {verdict}. The expected "
        f"calibration error is {error:.1%}."
    )


@pytest.mark.parametrize("overconfidence", [-0.0199, 0.0, 0.0199])
def test_two_points_between_confidence_and_accuracy_are_none(overconfidence: float) -> None:
    assert judge_confidence(overconfidence) == judge_confidence(0.0)
    assert len({judge_confidence(points) for points in (-0.02, overconfidence, 0.02)}) == 3
