"""Add images to a version: checked as at an import, divided as the others were."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd

from ann_core.datasets.dataset import COLUMNS, GROUP, bits_used_by
from ann_core.datasets.editing.draft import Draft
from ann_core.datasets.editing.edits import AddImages
from ann_core.datasets.grouping import group_numbers
from ann_core.datasets.importing.archives import unpack
from ann_core.datasets.importing.file_listing import files_by_class, files_in
from ann_core.datasets.importing.image_intake import take_images
from ann_core.datasets.importing.layouts import Candidate, SourceFile, recognise, with_class
from ann_core.datasets.importing.uploads import stored_images, stored_zip
from ann_core.datasets.split import stratified_split
from ann_core.datasets.validation import LeftOut
from ann_core.errors import DatasetError
from ann_core.files import counted
from ann_core.imaging.preprocessing import MIN_BITS
from ann_core.stored_names import IMAGES_DIR


def add_images(draft: Draft, edit: AddImages) -> Draft:
    """Take images in behind the others; what is there already is not taken twice.

    Raises
    ------
    ArchiveError, DatasetError
        If they cannot be opened, or none of them can be used.
    """
    if draft.folder is None:
        return draft
    scratch = draft.folder.parent / f"adding-{len(draft.changes)}"
    scratch.mkdir()
    candidates, left_out = _candidates(draft, edit, scratch)
    rows, unreadable = take_images(candidates, scratch, copy=True, progress=draft.progress)
    left_out = [*left_out, *unreadable]
    rows, doubles = _new_ones(draft, rows)
    left_out = [*left_out, *doubles]
    if not rows:
        first = f", the first because {left_out[0].reason}" if left_out else ""
        raise DatasetError(
            f"None of {counted(len(left_out), 'file')} can be added to '{draft.title}'{first}. "
            "Choose other pictures."
        )
    added = _table(draft, rows, scratch)
    added["split"] = _splits(draft, added)
    images = pd.concat([draft.images, added])
    if GROUP in images.columns:
        images[GROUP] = images[GROUP].fillna("")
    line = _line(draft, added, len(left_out))
    bits = _bits_used(draft, rows)
    return draft.noted(line, images=images, left_out=(*draft.left_out, *left_out), bits_used=bits)


def _candidates(
    draft: Draft, edit: AddImages, scratch: Path
) -> tuple[list[Candidate], list[LeftOut]]:
    """List what there is to add, each file with its class."""
    options, name = draft.options, edit.class_name and draft.known_class(edit.class_name)
    left_out: list[LeftOut] = []
    if edit.source == "pictures":
        by_class = dict(stored_images(_uploads(draft), edit.what))
        if name:
            by_class = {name: [file for files in by_class.values() for file in files]}
        layout = with_class(files_by_class(by_class, scratch))
        return layout.candidates, layout.left_out
    if edit.source == "zip":
        archive = stored_zip(_uploads(draft), edit.what)
        files, left_out, _ = unpack(archive, scratch, options.limits, progress=draft.progress)
    elif zipfile.is_zipfile(path := options.open_folder(edit.what)):
        files, left_out, _ = unpack(path, scratch, options.limits, progress=draft.progress)
    else:
        files, left_out = _listed(path)
    layout = with_class({name: files}) if name else recognise(files)
    return layout.candidates, [*left_out, *layout.left_out]


def _listed(path: Path) -> tuple[list[SourceFile], list[LeftOut]]:
    if path.is_file():
        return [SourceFile(path.name, path)], []
    if not path.is_dir():
        raise DatasetError(f"Expected a folder of pictures, but there is no folder '{path}'.")
    return files_in(path)


def _uploads(draft: Draft) -> Path:
    if draft.options.uploads_dir is None:
        raise DatasetError("Uploaded pictures cannot be opened here. Give a folder instead.")
    return draft.options.uploads_dir


def _new_ones(
    draft: Draft, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Part images from those whose very bytes are there already."""
    columns = (draft.images[name].tolist() for name in ("sha256", "source", "class_name"))
    known = {
        digest: f"'{source}' of '{label}'" for digest, source, label in zip(*columns, strict=True)
    }
    new, doubles = [], []
    for row in rows:
        digest = str(row["sha256"])
        if digest in known:
            doubles.append(LeftOut(str(row["source"]), f"it is there already, as {known[digest]}"))
        else:
            known[digest] = f"'{row['source']}'"
            new.append(row)
    return new, doubles


def _table(draft: Draft, rows: list[dict[str, Any]], scratch: Path) -> pd.DataFrame:
    """Move the files to the others, into a folder of their own; return their table."""
    assert draft.folder is not None
    used = {str(file).split("/")[1] for file in draft.parent.images["file"]}
    used |= {path.name for path in (draft.folder / IMAGES_DIR).glob("*")}
    number = next(n for n in range(1, len(used) + 2) if f"added-{n}" not in used)
    target = draft.folder / IMAGES_DIR / f"added-{number}"
    target.parent.mkdir(parents=True, exist_ok=True)
    (scratch / IMAGES_DIR).rename(target)
    prefix = f"{IMAGES_DIR}/added-{number}"
    added = pd.DataFrame(rows, columns=list(COLUMNS))
    added["file"] = [prefix + str(row["file"]).removeprefix(IMAGES_DIR) for row in rows]
    added["class_name"] = [draft.known_class(str(row["class_name"])) for row in rows]
    first = max(len(draft.parent), int(draft.images.index.max()) + 1)
    return added.set_index(pd.RangeIndex(first, first + len(added)))


def _bits_used(draft: Draft, rows: list[dict[str, Any]]) -> int:
    """Let one rule hold for all 16-bit images, old and new."""
    before = draft.parent.info.bits_used if draft.bits_used is None else draft.bits_used
    peaks = [int(row["peak"]) for row in rows]
    if not any(peaks):
        return before
    has_deep = draft.images["mode"].str.startswith("I").any()
    return max(bits_used_by(peaks), before if has_deep else MIN_BITS)


def _splits(draft: Draft, added: pd.DataFrame) -> list[str]:
    """Divide added images as the others were; those of a known group go to where it is."""
    both = pd.concat([draft.images, added.assign(split=None)])
    if GROUP in both.columns:
        both[GROUP] = both[GROUP].fillna("")
    config = draft.split.model_copy(update={"duplicates": False})
    numbers = group_numbers(both, config, lambda: [])
    splits: list[str | None] = added["split"].tolist()
    new_numbers = None if numbers is None else numbers[len(draft.images) :]
    if numbers is not None and new_numbers is not None:
        where = dict(zip(numbers, draft.images["split"], strict=False))
        pairs = zip(new_numbers, splits, strict=True)
        splits = [where.get(number) or split for number, split in pairs]
    free = [index for index, split in enumerate(splits) if split is None]
    labels = added["class_name"].tolist()
    # A test split that came with the images is not missing, so none of these goes there.
    came: list[str | None] = ["test"] if config.keeps_test else []
    drawn = stratified_split(
        [labels[index] for index in free] + [labels[0]] * len(came),
        config,
        [None] * len(free) + came,
        groups=None
        if new_numbers is None
        else [new_numbers[index] for index in free] + [-1] * len(came),
    )
    for index, split in zip(free, drawn, strict=False):
        splits[index] = split
    return [str(split) for split in splits]


def _line(draft: Draft, added: pd.DataFrame, n_left_out: int) -> str:
    names = sorted(added["class_name"].unique())
    new = [name for name in names if name not in draft.class_names]
    listed = ", ".join(f"'{name}'" for name in names[:5]) + (", ..." if len(names) > 5 else "")
    is_new = "the new " if len(names) == 1 and new else ""
    kind = "class" if len(names) == 1 else "classes"
    left_out = f", {n_left_out:,} left out" if n_left_out else ""
    return f"{counted(len(added))} added to {is_new}{kind} {listed}{left_out}"
