"""All answers of a finished network, on every image of every split.

Written once by the worker, so that no page asks a network of 25 million parameters about
20,000 images. All figures of the Results page follow from this one file.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.split import SPLITS
from ann_core.errors import RunError
from ann_core.files import replacing

_DAMAGE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network said, and what would have been right.

    Attributes
    ----------
    probabilities : float32 array, shape (n_images, n_classes)
        Rows sum to 1.
    labels : int64 array, shape (n_images,)
        Index of the true class.
    splits : str array, shape (n_images,)
        "train", "validation" or "test".
    rows : int64 array, shape (n_images,)
        Row of each image in ``Dataset.images``.
    feature_rows : int64 array, shape (n_images,)
        Row of each image in ``FeatureSet.features``.
    """

    probabilities: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    rows: np.ndarray
    feature_rows: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def predicted(self) -> np.ndarray:
        """int64 array, shape (n_images,): index of the class with the largest probability."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> np.ndarray:
        """float32 array, shape (n_images,): the largest probability."""
        return np.asarray(self.probabilities.max(axis=1))

    @property
    def correct(self) -> np.ndarray:
        """Where the answer is the truth: bool array, shape (n_images,)."""
        return np.asarray(self.predicted == self.labels)

    def of(self, split: str) -> Predictions:
        """Take those of one split."""
        return self.take(np.flatnonzero(self.splits == split))

    def take(self, chosen: np.ndarray) -> Predictions:
        """Take those at some places, in that order."""
        return Predictions(
            self.probabilities[chosen],
            self.labels[chosen],
            self.splits[chosen],
            self.rows[chosen],
            self.feature_rows[chosen],
        )


def save_predictions(predictions: Predictions, path: Path) -> None:
    """Write them as ``.npz``, whole or not at all; plain arrays, no pickles.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    arrays = {
        "probabilities": predictions.probabilities.astype(np.float32),
        "labels": predictions.labels.astype(np.int64),
        "splits": _ORDER[np.searchsorted(_CODED, predictions.splits)],
        "rows": predictions.rows.astype(np.int64),
        stored_names.FEATURE_ROWS: predictions.feature_rows.astype(np.int64),
    }
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_predictions(path: Path, n_classes: int) -> Predictions:
    """Read what `save_predictions` wrote.

    Raises
    ------
    RunError
        If the file is not there, damaged, or of a network with other classes.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            codes = archive["splits"]
            predictions = Predictions(
                probabilities=archive["probabilities"],
                labels=archive["labels"],
                splits=np.asarray(SPLITS)[codes],
                rows=archive["rows"],
                feature_rows=archive[stored_names.FEATURE_ROWS],
            )
    except (*_DAMAGE, IndexError) as error:
        raise RunError(
            f"The file {path.name} of this run is missing or damaged, so there are no answers to "
            "show. Train the network again."
        ) from error
    if not _fit(predictions, n_classes):
        raise RunError(
            f"The file {path.name} of this run does not fit the files beside it. Train the "
            "network again."
        )
    return predictions


_CODED = np.sort(np.asarray(SPLITS))
_ORDER = np.asarray([SPLITS.index(str(name)) for name in _CODED], dtype=np.uint8)


def _fit(predictions: Predictions, n_classes: int) -> bool:
    n_images = len(predictions.labels)
    columns = (predictions.labels, predictions.rows, predictions.feature_rows)
    return (
        predictions.probabilities.shape == (n_images, n_classes)
        and predictions.probabilities.dtype == np.float32
        and bool(np.isfinite(predictions.probabilities).all())
        and all(column.shape == (n_images,) for column in (*columns, predictions.splits))
        and all(column.dtype == np.int64 and (column >= 0).all() for column in columns)
        and bool((predictions.labels < n_classes).all())
    )
