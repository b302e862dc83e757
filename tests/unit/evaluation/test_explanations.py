"""What is said of a run's figures holds for runs for which the general remark was wrong."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.evaluation.explanations import (
    compare_training_accuracies,
    describe_mistakes,
    explain_no_test_image,
    sum_up,
)
from ann_core.evaluation.report import RunReport, report
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.training.history import EpochMetrics

SPLITS = np.repeat(["train", "validation", "test"], 4)


def predictions(test: list[float], splits: np.ndarray = SPLITS) -> Predictions:
    """Of cats only; `test` holds the probability of cat for each test image."""
    cat = np.full(len(splits), 0.8, np.float32)
    cat[splits == "test"] = test
    rows = np.arange(len(cat))
    cat[0] = 0.3  # one of four training images is a mistake: 75 %
    probabilities = np.stack([cat, 1 - cat], axis=1)
    return Predictions(probabilities, np.zeros(len(cat), np.int64), splits, rows + 100, rows)


def run_report(*test: float) -> RunReport:
    return report(predictions(list(test)), ("cat", "dog"))


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ((0.9, 0.8, 0.7, 0.55), "It made no mistake on these 4 test pictures. Its least confident"),
        ((0.27, 0.8, 0.7, 0.45), "made with 73%, so no mistake was made with 90% or more."),
        (
            (0.01, 0.8, 0.7, 0.45),
            "most confident mistake was made with 99%, and 1 of 2 with 90% or more.",
        ),
        ((0.01, 0.8, 0.7, 0.55), "Its only mistake was made with 99%. A mistake made with such"),
    ],
)
def test_mistakes_are_as_confident_as_they_were(test: tuple[float, ...], words: str) -> None:
    sentence = describe_mistakes(run_report(*test))
    assert words in sentence
    assert ("99%" in sentence) == (min(test) == 0.01)
    assert "least confident prediction has 55%" in sentence


def history(accuracy: float, n_epochs: int = 8) -> list[EpochMetrics]:
    return [EpochMetrics(n + 1, 0.6, accuracy, 0.6, 0.6, 1.0) for n in range(n_epochs)]


def test_two_training_accuracies_are_told_apart() -> None:
    words = compare_training_accuracies(run_report(0.8, 0.8, 0.8, 0.8), history(0.726), 8)
    assert words.startswith(
        "Training accuracy is 72.6% at the end of the curve and 75.0% above. The curve counts "
        "right predictions while the weights are still changing"
    )
    assert words.endswith("with the weights that were kept.")


def test_weights_of_an_earlier_epoch_are_named() -> None:
    words = compare_training_accuracies(run_report(0.8, 0.8, 0.8, 0.8), history(0.726), 6)
    assert words.endswith("kept, those of epoch 6. The curve ends with epoch 8.")


@pytest.mark.parametrize("epochs", [[], history(0.75)], ids=["none", "alike"])
def test_one_training_accuracy_needs_no_word(epochs: list[EpochMetrics]) -> None:
    assert compare_training_accuracies(run_report(0.8, 0.8, 0.8, 0.8), epochs, 8) == ""


@pytest.mark.parametrize(
    ("number", "part", "nearest"),
    [
        (101, "is a training picture", 109),
        (107, "is a validation picture", 109),
        (5, "was not used for this network", 109),
        (300, "was not used for this network", 112),
    ],
)
def test_a_number_that_is_no_test_image_is_placed(number: int, part: str, nearest: int) -> None:
    words = explain_no_test_image(predictions([0.8] * 4), number - 1)
    assert words.startswith(f"Number {number} of the data set {part}, and only test pictures are")
    assert f"The nearest of them is number {nearest}." in words


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (
            (0.9, 0.8, 0.7, 0.45),
            "The difference between new pictures and those that it has seen could be chance: "
            "nothing here shows that it learned any by heart. When it was wrong, it was 55% "
            "confident at most.",
        ),
        ((0.9, 0.8, 0.7, 0.6), "by heart. It made no mistake on these 4 pictures."),
        (
            (0.01, 0.8, 0.7, 0.6),
            "Of its 1 mistake, 1 was made with 90% confidence or more: a network that is "
            "confident is not always right.",
        ),
    ],
)
def test_the_page_ends_with_what_its_figures_show(test: tuple[float, ...], expected: str) -> None:
    assert sum_up(run_report(*test)).endswith(expected)
