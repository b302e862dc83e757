"""What the figures of a run tell, in sentences of Markdown: pure functions of the figures."""

from __future__ import annotations

import numpy as np

from ann_core.evaluation.report import RunReport

RARE = 1e-6
"""How often guessing does as well, below which the number says no more."""

CALIBRATED = 0.02
"""How far confidence and accuracy may lie apart, for the one to be taken for the other."""


def compare_with_guessing(report: RunReport, largest_class: str) -> str:
    """Say how often guessing does as well, and what the largest class gives.

    Parameters
    ----------
    largest_class : str
        Its name, as it can stand in the sentence.
    """
    n_classes, majority = len(report.test.class_names), report.test.majority
    guesser = "A coin" if n_classes == 2 else f"A die with {n_classes:,} sides"
    words = f"**{guesser} would do this well {describe_frequency(report.chance_p_value)}.** "
    words += f"Always answering {largest_class} would be right in {majority:.1%}"
    if majority >= report.test.accuracy:
        return f"{words}: this network is no better than that."
    return f"{words}."


def describe_frequency(share: float) -> str:
    """Say how often something happens, in numbers that can be imagined."""
    if share > 0.995:
        return "practically every time"
    if share >= 0.01:
        return f"in {100 * share:.0f} of 100 tries"
    if share >= RARE:
        return f"in about 1 of {float(f'{1 / share:.1g}'):,.0f} tries"
    return "in fewer than 1 of a million tries"


def describe_gap(report: RunReport) -> str:
    """Name the gap between training and test images, and what it tells.

    A gap of at most half the width of the accuracy's interval is what luck alone makes.
    """
    train, points = report.splits["train"].accuracy, 100 * report.gap
    low, high = report.interval
    if abs(report.gap) <= (high - low) / 2:
        return (
            f"On its training pictures it is right in {train:.1%}; the gap of "
            f"{abs(points):.1f} points to the test pictures is within luck."
        )
    if report.gap < 0:
        return (
            f"On its training pictures it is right in {train:.1%}, which is {-points:.1f} points "
            "less: the test pictures are easier."
        )
    return (
        f"On its training pictures it is right in {train:.1%}: a **gap of {points:.1f} points**. "
        "That much it learned by heart; it does not hold for new pictures."
    )


def describe_accuracies(report: RunReport) -> str:
    """Say all that the chart of accuracies shows."""
    on = {name: f"{scores.accuracy:.1%}" for name, scores in report.splits.items()}
    low, high = report.interval
    return (
        f"Right answers: training {on['train']}, validation {on['validation']}, test "
        f"{on['test']} (95 % interval {low:.1%} to {high:.1%}); guessing {report.chance:.1%}, "
        f"always the same class {report.test.majority:.1%}."
    )


def describe_calibration(report: RunReport) -> str:
    """Say whether the network is as often right as it is confident, on the test images."""
    confidence = float(np.mean(report.predictions.of("test").confidence))
    accuracy = report.test.accuracy
    return (
        f"**It says {confidence:.0%} on average and is right in {accuracy:.0%}**: "
        f"{judge_confidence(confidence - accuracy)}. The expected calibration error is "
        f"{report.calibration.error:.1%}."
    )


def judge_confidence(overconfidence: float) -> str:
    """Judge mean confidence less accuracy."""
    if abs(overconfidence) < CALIBRATED:
        return "its probabilities can be taken at their word"
    if overconfidence > 0:
        return "too sure of itself, as networks are that trained for long"
    return "less sure than it could be"
