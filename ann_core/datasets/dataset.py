"""A data set: an index of pictures with class and split, and where they lie."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ann_core.config import Config
from ann_core.datasets.split import SplitConfig

COLUMNS = (
    *("file", "class_name", "split"),
    *("width", "height", "format", "mode", "bytes", "sha256"),
    "source",
)


class DatasetInfo(Config):
    """What ``dataset.json`` says: all of a data set but its pictures.

    Attributes
    ----------
    counts : dict of class name to dict of split to int
        Number of pictures.
    fingerprint : str
        Names the content: bytes of every picture, classes and splits.
    """

    name: str
    source: str
    created: str
    class_names: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    n_images: int
    n_skipped: int
    fingerprint: str
    split: SplitConfig
    schema_version: int = 1

    @property
    def n_found(self) -> int:
        """Files that were found: taken and left out."""
        return self.n_images + self.n_skipped


@dataclass(frozen=True)
class Dataset:
    """Pictures of two classes or more, ready for preprocessing.

    Attributes
    ----------
    pictures : DataFrame, one row a picture, columns `COLUMNS`
        `file` is relative to `folder`; `source` is the name its owner gave it.
    skipped : DataFrame with columns source and reason
        Files that were left out at import.

    Notes
    -----
    Every file that was found is in one of the two tables, once. Folders do not count
    as found, and neither does what nobody put there on purpose: hidden files (their
    name, or that of a folder around them, begins with a dot), ``Thumbs.db``,
    ``desktop.ini`` and ``__MACOSX``. They are in neither table.
    """

    info: DatasetInfo
    folder: Path
    pictures: pd.DataFrame
    skipped: pd.DataFrame

    @property
    def name(self) -> str:
        """Unique within a catalog; also the name of its folder."""
        return self.info.name

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the labels and of the network's output nodes."""
        return self.info.class_names

    @property
    def fingerprint(self) -> str:
        """Names the content."""
        return self.info.fingerprint

    def __len__(self) -> int:
        return len(self.pictures)

    @cached_property
    def labels(self) -> np.ndarray:
        """int64 array, shape (n_images,): index into `class_names`."""
        codes = pd.Categorical(self.pictures["class_name"], categories=list(self.class_names)).codes
        return np.asarray(codes, dtype=np.int64)

    def indices(self, split: str) -> np.ndarray:
        """int64 array: rows of `pictures` that belong to `split`."""
        return np.flatnonzero(self.pictures["split"].to_numpy() == split)

    def path(self, index: int) -> Path:
        """File of the picture in row `index`."""
        return self.folder / str(self.pictures["file"].iat[index])


def fingerprint(pictures: pd.DataFrame) -> str:
    """Hash bytes, class and split of all pictures, in order."""
    digest = hashlib.sha256()
    columns = (pictures["sha256"], pictures["class_name"], pictures["split"])
    for row in zip(*columns, strict=True):
        digest.update("\0".join(row).encode() + b"\n")
    return digest.hexdigest()[:32]


def count(pictures: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Pictures by class and split."""
    counts: dict[str, dict[str, int]] = {}
    for class_name, split in zip(pictures["class_name"], pictures["split"], strict=True):
        of_class = counts.setdefault(class_name, {})
        of_class[split] = of_class.get(split, 0) + 1
    return counts
