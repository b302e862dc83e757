"""Which split each imported image goes to, and what a balance or a group leaves out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ann_core.datasets.dataset import GROUP
from ann_core.datasets.dividing import TORN_REASON, divide
from ann_core.datasets.editing.balancing import balance_classes, over_reason, under_reason
from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.grouping import read_groups
from ann_core.datasets.importing.layouts import Candidate
from ann_core.datasets.profile.copies import copies_among
from ann_core.datasets.profile.scan import Scan
from ann_core.datasets.split import SplitConfig, article_split
from ann_core.datasets.validation import LeftOut
from ann_core.files import ProgressCallback, no_progress

Row = dict[str, Any]


@dataclass(frozen=True)
class ImportedRows:
    """What an import has taken in, before it is divided.

    Attributes
    ----------
    rows : list of dict
        As `ann_core.datasets.importing.image_intake.take_images` gives them.
    candidates : list of Candidate
        All that claimed to be images.
    folder : Path
        Where the files lie, in a folder that takes what is needed for the moment only.
    groups_file : Path or None
        Table of groups that came with them.
    progress : callable
        Called while copies are looked for, if they are.
    scan : Scan or None
        What was made of the images in `rows`; needed if copies are looked for.
    """

    rows: list[Row]
    candidates: list[Candidate]
    folder: Path
    groups_file: Path | None = None
    progress: ProgressCallback = no_progress
    scan: Scan | None = None


def split_rows(
    imported: ImportedRows, config: SplitConfig, balance: Balance | None
) -> tuple[list[Row], list[LeftOut], SplitConfig]:
    """Write the split of each row into it.

    Returns
    -------
    rows : list of dict
        Those that stay.
    left_out : list of LeftOut
        Those that a balance leaves out, or whose group is torn apart.
    config : SplitConfig
        The rule that was used, and the splits that came with the images.
    """
    rows, left_out = _balanced(imported.rows, balance)
    stayed = {row["file"] for row in rows}
    _remove([row for row in imported.rows if row["file"] not in stayed], imported.folder)
    if config.group_table and imported.groups_file is not None:
        table, names = imported.groups_file.read_bytes(), [row["source"] for row in rows]
        for row, group in zip(rows, read_groups(table, names), strict=True):
            row[GROUP] = group
    given = [row["split"] for row in rows]
    if config.rule == "article" and not any(given):
        thrown = _article_splits(rows, imported.candidates, config)
        for row, split in zip(rows, thrown, strict=True):
            row["split"] = split
        return rows, left_out, config
    rule = "given" if any(given) else "stratified"
    images, folder = pd.DataFrame(rows), imported.folder
    config = SplitConfig.parse(config.model_dump() | {"rule": rule})
    splits, config = divide(images, config, given, copies=lambda: _copies(images, imported))
    for row, drawn in zip(rows, splits, strict=True):
        row["split"] = drawn
    torn = [row for row in rows if row["split"] is None]
    _remove(torn, folder)
    left_out += [LeftOut(row["source"], TORN_REASON) for row in torn]
    return [row for row in rows if row["split"] is not None], left_out, config


def _remove(rows: Sequence[Row], folder: Path) -> None:
    """Let no file lie in a data set that its index does not name."""
    for row in rows:
        (folder / row["file"]).unlink()


def _balanced(rows: list[Row], balance: Balance | None) -> tuple[list[Row], list[LeftOut]]:
    if balance is None:
        return rows, []
    labels, splits = [row["class_name"] for row in rows], [row["split"] for row in rows]
    made = balance_classes(labels, splits, balance, whole_test="test" in splits)
    over, under = np.flatnonzero(made.over), np.flatnonzero(made.under)
    left_out = [LeftOut(rows[index]["source"], over_reason(balance)) for index in over]
    left_out += [LeftOut(rows[index]["source"], under_reason(balance)) for index in under]
    return [rows[index] for index in np.flatnonzero(~made.over & ~made.under)], left_out


def _copies(images: pd.DataFrame, imported: ImportedRows) -> Iterable[Sequence[int]]:
    """Find groups of images that show the same."""
    assert imported.scan is not None
    positions = {row["file"]: position for position, row in enumerate(imported.rows)}
    chosen = imported.scan.take(
        [positions[file] for file in images["file"]], imported.folder.parent
    )
    return copies_among(chosen.pixels, images.assign(split="train"), imported.progress)


def _article_splits(rows: list[Row], candidates: list[Candidate], config: SplitConfig) -> list[str]:
    """Throw for every image that was imported: unreadable ones use a throw up too."""
    members: dict[str, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        members[candidate.class_name].append(number)
    splits: dict[int, str] = {}
    for numbers in members.values():
        splits |= zip(numbers, article_split(len(numbers), config), strict=True)
    return [splits[row["number"]] for row in rows]
