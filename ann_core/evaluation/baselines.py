"""What a network must beat: simple classifiers on the same features and the same split.

Their results are stored once for each data set and preprocessing, with every answer to the
test split, so that a network can be compared with them image by image. The folder may be
deleted at any time; `ann_core.evaluation.baseline_fitting` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ann_core import stored_names
from ann_core.config import content_key
from ann_core.datasets.origin import note_origin, note_use
from ann_core.files import publish_folder, staged_folder, write_array, write_text
from ann_core.imaging.preprocessing import PreprocessConfig

ABOUT_FILE = "baselines.json"

TITLES = {
    "majority": "Always the most frequent class",
    "brightness": "Mean brightness only",
    "centroid": "Nearest class mean",
    "logistic": "Logistic regression",
    "neighbours": "k nearest neighbours",
}

_VERSION = 1  # of the classifiers; count up when their result changes


@dataclass(frozen=True)
class Baseline:
    """One simple classifier, and how often it is right.

    Attributes
    ----------
    key : str
        One of `TITLES`.
    detail : str
        What was chosen on the validation split, and anything else that decides the result.
    train, validation : float or None
        Accuracies, 0..1; None if it was not asked.
    test : float
        Asked once, after everything was chosen.
    seconds : float
        To train it, choose, and ask it.
    """

    key: str
    detail: str
    train: float | None
    validation: float | None
    test: float
    seconds: float

    @property
    def title(self) -> str:
        """Name it for people."""
        return TITLES[self.key]


@dataclass(frozen=True, eq=False)
class BaselineSet:
    """All baselines of one data set with one preprocessing.

    Attributes
    ----------
    predictions : int64 array, shape (2 + n_baselines, n_test)
        Row of each test image in ``Dataset.images``, its true class, then what each
        baseline said.
    """

    baselines: tuple[Baseline, ...]
    predictions: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """int64 array, shape (n_test,): rows of the test images in ``Dataset.images``."""
        return np.asarray(self.predictions[0])

    @property
    def labels(self) -> np.ndarray:
        """int64 array, shape (n_test,): index of the true class."""
        return np.asarray(self.predictions[1])

    def predicted(self, key: str) -> np.ndarray:
        """int64 array, shape (n_test,): index of the class that a baseline answered."""
        return np.asarray(self.predictions[2 + self._index(key)])

    def of(self, key: str) -> Baseline:
        """Take one by its key."""
        return self.baselines[self._index(key)]

    def test_accuracies(self) -> dict[str, float]:
        """Test accuracy of each, by key."""
        return {baseline.key: baseline.test for baseline in self.baselines}

    def _index(self, key: str) -> int:
        return [baseline.key for baseline in self.baselines].index(key)


def baselines_key(fingerprint: str, config: PreprocessConfig) -> str:
    """Name a set by what goes into it: images and preprocessing, scaling included."""
    return content_key([fingerprint, config.model_dump(mode="json"), _VERSION])


def save_baselines(made: BaselineSet, folder: Path, *, fingerprint: str = "") -> None:
    """Write a set into a folder that appears as a whole; one of the same images stays.

    Parameters
    ----------
    fingerprint : str
        ``Dataset.fingerprint``, to be found by when that is erased.

    Raises
    ------
    DiskFullError
    """

    def is_there() -> bool:
        earlier = open_baselines(folder)
        return earlier is not None and np.array_equal(earlier.rows, made.rows)

    about = [baseline.__dict__ for baseline in made.baselines]
    with staged_folder(folder.parent) as staging:
        prepared = staging / folder.name
        prepared.mkdir()
        write_array(prepared / stored_names.BASELINE_PREDICTIONS_FILE, made.predictions)
        write_text(prepared / ABOUT_FILE, json.dumps(about, indent=2) + "\n")
        note_origin(prepared, fingerprint)
        publish_folder(prepared, folder, is_whole=is_there)


def load_baselines(fingerprint: str, config: PreprocessConfig, root: Path) -> BaselineSet | None:
    """Find the baselines of a data set; None if there are none that can be read.

    Parameters
    ----------
    root : Path
        ``Settings.baselines_dir``.
    """
    folder = root / baselines_key(fingerprint, config)
    baselines = open_baselines(folder)
    if baselines is not None:
        note_use(folder, fingerprint)
    return baselines


def open_baselines(folder: Path) -> BaselineSet | None:
    """Read a folder of `save_baselines`; None if it is not there or damaged."""
    try:
        about: list[dict[str, Any]] = json.loads((folder / ABOUT_FILE).read_text())
        baselines = tuple(Baseline(**values) for values in about)
        with (folder / stored_names.BASELINE_PREDICTIONS_FILE).open("rb") as file:
            predictions = np.load(file, allow_pickle=False)
    except (OSError, EOFError, ValueError, TypeError):
        return None
    known = all(baseline.key in TITLES for baseline in baselines)
    fits = (
        predictions.ndim == 2
        and len(predictions) == 2 + len(baselines)
        and predictions.dtype == np.int64
    )
    return BaselineSet(baselines, predictions) if known and fits else None
