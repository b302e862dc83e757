"""All predictions of a finished network, for every image of every split.

Written once by the worker, so that no page asks a network of 25 million parameters about
20,000 images. All figures of the Results page follow from this one file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.npz import read_arrays
from ann_core.datasets.split import SPLITS
from ann_core.errors import ArrayFileError, DamagedFileError, RunError
from ann_core.files import replacing


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network predicted, and what would have been right.

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
        Row of each image in the table that the network was trained on, as other files of the
        run name it. The table that lies there now may be another one; `rows` holds for both.
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
        """Where the prediction is the truth: bool array, shape (n_images,)."""
        return np.asarray(self.predicted == self.labels)

    def of(self, split: str) -> Predictions:
        """Take those of one split."""
        return self.take(np.flatnonzero(self.splits == split))

    def at_rows(self, rows: Sequence[int] | np.ndarray) -> Predictions:
        """Take those of some rows of ``Dataset.images``, in that order.

        Raises
        ------
        RunError
            If the network was not asked about all of them.
        """
        return self.take(_indices_of(rows, self.rows))

    def at_feature_rows(self, feature_rows: Sequence[int] | np.ndarray) -> Predictions:
        """Take those of some rows of the table that the network was trained on, in that order.

        Raises
        ------
        RunError
            If the network was not asked about all of them.
        """
        return self.take(_indices_of(feature_rows, self.feature_rows))

    def take(self, indices: np.ndarray) -> Predictions:
        """Take those at some indices, in that order."""
        return Predictions(
            self.probabilities[indices],
            self.labels[indices],
            self.splits[indices],
            self.rows[indices],
            self.feature_rows[indices],
        )


def _indices_of(values: Sequence[int] | np.ndarray, column: np.ndarray) -> np.ndarray:
    """Where each value stands in a column: int64 array."""
    order = np.argsort(column, kind="stable")
    index = np.searchsorted(column, values, sorter=order)
    indices = np.asarray(order[np.minimum(index, len(column) - 1)] if len(column) else index)
    if index.size and (not len(column) or not np.array_equal(column[indices], values)):
        raise RunError("The network was not asked about all of these pictures.")
    return indices


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
    DamagedFileError
        If the file is not there, damaged, or of a network with other classes.
    """
    try:
        arrays = read_arrays(path, _KINDS)
    except ArrayFileError as error:
        raise DamagedFileError(
            f"The file {path.name} of this network is missing or damaged, so there are no answers "
            "to show. Train it again.",
            str(error),
        ) from error
    if not _fit(arrays, n_classes):
        raise DamagedFileError(
            f"The file {path.name} of this network does not fit the files beside it. Train the "
            "network again.",
            "its answers do not fit each other",
        )
    return Predictions(
        probabilities=arrays["probabilities"],
        labels=arrays["labels"],
        splits=np.asarray(SPLITS)[arrays["splits"]],
        rows=arrays["rows"],
        feature_rows=arrays[stored_names.FEATURE_ROWS],
    )


_KINDS = {
    "probabilities": "<f4",
    "labels": "<i8",
    "splits": "|u1",
    "rows": "<i8",
    stored_names.FEATURE_ROWS: "<i8",
}
_CODED = np.sort(np.asarray(SPLITS))
_ORDER = np.asarray([SPLITS.index(str(name)) for name in _CODED], dtype=np.uint8)


def _fit(arrays: dict[str, np.ndarray], n_classes: int) -> bool:
    labels, codes = arrays["labels"], arrays["splits"]
    columns = (labels, codes, arrays["rows"], arrays[stored_names.FEATURE_ROWS])
    return (
        all(column.shape == (labels.size,) for column in columns)
        and arrays["probabilities"].shape == (labels.size, n_classes)
        and all(bool((column >= 0).all()) for column in columns)
        and bool((labels < n_classes).all() and (codes < len(SPLITS)).all())
    )
