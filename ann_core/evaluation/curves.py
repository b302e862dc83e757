"""Curves over all thresholds: what happens if a network must be more confident to answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_BINS = 10

_N_DRAWS = 500


@dataclass(frozen=True, eq=False)
class Curve:
    """Points of a curve, and the area under it.

    Attributes
    ----------
    x, y : float64 arrays, shape (n_points,)
        0..1 both.
    area : float
        0..1.
    """

    x: np.ndarray
    y: np.ndarray
    area: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether the network is as often right as it says.

    Attributes
    ----------
    confidence, accuracy : float64 arrays, shape (n_bins,)
        Mean largest probability and share of right answers, for each tenth of 0..1 that
        has images.
    n_images : int64 array, shape (n_bins,)
    error : float
        Expected calibration error: the mean distance between the two, over images
        (Guo et al. 2017, On Calibration of Modern Neural Networks).
    error_if_calibrated : float
        What the error would not exceed for 95 of 100 test sets, if each probability were
        exactly right: with few images it is never 0.
    """

    confidence: np.ndarray
    accuracy: np.ndarray
    n_images: np.ndarray
    error: float
    error_if_calibrated: float


def roc_curve(scores: np.ndarray, positive: np.ndarray) -> Curve:
    """Draw the false positive rate (x) against the true positive rate (y).

    The area is the probability that a positive image has a higher score than a
    negative one (Fawcett 2006).

    Parameters
    ----------
    scores : float array, shape (n_images,)
        Probability of the positive class.
    positive : bool array, shape (n_images,)
        Both kinds must occur, else the rates are NaN.
    """
    true_positives, false_positives = _counts(scores, positive)
    with np.errstate(invalid="ignore"):
        x = np.concatenate([[0.0], false_positives / false_positives[-1]])
        y = np.concatenate([[0.0], true_positives / true_positives[-1]])
    return Curve(x, y, float(np.trapezoid(y, x)))


def precision_recall_curve(scores: np.ndarray, positive: np.ndarray) -> Curve:
    """Draw recall (x) against precision (y), from the highest threshold to the lowest.

    The area is the average precision: each gain in recall times the precision there,
    without a line between the points (as scikit-learn's ``average_precision_score``).
    """
    true_positives, false_positives = _counts(scores, positive)
    with np.errstate(invalid="ignore"):
        x = np.concatenate([[0.0], true_positives / true_positives[-1]])
    y = np.concatenate([[1.0], true_positives / (true_positives + false_positives)])
    return Curve(x, y, float((np.diff(x) * y[1:]).sum()))


def answered_curve(confidence: np.ndarray, correct: np.ndarray) -> Curve:
    """Draw the share of images that are answered, the surest first, against accuracy on them.

    The complement of a risk-coverage curve; the area is one less the AURC (Geifman and
    El-Yaniv 2017, Selective Classification for Deep Neural Networks), but equally sure answers
    are given together.

    Parameters
    ----------
    confidence : float array, shape (n_images,)
        The largest probability of each image.
    correct : bool array, shape (n_images,)
    """
    n_correct, n_wrong = _counts(confidence, correct)
    n_answered = n_correct + n_wrong
    x, y = n_answered / len(confidence), n_correct / n_answered
    return Curve(x, y, float((np.diff(x, prepend=0.0) * y).sum()))


def calibration(confidence: np.ndarray, correct: np.ndarray) -> Calibration:
    """Sort predictions into ten bins by their confidence, and look how many are right.

    Parameters
    ----------
    confidence : float array, shape (n_images,)
        The largest probability of each image.
    correct : bool array, shape (n_images,)
    """
    edges = np.linspace(0.0, 1.0, N_BINS + 1)
    bins = np.searchsorted(edges[1:-1], confidence)
    counts = np.bincount(bins, minlength=N_BINS)
    filled = counts > 0
    n_images = counts[filled]
    mean = np.bincount(bins, confidence.astype(np.float64), N_BINS)[filled] / n_images
    share = np.bincount(bins, correct, N_BINS)[filled] / n_images
    error = float((np.abs(mean - share) * n_images).sum() / len(confidence))
    return Calibration(mean, share, n_images, error, _error_if_calibrated(mean, n_images))


def _error_if_calibrated(confidence: np.ndarray, n_images: np.ndarray) -> float:
    """Draw right answers as often as the confidence says, and look at the error of the draws.

    Consistency resampling (Bröcker and Smith 2007, Increasing the Reliability of
    Reliability Diagrams), with one probability a bin.
    """
    rng = np.random.default_rng(0)
    share = rng.binomial(n_images, np.minimum(confidence, 1.0), (_N_DRAWS, len(n_images)))
    errors = (np.abs(share / n_images - confidence) * n_images).sum(axis=1) / n_images.sum()
    return float(np.quantile(errors, 0.95)) + 1e-9  # an equal error is no larger one


def _counts(scores: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count positives and negatives at or above each score that occurs, the highest first."""
    order = np.argsort(-scores, kind="stable")
    scores, positive = scores[order], positive[order]
    last_of_equals = np.flatnonzero(np.append(np.diff(scores) != 0, True))
    true_positives = np.cumsum(positive)[last_of_equals]
    return true_positives, last_of_equals + 1 - true_positives
