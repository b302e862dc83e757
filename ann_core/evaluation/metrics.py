"""How good the predictions are: numbers on images the network never saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ann_core.errors import ShapeError
from ann_core.runs.result import ClassScores, Evaluation


def evaluate(
    probabilities: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    split: str = "test",
) -> Evaluation:
    """Compare predictions with the truth.

    Parameters
    ----------
    probabilities : float array, shape (n_images, n_classes)
        Rows sum to 1; the prediction is the class with the largest.
    labels : int array, shape (n_images,)
        Index of the true class.

    Returns
    -------
    Evaluation
        A class that was never predicted has precision 0.

    Raises
    ------
    ShapeError
        If the two do not belong together, or there is no image at all.
    """
    n_classes = len(class_names)
    expected = (len(labels), n_classes)
    if not len(labels) or probabilities.shape != expected:
        raise ShapeError(
            f"Expected at least one picture and probabilities with shape {expected}, one row a "
            f"label and one column a class, got {probabilities.shape}."
        )
    predicted = probabilities.argmax(axis=1)
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    correct = confusion.diagonal()
    precision = _share(correct, confusion.sum(axis=0))
    recall = _share(correct, confusion.sum(axis=1))
    f1 = _share(2 * precision * recall, precision + recall)
    # Keras clips in the same way, so that one confident mistake does not give infinity.
    of_truth = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1 - 1e-7)
    scores = zip(class_names, precision, recall, f1, confusion.sum(axis=1), strict=True)
    return Evaluation(
        split=split,
        n_images=len(labels),
        accuracy=float(correct.sum() / len(labels)),
        loss=float(-np.log(of_truth).mean()),
        majority=float(confusion.sum(axis=1).max() / len(labels)),
        class_names=tuple(class_names),
        confusion=tuple(tuple(int(n) for n in row) for row in confusion),
        classes=tuple(
            ClassScores(c, float(p), float(r), float(f), int(n)) for c, p, r, f, n in scores
        ),
    )


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Divide, with 0 where there is nothing to divide."""
    result = np.zeros(len(whole), dtype=np.float64)
    np.divide(part, whole, out=result, where=whole > 0)
    return result
