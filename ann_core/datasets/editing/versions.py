"""Make a new version of a data set: a table that is changed, and files that are shared.

Files are linked where the disk can, so a version takes hardly any space, and what is unchanged
is not read: its size and time are looked at. A version stands by itself: the data set that it
was made of may be changed or deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, DatasetInfo, count, fingerprint
from ann_core.datasets.editing.changing import change
from ann_core.datasets.editing.draft import Draft, VersionOptions
from ann_core.datasets.editing.edits import AddImages, Edit, SplitAnew
from ann_core.datasets.importing.preview import describe_counts
from ann_core.datasets.integrity import check_unchanged
from ann_core.datasets.sharing import share_files
from ann_core.errors import DatasetError
from ann_core.file_names import natural_key
from ann_core.files import ProgressCallback, no_progress, staged_folder


def make_version(
    dataset: Dataset,
    edits: Sequence[Edit],
    catalog: Catalog,
    *,
    options: VersionOptions,
    progress: ProgressCallback = no_progress,
) -> Dataset:
    """Make a data set of another by some changes, one after the other; that one stays as it is.

    Every image keeps its split unless it is split anew: a network that is trained on the new
    version is tested on the images it would have been tested on before.

    Raises
    ------
    DatasetError
        If a change cannot be made, too few images would remain, one of them was edited or
        removed since the import, or the name cannot be had. Nothing has changed then.
    ArchiveError, DiskFullError
    """
    catalog.check_new_name(options.name)
    if not edits:
        raise DatasetError(
            "Expected something to change, got nothing. Choose what the new version does otherwise."
        )
    # Noted first: whatever is edited from now on is newer than the version.
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    with staged_folder(catalog.root) as staging:
        draft = Draft(
            dataset,
            dataset.images,
            dataset.info.split,
            folder=staging / "dataset",
            options=options,
            progress=progress,
        )
        (staging / "dataset").mkdir()
        for edit in edits:
            draft = change(draft, edit)
        draft.check()
        check_unchanged(replace(dataset, images=draft.images.iloc[: draft.n_kept]))
        _share_files(draft, progress)
        return catalog.add(staging / "dataset", _finished(draft, created))


def check_edits(dataset: Dataset, edits: Sequence[Edit]) -> Draft:
    """Refuse changes that cannot be made, before anybody waits for them; what needs files waits.

    Raises
    ------
    DatasetError
    """
    draft = Draft(dataset, dataset.images, dataset.info.split)
    for edit in edits:
        if isinstance(edit, AddImages) or (isinstance(edit, SplitAnew) and edit.split.grouped):
            return draft
        draft = change(draft, edit)
    draft.check()
    return draft


def _finished(draft: Draft, created: str) -> Dataset:
    """Describe what was made."""
    assert draft.folder is not None
    images, info = draft.images.reset_index(drop=True), draft.parent.info
    left_out, counts = [(note.name, note.reason) for note in draft.left_out], count(images)
    described = info.model_copy(
        update={
            "name": draft.options.name,
            "source": f"{draft.title}: {'; '.join(draft.changes)}",
            "created": created,
            "class_names": _ordered(draft.class_names, info),
            "counts": counts,
            "reading": tuple(describe_counts(counts)),
            "n_images": len(images),
            "n_skipped": len(left_out),
            "fingerprint": fingerprint(images),
            "split": draft.split,
            "bits_used": info.bits_used if draft.bits_used is None else draft.bits_used,
            "job": draft.options.filed_by.job,
            "owner": draft.options.filed_by.owner,
            "parent": info.name,
            "parent_fingerprint": info.fingerprint,
            "changes": draft.changes,
            "archive_key": "",
        }
    )
    skipped = pd.DataFrame(left_out, columns=["source", "reason"])
    return Dataset(described, draft.folder, images, skipped)


def _ordered(class_names: Sequence[str], parent: DatasetInfo) -> tuple[str, ...]:
    """Order classes as an import does, unless the parent had an order of its own."""
    before = list(parent.class_names)
    if before == sorted(before, key=natural_key):
        return tuple(sorted(class_names, key=natural_key))
    new = sorted(set(class_names) - set(before), key=natural_key)
    return (*(name for name in before if name in class_names), *new)


def _share_files(draft: Draft, progress: ProgressCallback) -> None:
    """Let second names stand for the files of the parent; remove added ones that did not stay."""
    assert draft.folder is not None
    files = draft.images["file"].tolist()
    share_files(draft.parent.folder, draft.folder, files[: draft.n_kept], progress=progress)
    if len(draft.images) > draft.n_kept:
        stayed = set(files)
        for path in [each for each in draft.folder.rglob("*") if each.is_file()]:
            if path.relative_to(draft.folder).as_posix() not in stayed:
                path.unlink()
