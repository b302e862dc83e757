"""Pictures whose label looks wrong: a simple classifier that never saw them says another class.

Every picture is judged by classifiers that were trained on the other four fifths of all pictures,
whatever their split. What to do with their probabilities is confident learning: Northcutt, Jiang
and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels" (2021). Written from the
paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from ann_core.files import ProgressCallback, no_progress

N_FOLDS = 5
LISTED_SHARE = 0.04  # of all pictures, at most; who looks through more can sort the set anew
TURNED_SHARE = 0.02  # of the labels, when we ask how many of the turned ones would be listed
LEAST_OF_CLASS = 10  # pictures; what fewer have in common cannot be learned
CLEAR = 3.0  # standard errors by which the classifier must be better than the largest class

_STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)  # of the ridge, in units of the mean variance of a feature
_TEMPERATURES = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)


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


def out_of_fold(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    n_classes: int,
    progress: ProgressCallback = no_progress,
) -> np.ndarray:
    """Probabilities of each class by ridge regression that has not seen the picture.

    Regression on the classes as 0 and 1 has a solution that can be written down, so all classes,
    folds and strengths together cost little more than one. A softmax of the scores with one
    temperature gives probabilities; strength and temperature are those of the highest likelihood.

    Returns
    -------
    float32 array, shape (n_images, n_classes)
    """
    coordinates = _coordinates(features)
    folds = _folds(labels)
    parts = []
    for number in range(N_FOLDS):
        parts.append(Ridge.fit(coordinates, labels, folds != number, n_classes=n_classes))
        progress(number + 1, 2 * N_FOLDS)
    losses = np.zeros((len(_STRENGTHS), len(_TEMPERATURES)))
    for number, ridge in enumerate(parts):
        unseen = folds == number
        for at, strength in enumerate(_STRENGTHS):
            scores = ridge.scores(coordinates[unseen], strength)
            losses[at] += [_loss(scores, labels[unseen], by) for by in _TEMPERATURES]
        progress(N_FOLDS + number + 1, 2 * N_FOLDS)
    chosen = np.unravel_index(losses.argmin(), losses.shape)
    strength, temperature = list(product(_STRENGTHS, _TEMPERATURES))[
        int(np.ravel_multi_index(chosen, losses.shape))
    ]
    probabilities = np.empty((len(labels), n_classes), dtype=np.float32)
    for number, ridge in enumerate(parts):
        unseen = folds == number
        scores = ridge.scores(coordinates[unseen], strength)
        probabilities[unseen] = np.exp(_log_softmax(scores * temperature))
    return probabilities


def _coordinates(features: np.ndarray) -> np.ndarray:
    """Features scaled to like spread; of fewer pictures than features, turned to as many axes."""
    spread = features.std(axis=0)
    centred = features - features.mean(axis=0)
    centred /= spread + 1e-3 * float(spread.mean()) + 1e-12
    if len(features) >= features.shape[1]:
        return np.asarray(centred)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float32)


def _folds(labels: np.ndarray) -> np.ndarray:
    """Deal the pictures into folds: by chance, with equal shares of each class."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), dtype=np.int64)
    folds[order] = np.arange(len(labels)) % N_FOLDS
    return folds


@dataclass(frozen=True, eq=False)
class Ridge:
    """Ridge regression on some of the pictures, for any strength.

    Attributes
    ----------
    means : float array, shape (n_features,)
    shares : float array, shape (n_classes,)
    values, vectors : float arrays
        Of the features' covariance.
    targets : float array, shape (n_features, n_classes)
        Products of features and classes, along the vectors.
    """

    means: np.ndarray
    shares: np.ndarray
    values: np.ndarray
    vectors: np.ndarray
    targets: np.ndarray

    @classmethod
    def fit(
        cls, coordinates: np.ndarray, labels: np.ndarray, seen: np.ndarray, *, n_classes: int
    ) -> Ridge:
        """Solve for the pictures that are `seen`, a bool array."""
        x, y = coordinates[seen], labels[seen]
        means = x.mean(axis=0)
        sizes = np.bincount(y, minlength=n_classes)
        covariance = (x.T @ x).astype(np.float64) / len(x) - np.outer(means, means)
        order = np.argsort(y, kind="stable")
        starts = np.flatnonzero(np.diff(y[order], prepend=-1))
        sums = np.zeros((n_classes, x.shape[1]))
        sums[y[order][starts]] = np.add.reduceat(x[order], starts, axis=0)
        products = (sums - sizes[:, np.newaxis] * means).T / len(x)
        values, vectors = np.linalg.eigh(covariance)
        return cls(means, sizes / len(x), np.maximum(values, 0.0), vectors, vectors.T @ products)

    def scores(self, coordinates: np.ndarray, strength: float) -> np.ndarray:
        """Predict: float64 array, shape (n_images, n_classes), about 1 for the class, else 0.

        Parameters
        ----------
        strength : float
            In units of the mean variance of a feature.
        """
        damped = self.values + strength * max(float(self.values.mean()), 1e-12)
        weights = self.vectors @ (self.targets / damped[:, np.newaxis])
        return np.asarray((coordinates - self.means) @ weights + self.shares)


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def _loss(scores: np.ndarray, labels: np.ndarray, temperature: float) -> float:
    """Minus the log likelihood of all labels."""
    logs = _log_softmax(scores * temperature)
    return -float(logs[np.arange(len(labels)), labels].sum())
