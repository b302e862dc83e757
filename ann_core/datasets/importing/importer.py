"""Bring images in: a folder, a zip file or uploads by class become a `Dataset`.

Every image is decoded once, so what is in the catalog can be read. The new data
set appears by one rename at the very end; until then, and after any error,
nothing in the catalog has changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import (
    COLUMNS,
    Dataset,
    DatasetInfo,
    bits_used_by,
    count,
    fingerprint,
)
from ann_core.datasets.importing.archives import ArchiveLimits, unpack
from ann_core.datasets.importing.file_listing import FilesByClass, files_by_class, files_in
from ann_core.datasets.importing.layouts import Candidate, recognise, with_class
from ann_core.datasets.split import SplitConfig, article_split, stratified_split
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
    """

    split: SplitConfig = field(default_factory=SplitConfig)
    source: str = ""
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    job: str = ""
    owner: str = ""


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
    candidates, no_class = recognise(files)
    options = _labelled(options, f"folder {as_text(folder.resolve().name)}")
    job = _Import(name, options, catalog)
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
    job = _Import(name, options, catalog)
    with staged_folder(catalog.root) as unpacked:
        files, damaged = unpack(archive, unpacked, options.limits, progress=progress)
        candidates, no_class = recognise(files)
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
            rows, unreadable = _take(candidates, folder, copy=copy, progress=progress)
            left_out = [*left_out, *unreadable]
            check_classes(Counter(row["class_name"] for row in rows), left_out)
            split = _split(rows, candidates, self.options.split)
            images = pd.DataFrame(rows, columns=list(COLUMNS))
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


def _take(
    candidates: list[Candidate], folder: Path, *, copy: bool, progress: ProgressCallback
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Decode every candidate; keep those that are images."""
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


def _split(
    rows: list[dict[str, Any]], candidates: list[Candidate], config: SplitConfig
) -> SplitConfig:
    """Write the split of each row into it; return the rule that was used."""
    labels = [row["class_name"] for row in rows]
    if any(candidate.split for candidate in candidates):
        splits = stratified_split(labels, config, [row["split"] for row in rows])
        config = config.model_copy(update={"rule": "given"})
    elif config.rule == "article":
        splits = _article_splits(rows, candidates, config)
    else:
        splits = stratified_split(labels, config)
        config = config.model_copy(update={"rule": "stratified"})
    check_splits(labels, splits)
    for row, split in zip(rows, splits, strict=True):
        row["split"] = split
    return config


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


def _article_splits(
    rows: list[dict[str, Any]], candidates: list[Candidate], config: SplitConfig
) -> list[str]:
    """Throw for every image that was found: unreadable ones use a throw up too."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        members[candidate.class_name].append(number)
    splits: dict[int, str] = {}
    for numbers in members.values():
        splits |= zip(numbers, article_split(len(numbers), config), strict=True)
    return [splits[row["number"]] for row in rows]
