"""What is said about a run follows from its figures, at every border between two sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ann_core.cli.output import show_evaluation
from ann_core.evaluation.curves import Calibration, answered_curve
from ann_core.evaluation.interpretation import (
    compare_with_guessing,
    describe_accuracies,
    describe_answered,
    describe_best,
    describe_calibration,
    describe_frequency,
    describe_gap,
    describe_interval,
    describe_looks,
    describe_seeds,
    describe_test_use,
    describe_untested,
    judge_confidence,
)
from ann_core.evaluation.metrics import evaluate
from ann_core.evaluation.report import RunReport, report
from ann_core.evaluation.stored_predictions import Predictions
from tests.helpers.made_up_runs import run

N_IMAGES = 40  # of each split


def report_with(
    *,
    train: int,
    test: int,
    confidence: float = 0.9,
    names: tuple[str, ...] = ("cat", "dog"),
    n_images: int = N_IMAGES,
) -> RunReport:
    """Figures of a network that has so many of 40 right, always with the same confidence."""
    n_classes = len(names)
    labels = np.tile(np.arange(n_images) % n_classes, 3)
    n_correct = np.repeat([train, train, test], n_images)
    is_correct = np.tile(np.arange(n_images), 3) < n_correct
    predicted = np.where(is_correct, labels, (labels + 1) % n_classes)
    rest = (1 - confidence) / (n_classes - 1)
    probabilities = np.full((len(labels), n_classes), rest, dtype=np.float32)
    probabilities[np.arange(len(labels)), predicted] = confidence
    rows = np.arange(len(labels))
    splits = np.repeat(["train", "validation", "test"], n_images)
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


def test_a_good_network_is_compared_with_guessing_and_the_largest_class() -> None:
    sentence = compare_with_guessing(report_with(train=40, test=38), "cat")

    assert sentence.startswith(
        "**This is clearly better than guessing among 2 classes**, which would do this well in "
        "fewer than 1 of a million tries. "
    )
    assert sentence.endswith("Always answering cat would be right in 50.0%.")


def test_a_network_no_better_than_its_largest_class_is_told_so() -> None:
    names = ("cat", "dog", "fox", "owl")
    sentence = compare_with_guessing(report_with(train=10, test=10, names=names), "cat")

    assert sentence.startswith(
        "**This could be guessing among 4 classes**, which would do this well in 56 of 100 tries."
    )
    assert sentence.endswith("would be right in 25.0%: this network is no better than that.")


@pytest.mark.parametrize(
    ("train", "test", "expected"),
    [
        (38, 38, "in 95.0%; the gap of 0.0 points to the test pictures could be chance."),
        (39, 38, "in 97.5%; the gap of 2.5 points to the test pictures could be chance."),
        (33, 30, "in 82.5%; the gap of 7.5 points to the test pictures could be chance."),
        (38, 39, "in 95.0%; the gap of 2.5 points to the test pictures could be chance."),
        (40, 30, "in 100.0%: a **gap of 25.0 points**. That much it learned by heart"),
        (20, 38, "in 50.0%, which is 45.0 points less: the test pictures are easier."),
    ],
)
def test_a_gap_counts_beyond_chance_only(train: int, test: int, expected: str) -> None:
    assert expected in describe_gap(report_with(train=train, test=test))


def test_nothing_is_learned_by_heart_where_training_is_no_better_than_guessing() -> None:
    names = ("0", "90", "180", "270")
    sentence = describe_gap(report_with(train=10, test=0, names=names))
    assert "in 25.0%, which is no better than guessing there" in sentence
    assert "by heart" not in sentence
    assert "by heart" in describe_gap(report_with(train=25, test=0, names=names))


def test_a_class_without_test_images_is_named_and_has_no_recall(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = ("0", "90", "180")
    test = evaluate(np.eye(3)[[0, 1, 2, 0]], np.array([0, 1, 1, 0]), names)
    assert [scores.is_tested for scores in test.classes] == [True, True, False]
    assert describe_untested(test).startswith("There is no test picture of '180', ")
    show_evaluation(test)
    assert capsys.readouterr().out.splitlines()[-1].split() == ["180", "0.000", "-", "0", "0", "0"]
    assert describe_untested(report_with(train=9, test=9).test) == ""


def test_what_silence_gains_is_told() -> None:
    alike = describe_answered(report_with(train=40, test=30))
    assert alike.startswith("**No half of its predictions is more confident than the other**")
    figures = report_with(train=40, test=30)
    curve = answered_curve(np.repeat([0.9, 0.6, 0.5], [24, 10, 6]), np.arange(40) < 30)
    assert describe_answered(replace(figures, answered=curve)) == (
        "**If it answered only for the 60% of the test pictures where it is most confident, 100.0% "
        "would be right**; of all, 75.0% are."
    )


def test_the_chart_of_accuracies_is_told_in_numbers() -> None:
    assert describe_accuracies(report_with(train=40, test=30)) == (
        "Right: training 100.0%, validation 100.0%, test 75.0% (95% interval of the "
        "true share 59.8% to 85.8%); guessing 50.0%, always the same class 50.0%."
    )


@pytest.mark.parametrize(
    ("confidence", "n_images", "verdict"),
    [
        (0.75, 40, "there are too few test pictures to tell whether its confidence can be trusted"),
        (0.75, 400, "its confidence can be trusted. "),
        (0.9, 400, "too confident, as networks are that trained for long. "),
        (0.6, 400, "less confident than it could be. "),
    ],
)
def test_confidence_is_judged_by_accuracy(confidence: float, n_images: int, verdict: str) -> None:
    right = 3 * n_images // 4
    figures = report_with(train=right, test=right, confidence=confidence, n_images=n_images)
    sentence = describe_calibration(figures)
    assert sentence.startswith(
        f"**It is {confidence:.0%} confident on average and right in 75%**: {verdict}"
    )
    assert f"The expected calibration error is {abs(confidence - 0.75):.1%}. " in sentence
    by_chance = figures.calibration.error_if_calibrated
    assert sentence.endswith(f"{by_chance:.1%} or less for 95 of 100 test sets as large as this.")


@pytest.mark.parametrize(
    ("error", "by_chance", "verdict"),
    [
        (0.0199, 0.001, "its confidence can be trusted"),
        (0.0201, 0.001, "too confident, as networks are that trained for long"),
        (0.049, 0.0499, "its confidence can be trusted"),
        (0.0501, 0.0499, "too confident, as networks are that trained for long"),
        (
            0.0,
            0.0501,
            "there are too few test pictures to tell whether its confidence can be trusted",
        ),
    ],
)
def test_small_errors_and_those_of_luck_are_none(
    error: float, by_chance: float, verdict: str
) -> None:
    bins = Calibration(np.array([0.8]), np.array([0.8 - error]), np.array([100]), error, by_chance)
    assert judge_confidence(bins, error).startswith(verdict)


def test_errors_on_both_sides_do_not_cancel_out() -> None:
    bins = Calibration(np.array([0.55, 0.95]), np.full(2, 0.75), np.full(2, 100), 0.2, 0.05)
    for overconfidence in (-0.09, 0.0, 0.09):
        assert judge_confidence(bins, overconfidence) == (
            "too confident in some predictions and not confident enough in others"
        )
    assert judge_confidence(bins, -0.2) == "less confident than it could be"


def test_the_interval_is_about_all_pictures_of_this_kind() -> None:
    assert describe_interval(report_with(train=40, test=30)) == (
        "Of all pictures of this kind, it would get between 59.8% and 85.8% right: such an "
        "interval is right 95 times of 100."
    )


def test_one_look_at_the_test_images_decides_nothing_and_many_do() -> None:
    result = run(0.9, validation=0.8).learned
    assert "They decided nothing" in describe_test_use(1, result)
    many = describe_test_use(30, result)
    assert "They decided neither the weights nor when to stop." in many
    assert many.endswith(describe_looks(30, result))


def test_looks_at_the_test_images_are_counted_aloud() -> None:
    result = run(0.9, validation=0.8).learned
    for n_looks, words in ((0, "no network has"), (1, "one network has"), (30, "30 networks have")):
        assert f"{words} been looked at." in describe_looks(n_looks, result)
    many = describe_looks(30, result)
    assert "the best of 30 would look up to 5.6 points better than it is, on average" in many


def test_the_best_is_recommended_with_what_chance_adds() -> None:
    sentence = describe_best("mine", 2, run(0.9, validation=0.6).learned)
    assert sentence.startswith("Best on the validation pictures: **mine**, 60.0%. If all 2 were")
    assert sentence.endswith("Its test result tells what it is worth.")


def test_where_all_are_right_chance_adds_nothing_that_could_be_said() -> None:
    result = run(0.9, validation=1.0).learned
    assert describe_best("mine", 30, result) == (
        "Best on the validation pictures: **mine**, 100.0%. Its test result tells what it is worth."
    )
    assert "points better" not in describe_looks(30, result)


def test_seeds_are_told_once_each_and_others_are_named() -> None:
    one = [run(seed=0, validation=0.7, day=2), run(seed=0, validation=0.6)]
    assert describe_seeds(one) == (
        "Seeds that have finished: 0. It is right on 70.0% of the validation pictures. One seed "
        "says nothing about chance."
    )
    others = [run(None, "running", seed=8), run(0.1, "stopped", seed=9)]
    assert describe_seeds([*one, run(seed=1, validation=0.6), *others]) == (
        "Seeds that have finished: 0, 1. 2 seeds are right on 65.0% of the validation pictures on "
        "average, with a standard deviation of 7.1 points: from 60.0% to 70.0%. 1 under way. 1 "
        "stopped before the end, not counted."
    )
    assert describe_seeds(others[:1]) == "Seeds that have finished: none. 1 under way."
