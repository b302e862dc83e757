"""What one might misread in the figures of a run, said with the figures of that run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ann_core.evaluation.interpretation import GapMeaning, gap_means
from ann_core.evaluation.report import RunReport, most_confident_mistakes
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.files import counted
from ann_core.training.history import EpochMetrics

CONFIDENT = 0.9
"""Probability from which on a mistake is no narrow miss."""

_LEARNED: dict[GapMeaning, str] = {
    "chance": "The difference between new pictures and those that it has seen could be chance: "
    "nothing here shows that it learned any by heart.",
    "easier": "It does better on the test pictures than on those that it has seen: they are "
    "easier, and nothing here shows that it learned any by heart.",
    "nothing": "It has not learned to tell even its training pictures apart.",
    "by heart": "It does better on pictures that it has seen than on new ones: that much it "
    "learned by heart.",
}
_PARTS = {"train": "is a training picture", "validation": "is a validation picture"}


def describe_mistakes(report: RunReport) -> str:
    """Say how sure the network was of its mistakes on the test images, and at the least."""
    test = report.predictions.of("test")
    least = float(test.confidence.min())
    doubt = (
        f" Its least confident prediction has {least:.0%}: if its probabilities are right, such "
        f"predictions are right in {100 * least:.0f} of 100 cases."
    )
    mistakes = most_confident_mistakes(test)
    if not len(mistakes):
        return f"It made no mistake on these {len(test):,} test pictures.{doubt}"
    confidence = test.confidence[mistakes]
    n_confident = int((confidence >= CONFIDENT).sum())
    which = "most confident" if len(mistakes) > 1 else "only"
    words = f"Its {which} mistake was made with {confidence[0]:.0%}"
    if not n_confident:
        return f"{words}, so no mistake was made with {CONFIDENT:.0%} or more.{doubt}"
    if len(mistakes) > 1:
        words += f", and {n_confident:,} of {len(mistakes):,} with {CONFIDENT:.0%} or more"
    return (
        f"{words}. A mistake made with such confidence is not a narrow miss. Look for what such "
        f"pictures have in common with the class they were taken for.{doubt}"
    )


def compare_training_accuracies(
    report: RunReport, history: Sequence[EpochMetrics], kept_epoch: int | None
) -> str:
    """Say why the curve ends at another training accuracy than the headline names.

    Parameters
    ----------
    history : sequence of EpochMetrics
    kept_epoch : int or None
        As in `RunResult`.

    Returns
    -------
    str
        "" where both are written alike.
    """
    whole, last = report.splits["train"].accuracy, history[-1] if history else None
    if last is None or f"{whole:.1%}" == f"{last.accuracy:.1%}":
        return ""
    words = (
        f"Training accuracy is {last.accuracy:.1%} at the end of the curve and {whole:.1%} above. "
        "The curve counts right predictions while the weights are still changing, batch by batch, "
        f"with dropout if there is any; the {whole:.1%} were measured afterwards, with the weights "
        "that were kept"
    )
    if kept_epoch is not None and kept_epoch != last.epoch:
        return f"{words}, those of epoch {kept_epoch}. The curve ends with epoch {last.epoch}."
    return f"{words}."


def sum_up(report: RunReport) -> str:
    """Say whether this network learned by heart, and how confident it is when it is wrong."""
    test = report.predictions.of("test")
    confidence = test.confidence[most_confident_mistakes(test)]
    n_confident = int((confidence >= CONFIDENT).sum())
    if not len(confidence):
        return f"{_LEARNED[gap_means(report)]} It made no mistake on these {len(test):,} pictures."
    if not n_confident:
        return (
            f"{_LEARNED[gap_means(report)]} When it was wrong, it was {confidence[0]:.0%} "
            "confident at most."
        )
    return (
        f"{_LEARNED[gap_means(report)]} Of its {counted(len(confidence), 'mistake')}, "
        f"{n_confident:,} {'was' if n_confident == 1 else 'were'} made with {CONFIDENT:.0%} "
        "confidence or more: a network that is confident is not always right."
    )


def explain_no_test_image(predictions: Predictions, row: int) -> str:
    """Say what an image is that is not among the test images, and name one that is.

    Parameters
    ----------
    row : int
        Of ``Dataset.images``.
    """
    at = np.flatnonzero(predictions.rows == row)
    split = str(predictions.splits[at[0]]) if len(at) else ""
    part = _PARTS.get(split, "was not used for this network")
    test = predictions.of("test").rows
    nearest = int(test[np.abs(test - row).argmin()]) + 1
    return (
        f"Number {row + 1:,} of the data set {part}, and only test pictures are shown here. The "
        f"nearest of them is number {nearest:,}. These numbers count the pictures of the whole "
        "data set; the gallery counts only those that it shows."
    )
