"""Bring images in: a folder, a zip file or uploads by class become a `Dataset`.

Every image is decoded once, so what is in the catalog can be read. The new data
set appears by one rename at the very end; until then, and after any error,
nothing in the catalog has changed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
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
from ann_core.datasets.grouping import find_groups_file
from ann_core.datasets.importing.again import archive_key, find_earlier, import_again
from ann_core.datasets.importing.archives import unpack
from ann_core.datasets.importing.file_listing import FilesByClass, files_by_class, files_in
from ann_core.datasets.importing.image_intake import take_images
from ann_core.datasets.importing.import_split import ImportedRows, split_rows
from ann_core.datasets.importing.inner_archives import open_inner
from ann_core.datasets.importing.layouts import (
    Layout,
    SourceFile,
    recognise,
    with_class,
)
from ann_core.datasets.importing.name_encodings import describe_guess
from ann_core.datasets.importing.options import ImportOptions
from ann_core.datasets.importing.preview import describe_counts, describe_layout
from ann_core.datasets.profile.scan import Scan, ScanWriter
from ann_core.datasets.split import SplitConfig
from ann_core.datasets.validation import LeftOut, check_classes, check_no_run, check_splits
from ann_core.errors import DatasetError
from ann_core.file_names import archive_title, as_text, natural_key
from ann_core.files import ProgressCallback, no_progress, staged_folder

__all__ = ["ImportOptions", "import_folder", "import_images", "import_zip"]


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
    options = _labelled(options, f"folder {as_text(folder.resolve().name)}")
    return _Import(name, options, catalog).run_files(
        files, special, copy=not move, progress=progress
    )


def import_zip(
    archive: Path | BinaryIO,
    name: str,
    catalog: Catalog,
    *,
    options: ImportOptions | None = None,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Unpack a zip or tar file of images into a new data set.

    Raises
    ------
    ArchiveError
        If the file is damaged, locked, hostile or too large.
    DatasetError, DiskFullError
        As `import_folder`.
    """
    catalog.check_new_name(name)
    if isinstance(archive, Path) and not archive.is_file():
        raise DatasetError(f"Expected a zip or tar file, but there is no file '{archive}'.")
    file_name = as_text(archive.name) if isinstance(archive, Path) else "upload"
    options = _labelled(options, archive_title(file_name))
    key = archive_key(archive, options) if isinstance(archive, Path) else ""
    if key and (earlier := find_earlier(catalog, key, options.owner)) is not None:
        return import_again(earlier, name, catalog, options=options, progress=progress)
    with staged_folder(catalog.root) as unpacked:
        files, damaged, guessed = unpack(
            archive, unpacked, options.limits, encoding=options.encoding, progress=progress
        )
        check_no_run([file.name for file in files])
        notes = describe_guess(guessed, [file.name for file in files]) if guessed else ()
        job = _Import(name, options, catalog, archive_key=key)
        return job.run_files(files, damaged, notes=notes, copy=False, progress=progress)


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
        layout = with_class(files_by_class(images, given))
        return job.run(layout, copy=True, progress=progress)


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
    archive_key: str = ""

    def run_files(
        self,
        files: list[SourceFile],
        left_out: list[LeftOut],
        *,
        notes: tuple[str, ...] = (),
        copy: bool,
        progress: ProgressCallback,
    ) -> Dataset:
        """Import files by their names, those in archives among them too."""
        options = self.options
        with staged_folder(self.catalog.root) as unpacked:
            inner = open_inner(files, unpacked, options.limits, encoding=options.encoding)
            labelled = with_labels(inner.files) if options.reading == "auto" else None
            layout = labelled or recognise(inner.files, options.reading)
            layout = replace(
                layout,
                left_out=[*left_out, *inner.left_out, *layout.left_out],
                notes=(*notes, *inner.notes, *layout.notes),
            )
            groups = find_groups_file((file.name, file.path) for file in inner.files)
            job = replace(self, groups_file=groups)
            return job.run(layout, copy=copy, progress=progress)

    def run(self, layout: Layout, *, copy: bool, progress: ProgressCallback) -> Dataset:
        """Import what was recognised."""
        with staged_folder(self.catalog.root) as staging:
            folder = staging / "dataset"
            folder.mkdir()
            rows, unreadable, scanned = self._take(layout, folder, copy=copy, progress=progress)
            left_out = [*layout.left_out, *unreadable]
            check_classes(Counter(row["class_name"] for row in rows), left_out)
            files = [row["file"] for row in rows]
            imported = ImportedRows(
                *(rows, layout.candidates, folder, self.groups_file, progress), scan=scanned
            )
            rows, others, split = split_rows(imported, self.options.split, self.options.balance)
            left_out = [*left_out, *others]
            check_classes(Counter(row["class_name"] for row in rows), left_out)
            check_splits([r["class_name"] for r in rows], [r["split"] for r in rows])
            prepared = self._described(rows, left_out, split, layout=layout, folder=folder)
            made = self.catalog.add(folder, prepared)
            if scanned is not None:
                self.options.keep(made, scanned, files=files, staging=staging)
            return made

    def _take(
        self, layout: Layout, folder: Path, *, copy: bool, progress: ProgressCallback
    ) -> tuple[list[dict[str, Any]], list[LeftOut], Scan | None]:
        """Read all images, once."""
        if not self.options.keeps(len(layout.candidates)) and not self.options.split.duplicates:
            return *take_images(layout.candidates, folder, copy=copy, progress=progress), None
        with ScanWriter(folder.parent) as scan:
            rows, unreadable = take_images(
                layout.candidates, folder, copy=copy, progress=progress, scan=scan
            )
            return rows, unreadable, scan.finish()

    def _described(
        self,
        rows: list[dict[str, Any]],
        left_out: list[LeftOut],
        split: SplitConfig,
        *,
        layout: Layout,
        folder: Path,
    ) -> Dataset:
        columns = [*COLUMNS, *([GROUP] if rows and GROUP in rows[0] else [])]
        images = pd.DataFrame(rows, columns=columns)
        counts = count(images)
        info = DatasetInfo(
            name=self.name,
            source=self.options.source,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            class_names=tuple(sorted(images["class_name"].unique(), key=natural_key)),
            counts=counts,
            n_images=len(images),
            n_skipped=len(left_out),
            fingerprint=fingerprint(images),
            split=split,
            job=self.options.job,
            owner=self.options.owner,
            bits_used=bits_used_by(row["peak"] for row in rows),
            archive_key=self.archive_key,
            reading=(*describe_layout(layout), *describe_counts(counts)),
        )
        notes = [(note.name, note.reason) for note in left_out]
        skipped = pd.DataFrame(notes, columns=["source", "reason"])
        return Dataset(info, folder, images, skipped)
