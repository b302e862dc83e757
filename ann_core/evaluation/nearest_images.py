"""The training images of a run that lie nearest to an image: as pixels, and to its network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.evaluation.embeddings import Embeddings
from ann_core.evaluation.knn import distance_beyond, nearest
from ann_core.evaluation.run_inputs import RunInputs
from ann_core.evaluation.stored_predictions import Predictions


@dataclass(frozen=True, eq=False)
class NearestImages:
    """Training images, the nearest first.

    Attributes
    ----------
    rows : int64 array, shape (k,)
        Row of each in ``Dataset.images``.
    labels : int64 array, shape (k,)
        Index of the true class of each.
    distances : float64 array, shape (k,)
        Euclidean.
    """

    rows: np.ndarray
    labels: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def n_of_class(self, label: int) -> int:
        """Count those of one class."""
        return int((self.labels == label).sum())


def nearest_inputs(
    features: np.ndarray, inputs: RunInputs, predictions: Predictions, *, k: int
) -> NearestImages:
    """Find the training images that are nearest in pixel space.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
    predictions : Predictions
        Of all splits.

    Raises
    ------
    RunError
        If `inputs` has no training images.
    """
    train = inputs.indices_of(predictions.of("train").rows)
    [indices], [distances] = nearest(features[np.newaxis], inputs.table, train, k=k)
    return _nearest(predictions.at_rows(inputs.rows[indices]), distances)


def nearest_embeddings(
    activations: np.ndarray, embeddings: Embeddings, predictions: Predictions, *, k: int
) -> NearestImages:
    """Find the training images of which the last hidden layer makes nearly the same.

    Parameters
    ----------
    activations : float32 array, shape (n_units,)
        Of the image that is looked at.
    """
    kept = np.arange(len(embeddings.feature_rows))
    [indices], [distances] = nearest(activations[np.newaxis], embeddings.values, kept, k=k)
    return _nearest(predictions.at_feature_rows(embeddings.feature_rows[indices]), distances)


def distance_beyond_training(
    features: np.ndarray, inputs: RunInputs, predictions: Predictions, *, limit: float
) -> float | None:
    """Distance to the nearest training image; None if one lies within `limit`.

    Raises
    ------
    RunError
        If `inputs` has no training images.
    """
    train = inputs.indices_of(predictions.of("train").rows)
    return distance_beyond(features, inputs.table, train, limit=limit)


def distance_text(distance: float) -> str:
    """Write a distance with three digits, or without decimals: "0.123", "1,234"."""
    return f"{distance:,.0f}" if distance >= 100 else f"{distance:.3g}"


def _nearest(predictions: Predictions, distances: np.ndarray) -> NearestImages:
    return NearestImages(predictions.rows, predictions.labels, distances)
