"""What the figures of a run tell, in sentences of Markdown: pure functions of the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from ann_core.evaluation.comparison import mean_std, one_per_seed
from ann_core.evaluation.curves import Calibration
from ann_core.evaluation.report import RunReport
from ann_core.evaluation.significance import (
    binomial_tail,
    optimism_of_best,
    shares_may_be_equal,
)
from ann_core.runs.result import Evaluation, RunResult
from ann_core.runs.run import Run

GapMeaning = Literal["chance", "easier", "nothing", "by heart"]

RARE = 1e-6
"""How often guessing does as well, below which the number says no more."""

BY_CHANCE = 0.05
"""If guessing does as well more often than that, a network is no better than guessing."""

CLEARLY = 0.001
"""If guessing does as well less often than that, a network is clearly better."""

_MAX_LISTED = 5

CALIBRATED = 0.02
"""A calibration error that is none, whether luck explains it or not."""

TELLING = 0.05
"""If luck alone can make a larger calibration error, there are too few images to tell."""


def compare_with_guessing(report: RunReport, largest_class: str) -> str:
    """Say how often guessing does as well, and what the largest class gives.

    Parameters
    ----------
    largest_class : str
        Its name, as it can stand in the sentence.
    """
    n_classes, majority = len(report.test.class_names), report.test.majority
    p_value, guess = report.chance_p_value, f"guessing among {n_classes:,} classes"
    verdict = "could be" if p_value > BY_CHANCE else "is probably better than"
    verdict = "is clearly better than" if p_value <= CLEARLY else verdict
    words = f"**This {verdict} {guess}**, which would do this well {describe_frequency(p_value)}. "
    words += f"Always answering {largest_class} would be right in {majority:.1%}"
    if majority >= report.test.accuracy:
        return f"{words}: this network is no better than that."
    return f"{words}."


def describe_interval(report: RunReport) -> str:
    """Say what Wilson's interval is about: the true share, not the next test set."""
    low, high = report.interval
    return (
        f"Of all pictures of this kind, it would get between {low:.1%} and {high:.1%} right: "
        "such an interval is right 95 times of 100."
    )


def describe_looks(n_looks: int, result: RunResult) -> str:
    """Say how many networks' results on the test images have been looked at, and what that does.

    Parameters
    ----------
    n_looks : int
    result : RunResult
        Of one of the networks that these images test. Its validation accuracy stands for
        all of them: its test accuracy may not have been looked at.
    """
    n_images = result.test.n_images
    if n_looks < 2:
        n_networks = "one network" if n_looks else "no network"
        return (
            f"On these {n_images:,} test pictures, the result of {n_networks} has been looked at."
        )
    accuracy = result.test.accuracy if result.validation is None else result.validation
    points = _points_of_chance(n_looks, accuracy, n_images)
    worth = (
        f" If all were equally good, the best of {n_looks:,} would look up to {points} points "
        "better than it is, on average."
    )
    return (
        f"On these {n_images:,} test pictures, the results of {n_looks:,} networks have been "
        f"looked at.{worth if points else ''} Choose by the validation pictures, "
        "and look at the test result of the one that you chose."
    )


def describe_test_use(n_looks: int, result: RunResult) -> str:
    """Say what the test images decided about a network whose result on them is looked at.

    Parameters
    ----------
    n_looks : int
        Networks whose results on them were shown, this one included.
    """
    once = "The test pictures were used once for this network, at the end. They decided"
    if n_looks < 2:
        return (
            f"{once} nothing: not the weights, not when to stop, and as no other network's result "
            "on them has been looked at, not which network to take."
        )
    return f"{once} neither the weights nor when to stop. {describe_looks(n_looks, result)}"


def describe_best(title: str, n_models: int, result: RunResult) -> str:
    """Recommend the network that is best on the validation images, and say what that is worth.

    Parameters
    ----------
    title : str
        Of that network, as it can stand in the sentence.
    n_models : int
        Among how many it is the best.
    """
    accuracy, n_images = result.validation or 0.0, result.n_images["validation"]
    points = _points_of_chance(n_models, accuracy, n_images)
    worth = (
        f" If all {n_models:,} were equally good, the best would look up to {points} points "
        "better there than it is, on average."
    )
    return (
        f"Best on the validation pictures: **{title}**, {accuracy:.1%}."
        f"{worth if points else ''} Its test result tells what it is worth."
    )


def _points_of_chance(n_models: int, accuracy: float, n_images: int) -> str:
    """Write by how many points the best looks better than it is; "" if fewer than can be said."""
    points = f"{100 * optimism_of_best(n_models, accuracy, n_images):.1f}"
    return "" if points == "0.0" else points


def describe_seeds(runs: Sequence[Run]) -> str:
    """Say what the seeds of one network have reached on the validation images.

    Parameters
    ----------
    runs : sequence of Run
        That differ in their seed only. Each seed counts once, see `one_per_seed`.
    """
    counted = one_per_seed(runs)
    seeds = ", ".join(str(run.config.network.seed) for run in counted) or "none"
    words = [f"Seeds that have finished: {seeds}."]
    reached = [run.learned.validation for run in counted]
    summary = mean_std([share for share in reached if share is not None])
    if summary is not None and summary.std is None:
        words.append(
            f"It is right on {summary.mean:.1%} of the validation pictures. One seed says nothing "
            "about chance."
        )
    elif summary is not None and summary.std is not None:
        words.append(
            f"{summary.n} seeds are right on {summary.mean:.1%} of the validation pictures on "
            f"average, with a standard deviation of {100 * summary.std:.1f} points: from "
            f"{summary.lowest:.1%} to {summary.highest:.1%}."
        )
    n_live, n_stopped = sum(run.live for run in runs), sum(run.status == "stopped" for run in runs)
    words += [f"{n_live} under way."] if n_live else []
    words += [f"{n_stopped} stopped before the end, not counted."] if n_stopped else []
    return " ".join(words)


def describe_frequency(share: float) -> str:
    """Say how often something happens, in numbers that can be imagined."""
    if share > 0.995:
        return "practically every time"
    if share >= 0.01:
        return f"in {100 * share:.0f} of 100 tries"
    if share >= RARE:
        return f"in about 1 of {float(f'{1 / share:.1g}'):,.0f} tries"
    return "in fewer than 1 of a million tries"


def gap_means(report: RunReport) -> GapMeaning:
    """Tell what the gap between training and test accuracy is, if it is anything.

    Both accuracies are of a sample, so both have chance in them, see `shares_may_be_equal`.
    """
    if shares_may_be_equal(_n_correct(report, "train"), _n_correct(report, "test")):
        return "chance"
    if report.gap < 0:
        return "easier"
    n_correct, n_images = _n_correct(report, "train")
    guessing = max(report.chance, report.splits["train"].majority)
    return "nothing" if binomial_tail(n_correct, n_images, guessing) > BY_CHANCE else "by heart"


def describe_gap(report: RunReport) -> str:
    """Name the gap between training and test images, and what it tells."""
    train, points = report.splits["train"].accuracy, 100 * report.gap
    endings: dict[GapMeaning, str] = {
        "chance": f"; the gap of {abs(points):.1f} points to the test pictures could be chance.",
        "easier": f", which is {-points:.1f} points less: the test pictures are easier.",
        "nothing": f", which is no better than guessing there, so the gap of {points:.1f} points "
        "means nothing: it has learned nothing yet.",
        "by heart": f": a **gap of {points:.1f} points**. That much it learned by heart: it does "
        "better on pictures that it has seen.",
    }
    return f"On its training pictures it is right in {train:.1%}{endings[gap_means(report)]}"


def describe_untested(test: Evaluation) -> str:
    """Say which classes have no test images, so that nothing is known of them; "" if none."""
    names = [f"'{scores.class_name}'" for scores in test.classes if not scores.n_images]
    if not names:
        return ""
    listed = ", ".join(names[:_MAX_LISTED]) + (", ..." if names[_MAX_LISTED:] else "")
    return f"There is no test picture of {listed}, so nobody knows how many of them it finds."


def _n_correct(report: RunReport, split: str) -> tuple[int, int]:
    scores = report.splits[split]
    return round(scores.accuracy * scores.n_images), scores.n_images


def describe_accuracies(report: RunReport) -> str:
    """Say all that the chart of accuracies shows."""
    on = {name: f"{scores.accuracy:.1%}" for name, scores in report.splits.items()}
    low, high = report.interval
    return (
        f"Right: training {on['train']}, validation {on['validation']}, test "
        f"{on['test']} (95% interval of the true share {low:.1%} to {high:.1%}); guessing "
        f"{report.chance:.1%}, "
        f"always the same class {report.test.majority:.1%}."
    )


def describe_calibration(report: RunReport) -> str:
    """Say whether the network is as often right as it is confident, on the test images."""
    confidence = float(np.mean(report.predictions.of("test").confidence))
    accuracy, calibration = report.test.accuracy, report.calibration
    return (
        f"**It is {confidence:.0%} confident on average and right in {accuracy:.0%}**: "
        f"{judge_confidence(calibration, confidence - accuracy)}. The expected calibration error "
        f"is {calibration.error:.1%}. If each probability were exactly right, it would be "
        f"{calibration.error_if_calibrated:.1%} or less for 95 of 100 test sets as large as this."
    )


def describe_answered(report: RunReport) -> str:
    """Say how often it is right about the surer half of the test images."""
    curve, accuracy = report.answered, report.test.accuracy
    index = int(np.searchsorted(curve.x, 0.5))
    share, right = float(curve.x[index]), float(curve.y[index])
    if share == 1:
        return (
            "**No half of its predictions is more confident than the other**: most have the same "
            "probability."
        )
    return (
        f"**If it answered only for the {share:.0%} of the test pictures where it is most "
        f"confident, {right:.1%} would be right**; of all, {accuracy:.1%} are."
    )


def judge_confidence(calibration: Calibration, overconfidence: float) -> str:
    """Judge the calibration error, and on which side it lies.

    Probabilities count as right only if the error is small, is no more than luck makes of
    right ones, and there are enough images for luck to make no more than `TELLING`.

    Parameters
    ----------
    overconfidence : float
        Mean confidence less accuracy. Errors on both sides cancel out in it, so it says
        nothing of their size.
    """
    error = calibration.error
    if error > max(calibration.error_if_calibrated, CALIBRATED):
        if abs(overconfidence) < error / 2:
            return "too confident in some predictions and not confident enough in others"
        if overconfidence > 0:
            return "too confident, as networks are that trained for long"
        return "less confident than it could be"
    if calibration.error_if_calibrated > TELLING:
        return "there are too few test pictures to tell whether its confidence can be trusted"
    return "its confidence can be trusted"
