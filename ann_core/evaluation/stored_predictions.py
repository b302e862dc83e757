"""All answers of a finished network, on every picture of every split.

Written once by the worker, so that no page asks a network of 25 million parameters about
20,000 pictures. All figures of the Results page follow from this one file.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.split import SPLITS
from ann_core.errors import RunError
from ann_core.files import replacing

_DAMAGE = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile)


@dataclass(frozen=True, eq=False)
class Answers:
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
        Row of each picture in ``Dataset.pictures``.
    places : int64 array, shape (n_images,)
        Row of each picture in ``FeatureSet.features``.
    """

    probabilities: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    rows: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def said(self) -> np.ndarray:
        """int64 array, shape (n_images,): index of the class with the largest probability."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def confidence(self) -> np.ndarray:
        """float32 array, shape (n_images,): the largest probability."""
        return np.asarray(self.probabilities.max(axis=1))

    @property
    def right(self) -> np.ndarray:
        """Where the answer is the truth: bool array, shape (n_images,)."""
        return np.asarray(self.said == self.labels)

    def of(self, split: str) -> Answers:
        """Take those of one split."""
        return self.take(np.flatnonzero(self.splits == split))

    def take(self, chosen: np.ndarray) -> Answers:
        """Take those at some places, in that order."""
        return Answers(
            self.probabilities[chosen],
            self.labels[chosen],
            self.splits[chosen],
            self.rows[chosen],
            self.places[chosen],
        )


def save_answers(answers: Answers, path: Path) -> None:
    """Write them as ``.npz``, whole or not at all; plain arrays, no pickles.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    codes = np.searchsorted(_CODED, answers.splits)
    with replacing(path) as file:
        np.savez(
            file,
            probabilities=answers.probabilities.astype(np.float32),
            labels=answers.labels.astype(np.int64),
            splits=_ORDER[codes],
            rows=answers.rows.astype(np.int64),
            places=answers.places.astype(np.int64),
        )


def load_answers(path: Path, n_classes: int) -> Answers:
    """Read what `save_answers` wrote.

    Raises
    ------
    RunError
        If the file is not there, damaged, or of a network with other classes.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            codes = archive["splits"]
            answers = Answers(
                probabilities=archive["probabilities"],
                labels=archive["labels"],
                splits=np.asarray(SPLITS)[codes],
                rows=archive["rows"],
                places=archive["places"],
            )
    except (*_DAMAGE, IndexError) as error:
        raise RunError(
            f"The file {path.name} of this run is missing or damaged, so there are no answers to "
            "show. Train the network again."
        ) from error
    if not _fit(answers, n_classes):
        raise RunError(
            f"The file {path.name} of this run does not fit the files beside it. Train the "
            "network again."
        )
    return answers


_CODED = np.sort(np.asarray(SPLITS))
_ORDER = np.asarray([SPLITS.index(str(name)) for name in _CODED], dtype=np.uint8)


def _fit(answers: Answers, n_classes: int) -> bool:
    n_images = len(answers.labels)
    columns = (answers.labels, answers.rows, answers.places)
    return (
        answers.probabilities.shape == (n_images, n_classes)
        and answers.probabilities.dtype == np.float32
        and bool(np.isfinite(answers.probabilities).all())
        and all(column.shape == (n_images,) for column in (*columns, answers.splits))
        and all(column.dtype == np.int64 and (column >= 0).all() for column in columns)
        and bool((answers.labels < n_classes).all())
    )
