"""A data set as a zip file of class folders: the very files that were imported.

They are stored, not packed: pictures are packed already. Entries are sorted and carry no time,
so equal data sets give equal files.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from ann_core.datasets.class_folders import LABELS_FILE, class_folders
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.integrity import read_unchanged
from ann_core.files import ProgressCallback, check_target, no_progress, replacing

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip file knows
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16
_ENTRY_BYTES = 76  # of an entry beside its content and twice its name
_ADDED_BYTES = 30  # to a name: folder of its split, number, ending
_LABELS_BYTES = 400  # of a class in the file that names them


@dataclass(frozen=True)
class WrittenZip:
    """A file that was written."""

    path: Path
    n_images: int
    n_bytes: int


def zip_name(dataset_name: str, *, by_split: bool) -> str:
    """Name a file with a data set in it."""
    return f"{dataset_name}-by-split.zip" if by_split else f"{dataset_name}.zip"


def estimated_bytes(dataset: Dataset) -> int:
    """Bytes that the zip file of a data set takes at most."""
    names = sum(len(source.encode()) for source in dataset.images["source"])
    folder = max(len(name.encode()) for name in dataset.class_names) + _ADDED_BYTES
    entries = len(dataset) * (_ENTRY_BYTES + 2 * folder) + 2 * names
    labels = _LABELS_BYTES * (1 + len(dataset.class_names))
    return int(dataset.images["bytes"].sum()) + entries + labels


def write_zip(
    dataset: Dataset,
    target: Path,
    *,
    by_split: bool = False,
    progress: ProgressCallback = no_progress,
) -> WrittenZip:
    """Write the images of a data set as they came, in folders.

    Parameters
    ----------
    target : Path
        Replaced, if it exists; its folder must exist.
    by_split : bool
        ``train/cat/1.jpg`` instead of ``cat/1.jpg``. Imported again, the images then keep
        their splits.

    Raises
    ------
    TargetError
        If there is no such folder, or the name is none of a zip file.
    DatasetError
        If an image was edited or removed since the import.
    DiskFullError
        If it does not fit on the disk; an older file at `target` stays.
    """
    check_target(target, (".zip",), "Choose another name.")
    folders = class_folders(dataset, by_split=by_split)
    order = sorted(range(len(dataset)), key=folders.names.__getitem__)
    with replacing(target) as file, zipfile.ZipFile(file, "w") as bundle:
        if folders.labels:
            bundle.writestr(_entry(LABELS_FILE), folders.labels)
        for done, row in enumerate(order):
            progress(done, len(order))
            bundle.writestr(_entry(folders.names[row]), read_unchanged(dataset, row))
    progress(len(order), len(order))
    return WrittenZip(target, len(order), target.stat().st_size)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _NO_TIME)
    entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
    return entry
