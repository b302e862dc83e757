"""All figures of one finished run, from its predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.split import SPLITS
from ann_core.evaluation.curves import (
    Calibration,
    Curve,
    answered_curve,
    calibration,
    precision_recall_curve,
    roc_curve,
)
from ann_core.evaluation.metrics import evaluate
from ann_core.evaluation.significance import chance_p_value, wilson_interval
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.runs.result import Evaluation


@dataclass(frozen=True, eq=False)
class RunReport:
    """What one network's predictions are worth.

    Attributes
    ----------
    predictions : Predictions
        Of all splits.
    splits : dict of split to Evaluation
        The same network, with its final weights, on every split.
    interval : (low, high)
        95 % interval of the true share of right answers, see `wilson_interval`.
    chance : float
        Accuracy of guessing: 1 / n_classes.
    chance_p_value : float
        How often guessing would do as well on this test set, 0..1.
    roc, precision_recall : Curve or None
        For two classes; the second one counts as positive.
    calibration : Calibration
        On the test split.
    answered : Curve
        Accuracy on the test split if only the surest answers are given, see `answered_curve`.
    """

    predictions: Predictions
    splits: dict[str, Evaluation]
    interval: tuple[float, float]
    chance: float
    chance_p_value: float
    roc: Curve | None
    precision_recall: Curve | None
    calibration: Calibration
    answered: Curve

    @property
    def test(self) -> Evaluation:
        """On images that decided nothing: asked once, at the end."""
        return self.splits["test"]

    @property
    def gap(self) -> float:
        """By how much training accuracy exceeds that on the test images; 0..1, or below 0."""
        return self.splits["train"].accuracy - self.test.accuracy


def report(predictions: Predictions, class_names: tuple[str, ...]) -> RunReport:
    """Work out all figures.

    Raises
    ------
    ShapeError
        If a split has no images.
    """
    test = predictions.of("test")
    splits = {}
    for split in SPLITS:
        part = predictions.of(split)
        splits[split] = evaluate(part.probabilities, part.labels, class_names, split=split)
    n_correct, two = int(test.correct.sum()), len(class_names) == 2
    scores, positive = test.probabilities[:, -1], test.labels == len(class_names) - 1
    return RunReport(
        predictions=predictions,
        splits=splits,
        interval=wilson_interval(n_correct, len(test)),
        chance=1 / len(class_names),
        chance_p_value=chance_p_value(n_correct, len(test), len(class_names)),
        roc=roc_curve(scores, positive) if two else None,
        precision_recall=precision_recall_curve(scores, positive) if two else None,
        calibration=calibration(test.confidence, test.correct),
        answered=answered_curve(test.confidence, test.correct),
    )


def cell(predictions: Predictions, truth: int, predicted: int) -> np.ndarray:
    """int64 array: indices of one cell of the confusion matrix, the most confident first."""
    inside = (predictions.labels == truth) & (predictions.predicted == predicted)
    return _most_confident_first(predictions, np.flatnonzero(inside))


def most_confident_mistakes(predictions: Predictions) -> np.ndarray:
    """int64 array: indices in `predictions` of all mistakes, the most confident one first."""
    return _most_confident_first(predictions, np.flatnonzero(~predictions.correct))


def least_confident(predictions: Predictions) -> np.ndarray:
    """int64 array: indices of all, the one with the smallest largest probability first."""
    return _most_confident_first(predictions, np.arange(len(predictions)))[::-1]


def _most_confident_first(predictions: Predictions, indices: np.ndarray) -> np.ndarray:
    return indices[np.argsort(-predictions.confidence[indices], kind="stable")]
