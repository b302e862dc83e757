"""Pictures whose label looks wrong: a simple classifier that never saw them says another class.

Every picture is judged by classifiers that were trained on the other four fifths of all pictures,
whatever their split. What to do with their probabilities is confident learning: Northcutt, Jiang
and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (2021). Written from the
paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.datasets.profile.out_of_fold import out_of_fold
from ann_core.files import ProgressCallback, no_progress

LISTED_SHARE = 0.04  # of all pictures, at most; who looks through more can sort the set anew
TURNED_SHARE = 0.02  # of the labels, when we ask how many of the turned ones would be listed
LEAST_OF_CLASS = 10  # pictures; what fewer have in common cannot be learned
# Accuracy below which the classifier errs more often than people: Northcutt, Athalye and Mueller,
# "Pervasive Label Errors in Test Sets" (2021), found up to 10 % of wrong labels.
TRUSTWORTHY = 0.9
CLEAR = 3.0  # standard errors by which the classifier must be better than the largest class


@dataclass(frozen=True)
class LabelCheck:
    """How far the list of label mistakes can be trusted.

    Attributes
    ----------
    accuracy : float
        Share of the pictures whose label the classifier gave without having seen them, 0..1.
    guess : float
        Share of the largest class, 0..1: what guessing would reach.
    n_estimated : int
        Labels that are wrong, by confident learning.
    found_early : float
        Of labels turned by chance, the share that would be among the first 4 % of the list, 0..1.
    """

    accuracy: float
    guess: float
    n_estimated: int
    found_early: float


@dataclass(frozen=True, eq=False)
class LabelMistakes:
    """Pictures that look like another class than their label says, the surest first.

    Attributes
    ----------
    check : LabelCheck
    rows : int64 array, shape (n,)
        At most `LISTED_SHARE` of all; empty if the classifier is no better than guessing.
    looks_like : int64 array, shape (n,)
        The likeliest class.
    certainty : float64 array, shape (n,)
        Its probability, 0..1.
    """

    check: LabelCheck
    rows: np.ndarray
    looks_like: np.ndarray
    certainty: np.ndarray


def find_label_mistakes(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    n_classes: int,
    progress: ProgressCallback = no_progress,
) -> LabelMistakes:
    """Rank the pictures whose label is less likely than another class.

    The rank is by normalized margin, the probability of the label less that of the likeliest
    other class, as the paper has it.

    Parameters
    ----------
    features : float32 array, shape (n_images, n_features)
        Such as `ann_core.datasets.profile.patches.patch_features` makes them.
    labels : int array, shape (n_images,)
    """
    probabilities = out_of_fold(features, labels, n_classes=n_classes, progress=progress)
    margins = normalized_margins(probabilities, labels)
    check = _check(probabilities, labels, margins)
    sizes = np.bincount(labels, minlength=n_classes)
    doubtful = (margins < 0.0) & (sizes[labels] >= LEAST_OF_CLASS)
    if not is_clear(check, len(labels)):
        doubtful[:] = False
    order = np.argsort(margins, kind="stable")
    n_listed = max(1, round(LISTED_SHARE * len(labels)))
    rows = order[doubtful[order]][:n_listed]
    looks_like = probabilities[rows].argmax(axis=1)
    certainty = probabilities[rows, looks_like].astype(np.float64)
    return LabelMistakes(check, rows, looks_like, certainty)


def is_clear(check: LabelCheck, n_images: int) -> bool:
    """Whether the classifier is better than guessing by more than luck."""
    error = np.sqrt(check.guess * (1.0 - check.guess) / n_images)
    return check.accuracy > check.guess + CLEAR * float(error)


def describe_check(check: LabelCheck, n_images: int) -> str:
    """Say in words how far the list of label mistakes can be trusted."""
    ability = (
        f"A simple classifier gives {check.accuracy:.0%} of the pictures their label without "
        f"having seen them; guessing would give {check.guess:.0%}."
    )
    if not is_clear(check, n_images):
        return f"{ability} It cannot tell these classes apart, so it doubts no label."
    share = (
        f"Of labels that were changed at random, about {check.found_early:.0%} would be in the "
        f"first {LISTED_SHARE:.0%} of this list"
    )
    if check.accuracy < TRUSTWORTHY:
        return (
            f"{ability} {share}, so the list is poor: most of its pictures are labelled correctly."
        )
    estimate = f"{check.n_estimated:,} labels are" if check.n_estimated != 1 else "1 label is"
    return f"{ability} {share}. Confident learning estimates that {estimate} wrong."


def normalized_margins(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Probability of the label less that of the likeliest other class, -1..1."""
    every = np.arange(len(labels))
    others = probabilities.copy()
    others[every, labels] = -1.0
    return np.asarray(probabilities[every, labels] - others.max(axis=1))


def estimate_mistakes(probabilities: np.ndarray, labels: np.ndarray) -> int:
    """Count the wrong labels by the confident joint of Northcutt, Jiang and Chuang, section 3.

    A picture counts for the likeliest of the classes whose probability reaches the mean
    probability that pictures of that class have for it (its threshold). Rows of the table of label
    and counted class are scaled to the number of pictures of each label; what is off the diagonal
    is wrong.
    """
    n_classes = probabilities.shape[1]
    sizes = np.bincount(labels, minlength=n_classes)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    sums = np.bincount(labels, weights=own, minlength=n_classes)
    thresholds = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    counted = reached.argmax(axis=1)
    confident = reached.max(axis=1) >= 0.0
    of_label = np.bincount(labels[confident], minlength=n_classes)
    wrong = np.bincount(labels[confident & (counted != labels)], minlength=n_classes)
    return round(float((sizes * wrong / np.maximum(of_label, 1)).sum()))


def _check(probabilities: np.ndarray, labels: np.ndarray, margins: np.ndarray) -> LabelCheck:
    sizes = np.bincount(labels)
    return LabelCheck(
        accuracy=float((probabilities.argmax(axis=1) == labels).mean()),
        guess=float(sizes.max() / len(labels)),
        n_estimated=estimate_mistakes(probabilities, labels),
        found_early=_found_early(probabilities, labels, margins),
    )


def _found_early(probabilities: np.ndarray, labels: np.ndarray, margins: np.ndarray) -> float:
    """Turn each label as if it were one of 2 %, and see how many margins are in the lowest 4 %."""
    n_images, n_classes = probabilities.shape
    by = np.random.default_rng(0).integers(1, max(n_classes, 2), n_images)
    turned = normalized_margins(probabilities, (labels + by) % n_classes)
    values = np.concatenate([margins, turned])
    is_turned = np.arange(2 * n_images) >= n_images
    shares = np.where(is_turned, TURNED_SHARE, 1.0 - TURNED_SHARE) / n_images
    order = np.argsort(values, kind="stable")
    early = order[np.cumsum(shares[order]) <= LISTED_SHARE]
    return float(is_turned[early].sum() / n_images)
