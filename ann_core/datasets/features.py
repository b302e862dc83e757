"""A data set as one table of bytes: a row an image, a column a pixel.

The table lies on disk and is mapped into memory, so that 20,000 images cost
no more memory than the rows in use. It is named by its content (data set and
preprocessing), so the same work is never done twice.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import PIL

from ann_core.config import content_key
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.integrity import check_unchanged, read_all_unchanged
from ann_core.datasets.origin import note_origin, note_use
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, publish_folder, staged_folder, write_text
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.reading import ReadOptions

FEATURES_FILE = "features.npy"
ABOUT_FILE = "features.json"

_VERSION = 1  # of the steps in preprocessing.py; count up when their result changes


@dataclass(frozen=True)
class FeatureSet:
    """Flattened images with their labels: row i is image i of ``Dataset.images``.

    Attributes
    ----------
    features : uint8 memory map, shape (n_images, n_features)
        Intensities, 0 to 255; read only.
    labels : int64 array, shape (n_images,)
        Index into `class_names`.
    splits : str array, shape (n_images,)
        "train", "validation" or "test".
    folder : Path or None
        Where the table lies; None if it is in memory only.
    by_class : bool
        Whether an epoch goes through the training images class after class, unshuffled.
    """

    features: np.ndarray
    labels: np.ndarray
    splits: np.ndarray
    class_names: tuple[str, ...]
    preprocess: PreprocessConfig
    folder: Path | None = None
    by_class: bool = False

    @property
    def n_features(self) -> int:
        """Values of one flattened image."""
        return int(self.features.shape[1])

    @property
    def key(self) -> str:
        """Name the table by its content, as `feature_key` does; "" if it is in memory only."""
        return self.folder.name if self.folder else ""

    def indices(self, split: str) -> np.ndarray:
        """int64 array: rows of `features` that belong to `split`."""
        return np.flatnonzero(self.splits == split)

    def chosen(self, split: str) -> np.ndarray:
        """As `indices`; "all" takes every row.

        Raises
        ------
        DatasetError
            If there is no such split, or nothing in it.
        """
        rows = np.arange(len(self.splits)) if split == "all" else self.indices(split)
        if not len(rows):
            raise DatasetError(f"Expected train, validation, test or all, got {split!r}.")
        return rows


def feature_key(fingerprint: str, config: PreprocessConfig) -> str:
    """Name the folder of a table by what goes into it, ``Dataset.fingerprint`` first.

    Scaling does not: the table holds the bytes before it.
    """
    return content_key([fingerprint, _pixels(config), _VERSION, PIL.__version__])


@dataclass(frozen=True, eq=False)
class StoredTable:
    """A table as it lies on the disk, for those who have no data set to go with it.

    Attributes
    ----------
    features : uint8 memory map, shape (n_rows, n_features)
    rows : int64 array, shape (n_rows,)
        Row of each in ``Dataset.images``, ascending. Earlier versions also stored tables
        that lack images.
    """

    features: np.ndarray
    rows: np.ndarray


def find_table(fingerprint: str, config: PreprocessConfig, root: Path) -> StoredTable | None:
    """Open the table of features that was made of a data set, also when that is gone.

    Parameters
    ----------
    fingerprint : str
        ``Dataset.fingerprint``.
    root : Path
        ``Settings.features_dir``.

    Returns
    -------
    StoredTable or None
        None if there is no such table.
    """
    folder = root / feature_key(fingerprint, config)
    rows = _rows(folder)
    if rows is None:
        return None
    note_use(folder, fingerprint)
    return StoredTable(np.load(folder / FEATURES_FILE, mmap_mode="r"), rows)


def load_features(
    dataset: Dataset,
    config: PreprocessConfig,
    root: Path,
    *,
    n_processes: int | None = None,
    progress: ProgressCallback = no_progress,
) -> FeatureSet:
    """Find the features of a data set, or make them; never of other images than it says.

    Parameters
    ----------
    root : Path
        ``Settings.features_dir``.
    n_processes : int, optional
        See `ann_core.imaging.reading.read_images`; the table is the same, to the byte.
    progress : callable
        Called with images done and images in all while they are made.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import, or cannot be read.
    DiskFullError
        If they do not fit on the disk.

    Notes
    -----
    After an error, nothing half written remains.
    """
    check_unchanged(dataset)
    if table_of(dataset, config, root) is None:
        images = read_all_unchanged(
            *(dataset, ReadOptions(config)), n_processes=n_processes, progress=progress
        )
        rows = (image.row for image in images)
        with contextlib.closing(images), publish_table(dataset, config, root, rows=rows):
            pass
    return _open(dataset, config, root / feature_key(dataset.fingerprint, config))


def table_of(dataset: Dataset, config: PreprocessConfig, root: Path) -> Path | None:
    """Folder of the table of a data set that is there; None if it is yet to be made."""
    folder = root / feature_key(dataset.fingerprint, config)
    return folder if _is_whole(folder, dataset) else None


@contextlib.contextmanager
def publish_table(
    dataset: Dataset, config: PreprocessConfig, root: Path, *, rows: Iterable[bytes]
) -> Iterator[Path]:
    """Write a table, and let it appear when the block ends; more can be put beside it there.

    Parameters
    ----------
    rows : iterable of bytes
        Of each image, in order, what `ann_core.imaging.preprocessing.preprocess` makes of it.

    Raises
    ------
    DiskFullError
    """
    folder = root / feature_key(dataset.fingerprint, config)
    with staged_folder(root) as staging:
        table = staging / folder.name
        table.mkdir()
        _write(table, rows, n_images=len(dataset), config=config)
        _describe(table, dataset, config)
        yield table
        publish_folder(table, folder, is_whole=lambda: _is_whole(folder, dataset))


def _pixels(config: PreprocessConfig) -> dict[str, Any]:
    return config.model_dump(mode="json", exclude={"scaling"})


def _write(folder: Path, rows: Iterable[bytes], *, n_images: int, config: PreprocessConfig) -> None:
    """Write a table row by row.

    Plain writes, not a memory map: on a full disk a map ends the process with a
    signal, a write raises an error.
    """
    with (folder / FEATURES_FILE).open("wb") as file:
        _write_header(file, n_images, config)
        for row in rows:
            file.write(row)
        file.flush()
        os.fsync(file.fileno())


def _describe(folder: Path, dataset: Dataset, config: PreprocessConfig) -> None:
    """Say of which data set a table is, and how its rows were made."""
    about: dict[str, Any] = {
        "dataset": dataset.name,
        "preprocess": _pixels(config),
        "rows": list(range(len(dataset))),
    }
    write_text(folder / ABOUT_FILE, json.dumps(about))
    note_origin(folder, dataset.fingerprint)


def _write_header(file: BinaryIO, n_images: int, config: PreprocessConfig) -> None:
    """NumPy's own file header."""
    header = {"descr": "|u1", "fortran_order": False, "shape": (n_images, config.n_features)}
    np.lib.format.write_array_header_1_0(file, header)


def _rows(folder: Path) -> np.ndarray | None:
    """Read which images a table has; None if there is none, or its description is damaged."""
    try:
        return np.asarray(json.loads((folder / ABOUT_FILE).read_text())["rows"], dtype=np.int64)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_whole(folder: Path, dataset: Dataset) -> bool:
    """Whether a table has a row for each image; earlier versions left unreadable ones out."""
    rows = _rows(folder)
    return rows is not None and np.array_equal(rows, np.arange(len(dataset)))


def _open(dataset: Dataset, config: PreprocessConfig, folder: Path) -> FeatureSet:
    note_use(folder, dataset.fingerprint)
    return FeatureSet(
        features=np.load(folder / FEATURES_FILE, mmap_mode="r"),
        labels=dataset.labels,
        splits=dataset.images["split"].to_numpy(dtype=str),
        class_names=dataset.class_names,
        preprocess=config,
        folder=folder,
    )


def first_fingerprints(dataset: Dataset, data: FeatureSet, n_images: int = 5) -> dict[str, str]:
    """Name the rows of the first test images.

    Parameters
    ----------
    data : FeatureSet
        Made of `dataset`.

    Returns
    -------
    dict of str to str
        Fingerprint by the name that the owner gave the image.
    """
    sources = dataset.images["source"]
    return {
        str(sources.iat[row]): vector_fingerprint(np.asarray(data.features[row]))
        for row in data.indices("test")[:n_images]
    }
