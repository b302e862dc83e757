"""Bring images in: a folder, a zip file or uploads by class become a `Dataset`.

Every image is decoded once, so what is in the catalog can be read. The new data
set appears by one rename at the very end; until then, and after any error,
nothing in the catalog has changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.class_folders import with_labels
from ann_core.datasets.dataset import (
    COLUMNS,
    GROUP,
    Dataset,
    DatasetInfo,
    bits_used_by,
    count,
    fingerprint,
)
from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.grouping import find_groups_file
from ann_core.datasets.importing.archives import ArchiveLimits, unpack
from ann_core.datasets.importing.file_listing import FilesByClass, files_by_class, files_in
from ann_core.datasets.importing.import_split import ImportedRows, split_rows
from ann_core.datasets.importing.layouts import Candidate, recognise, with_class
from ann_core.datasets.split import SplitConfig
from ann_core.datasets.validation import LeftOut, check_classes, check_splits
from ann_core.errors import DatasetError, ImageError
from ann_core.file_names import as_text, natural_key
from ann_core.files import ProgressCallback, no_progress, staged_folder
from ann_core.imaging.images import MAX_BYTES, open_image
from ann_core.stored_names import IMAGES_DIR


@dataclass(frozen=True)
class ImportOptions:
    """How images are brought in, whatever they come as.

    Attributes
    ----------
    split : SplitConfig
        The rule and its shares; splits that come with the data are kept.
    source : str
        Where they come from, in words; by default the name of the folder or file.
    limits : ArchiveLimits
        Of a zip file.
    job, owner : str
        See `DatasetInfo`; by default it belongs to all.
    balance : Balance or None
        What is left out of classes that are too large or too small.
    """

    split: SplitConfig = field(default_factory=SplitConfig)
    source: str = ""
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    job: str = ""
    owner: str = ""
    balance: Balance | None = None


def import_folder(
    folder: Path,
    name: str,
    catalog: Catalog,
    *,
    options: ImportOptions | None = None,
    move: bool = False,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Copy the images of a folder into a new data set.

    See `ann_core.datasets.importing.layouts` for the layouts that are recognised, and
    `ann_core.datasets.dataset.Dataset` for what is counted.

    Parameters
    ----------
    move : bool
        Take the images out of the folder, which lies on the disk of the data sets,
        instead of copying them.

    Raises
    ------
    DatasetError
        If the name is taken or malformed, or the images are too few.
    DiskFullError
    """
    catalog.check_new_name(name)
    if not folder.is_dir():
        raise DatasetError(f"Expected a folder of pictures, but there is no folder '{folder}'.")
    files, special = files_in(folder)
    candidates, no_class = with_labels(files) or recognise(files)
    options = _labelled(options, f"folder {as_text(folder.resolve().name)}")
    groups = find_groups_file((file.name, file.path) for file in files)
    job = _Import(name, options, catalog, groups)
    return job.run(candidates, [*special, *no_class], copy=not move, progress=progress)


def import_zip(
    archive: Path | BinaryIO,
    name: str,
    catalog: Catalog,
    *,
    options: ImportOptions | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Unpack a zip file of images into a new data set.

    Raises
    ------
    ArchiveError
        If the zip file is damaged, locked, hostile or too large.
    DatasetError, DiskFullError
        As `import_folder`.
    """
    catalog.check_new_name(name)
    if isinstance(archive, Path) and not archive.is_file():
        raise DatasetError(f"Expected a zip file, but there is no file '{archive}'.")
    file_name = as_text(archive.name) if isinstance(archive, Path) else "upload"
    options = _labelled(options, f"zip file {file_name}")
    with staged_folder(catalog.root) as unpacked:
        files, damaged = unpack(archive, unpacked, options.limits, progress=progress)
        candidates, no_class = with_labels(files) or recognise(files)
        groups = find_groups_file((file.name, file.path) for file in files)
        job = _Import(name, options, catalog, groups)
        return job.run(candidates, [*damaged, *no_class], copy=False, progress=progress)


def import_images(
    images: FilesByClass,
    name: str,
    catalog: Catalog,
    *,
    options: ImportOptions | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Make a data set of images that were given class by class.

    The rules are those of `import_folder`; files of the same name are no trouble.

    Parameters
    ----------
    images : mapping of class name to sequence of (file name, bytes or Path)
        What is given as a path is copied.

    Raises
    ------
    DatasetError
        If a class or the data set has no usable name, or the images are too few.
    DiskFullError
    """
    catalog.check_new_name(name)
    job = _Import(name, _labelled(options, "pictures given by class"), catalog)
    with staged_folder(catalog.root) as given:
        candidates, others = with_class(files_by_class(images, given))
        return job.run(candidates, others, copy=True, progress=progress)


def _labelled(options: ImportOptions | None, source: str) -> ImportOptions:
    options = options or ImportOptions()
    return replace(options, source=options.source or source)


@dataclass(frozen=True)
class _Import:
    """One import under way."""

    name: str
    options: ImportOptions
    catalog: Catalog
    groups_file: Path | None = None

    def run(
        self,
        candidates: list[Candidate],
        left_out: list[LeftOut],
        *,
        copy: bool,
        progress: ProgressCallback,
    ) -> Dataset:
        with staged_folder(self.catalog.root) as staging:
            folder = staging / "dataset"
            folder.mkdir()
            rows, unreadable = take_images(candidates, folder, copy=copy, progress=progress)
            left_out = [*left_out, *unreadable]
            check_classes(Counter(row["class_name"] for row in rows), left_out)
            imported = ImportedRows(rows, candidates, folder, self.groups_file)
            rows, others, split = split_rows(imported, self.options.split, self.options.balance)
            left_out = [*left_out, *others]
            check_classes(Counter(row["class_name"] for row in rows), left_out)
            check_splits([r["class_name"] for r in rows], [r["split"] for r in rows])
            columns = [*COLUMNS, *([GROUP] if rows and GROUP in rows[0] else [])]
            images = pd.DataFrame(rows, columns=columns)
            peaks = [row["peak"] for row in rows]
            info = DatasetInfo(
                name=self.name,
                source=self.options.source,
                created=datetime.now(UTC).isoformat(timespec="milliseconds"),
                class_names=tuple(sorted(images["class_name"].unique(), key=natural_key)),
                counts=count(images),
                n_images=len(images),
                n_skipped=len(left_out),
                fingerprint=fingerprint(images),
                split=split,
                job=self.options.job,
                owner=self.options.owner,
                bits_used=bits_used_by(peaks),
            )
            notes = [(note.name, note.reason) for note in left_out]
            skipped = pd.DataFrame(notes, columns=["source", "reason"])
            return self.catalog.add(folder, Dataset(info, folder, images, skipped))


def take_images(
    candidates: list[Candidate], folder: Path, *, copy: bool, progress: ProgressCallback
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Decode every candidate; bring those that are images into a folder.

    Returns
    -------
    rows : list of dict
        Of the index, `COLUMNS`, and number: which of the candidates it is.
    unreadable : list of LeftOut
    """
    class_folders = _numbered_folders({c.class_name for c in candidates})
    rows, unreadable = [], []
    for number, candidate in enumerate(candidates):
        progress(number, len(candidates))
        file = candidate.file
        try:
            content = _read(file.path)
            row = _describe(content)
        except ImageError as error:
            unreadable.append(LeftOut(file.name, error.reason))
            continue
        suffix = Path(file.name).suffix.lower()
        row["file"] = f"{IMAGES_DIR}/{class_folders[candidate.class_name]}/{number:06d}{suffix}"
        row |= {"class_name": candidate.class_name, "split": candidate.split}
        row |= {"source": file.name, "number": number}
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if copy:
            target.write_bytes(content)  # the very bytes that were checked
        else:
            file.path.replace(target)
        rows.append(row)
    progress(len(candidates), len(candidates))
    return rows, unreadable


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"it cannot be read ({error.strerror})") from error


def _describe(content: bytes) -> dict[str, Any]:
    image = open_image(content)
    return {
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "mode": image.mode,
        "peak": image.peak,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _numbered_folders(class_names: set[str]) -> dict[str, str]:
    """Folders with names that every disk accepts, whatever the class is called."""
    ordered = sorted(class_names, key=natural_key)
    return {name: f"{number:03d}" for number, name in enumerate(ordered)}
