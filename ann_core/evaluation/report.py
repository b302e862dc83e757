"""All figures of one finished run, from its answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.split import SPLITS
from ann_core.evaluation.curves import (
    Calibration,
    Curve,
    calibration,
    precision_recall_curve,
    roc_curve,
)
from ann_core.evaluation.metrics import Evaluation, evaluate
from ann_core.evaluation.significance import guessing, wilson_interval
from ann_core.evaluation.stored_predictions import Answers


@dataclass(frozen=True, eq=False)
class RunReport:
    """What one network's answers are worth.

    Attributes
    ----------
    answers : Answers
        Of all splits.
    splits : dict of split to Evaluation
        The same network, with its final weights, on every split.
    interval : (low, high)
        Where the true test accuracy lies in 95 of 100 cases.
    chance : float
        Accuracy of guessing: 1 / n_classes.
    guessing : float
        How often guessing would do as well on this test set, 0..1.
    roc, precision_recall : Curve or None
        For two classes; the second one counts as positive.
    calibration : Calibration
        On the test split.
    """

    answers: Answers
    splits: dict[str, Evaluation]
    interval: tuple[float, float]
    chance: float
    guessing: float
    roc: Curve | None
    precision_recall: Curve | None
    calibration: Calibration

    @property
    def test(self) -> Evaluation:
        """On pictures that decided nothing: asked once, at the end."""
        return self.splits["test"]

    @property
    def gap(self) -> float:
        """By how much training accuracy exceeds that on the test pictures; 0..1, or below 0."""
        return self.splits["train"].accuracy - self.test.accuracy


def report(answers: Answers, class_names: tuple[str, ...]) -> RunReport:
    """Work out all figures.

    Raises
    ------
    ShapeError
        If a split has no pictures.
    """
    test = answers.of("test")
    splits = {}
    for split in SPLITS:
        part = answers.of(split)
        splits[split] = evaluate(part.probabilities, part.labels, class_names, split)
    n_right, two = int(test.right.sum()), len(class_names) == 2
    scores, positive = test.probabilities[:, -1], test.labels == len(class_names) - 1
    return RunReport(
        answers=answers,
        splits=splits,
        interval=wilson_interval(n_right, len(test)),
        chance=1 / len(class_names),
        guessing=guessing(n_right, len(test), len(class_names)),
        roc=roc_curve(scores, positive) if two else None,
        precision_recall=precision_recall_curve(scores, positive) if two else None,
        calibration=calibration(test.confidence, test.right),
    )


def cell(answers: Answers, truth: int, said: int) -> np.ndarray:
    """int64 array: places in `answers` of one cell of the confusion matrix, the surest first."""
    found = np.flatnonzero((answers.labels == truth) & (answers.said == said))
    return _surest_first(answers, found)


def surest_mistakes(answers: Answers) -> np.ndarray:
    """int64 array: places in `answers` of all mistakes, the most confident one first."""
    return _surest_first(answers, np.flatnonzero(~answers.right))


def least_sure(answers: Answers) -> np.ndarray:
    """int64 array: places of all answers, the one with the smallest largest probability first."""
    return _surest_first(answers, np.arange(len(answers)))[::-1]


def _surest_first(answers: Answers, found: np.ndarray) -> np.ndarray:
    return found[np.argsort(-answers.confidence[found], kind="stable")]
