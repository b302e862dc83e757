"""Probabilities of the classes by classifiers that have not seen the picture.

The pictures are dealt into five folds; each is judged by a ridge regression on the other four.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from ann_core.files import ProgressCallback, no_progress

N_FOLDS = 5

_STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0)  # of the ridge, in units of the mean variance of a feature
_TEMPERATURES = (1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0)


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
