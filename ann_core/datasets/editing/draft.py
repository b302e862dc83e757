"""A version as it is being made: the table of its images, and what was changed so far."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ann_core.datasets.dataset import Dataset, FiledBy, display_name
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.split import SplitConfig
from ann_core.datasets.validation import (
    LeftOut,
    check_class_names,
    check_classes,
    check_splits,
)
from ann_core.errors import DatasetError
from ann_core.file_names import as_text
from ann_core.files import ProgressCallback, no_progress

_NAMED = 10


@dataclass(frozen=True)
class VersionOptions:
    """How a version is called, whose it is, and what its edits may read.

    Attributes
    ----------
    filed_by : FiledBy
        Whoever makes a version owns it, whoever owns the other one.
    uploads_dir, profiles_dir : Path or None
        Of `Settings`; None if there are none to read.
    limits : ArchiveLimits
        Of a zip file with images to add.
    open_folder : callable
        Finds the folder with images to add, or refuses.
    """

    name: str
    filed_by: FiledBy = field(default_factory=FiledBy)
    uploads_dir: Path | None = None
    profiles_dir: Path | None = None
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    open_folder: Callable[[str], Path] = Path


@dataclass(frozen=True)
class Draft:
    """A version as far as it is made.

    Attributes
    ----------
    parent : Dataset
        What it is made of.
    images : DataFrame
        As ``Dataset.images``, but named by the rows of the parent; images that were added come
        behind, by numbers that are no rows of it.
    split : SplitConfig
        The rule that holds for it.
    left_out : tuple of LeftOut
    changes : tuple of str
        What was changed, a line each.
    bits_used : int or None
        See `DatasetInfo`; None for that of the parent.
    folder : Path or None
        Where its files will lie; None if only the table is wanted.
    options : VersionOptions
    progress : callable
    """

    parent: Dataset
    images: pd.DataFrame
    split: SplitConfig
    left_out: tuple[LeftOut, ...] = ()
    changes: tuple[str, ...] = ()
    bits_used: int | None = None
    folder: Path | None = None
    options: VersionOptions = field(default_factory=lambda: VersionOptions(""))
    progress: ProgressCallback = no_progress

    @property
    def title(self) -> str:
        """What people call the data set that it is made of."""
        return display_name(self.parent.name)

    @property
    def class_names(self) -> list[str]:
        """Classes that have images now."""
        return [str(name) for name in self.images["class_name"].unique()]

    @property
    def n_kept(self) -> int:
        """How many images of the parent it has; added ones come behind."""
        return int((self.images.index < len(self.parent)).sum())

    def of_class(self, class_name: str) -> pd.Series[bool]:
        """Say of each image whether it is of a class.

        Raises
        ------
        DatasetError
            If there is no such class.
        """
        mask = self.images["class_name"] == class_name
        if not mask.any():
            listed = ", ".join(f"'{name}'" for name in sorted(self.class_names)[:_NAMED])
            more = " and more" if len(self.class_names) > _NAMED else ""
            raise DatasetError(
                f"There is no class '{class_name[:80]}' in '{self.title}'. Its classes: "
                f"{listed}{more}."
            )
        return mask

    def of_rows(self, rows: Sequence[int]) -> pd.Series[bool]:
        """Say of each image whether it is one of some rows of the parent.

        Raises
        ------
        DatasetError
            If a row does not exist.
        """
        n_images = len(self.parent)
        strange = [row for row in rows if not 0 <= row < n_images]
        if strange or not rows:
            got = f"number {strange[0] + 1:,}" if strange else "none"
            raise DatasetError(
                f"Expected pictures 1 to {n_images:,} of '{self.title}', got {got}. "
                "Choose them again."
            )
        return pd.Series(self.images.index.isin(rows), index=self.images.index)

    def known_class(self, name: str) -> str:
        """Clean the name of a class that may be a new one; the same letters are the same class.

        Raises
        ------
        DatasetError
            If it cannot be the name of a class.
        """
        name = unicodedata.normalize("NFC", as_text(name.strip()))
        check_class_names([name])
        same = (c for c in self.class_names if unicodedata.normalize("NFC", c) == name)
        return next(same, name)

    def with_class(self, mask: pd.Series[bool], class_name: str, line: str) -> Draft:
        """Put images into a class."""
        labels = self.images["class_name"].mask(mask, class_name)
        return self.noted(line, images=self.images.assign(class_name=labels))

    def without(self, mask: np.ndarray | pd.Series[bool], reason: str, line: str) -> Draft:
        """Leave images out, and list them."""
        gone = self.images[mask]
        left_out = (*self.left_out, *(LeftOut(str(name), reason) for name in gone["source"]))
        return self.noted(line, images=self.images[~mask], left_out=left_out)

    def noted(self, line: str, **changed: object) -> Draft:
        """Change fields, and note it in a line."""
        return replace(self, changes=(*self.changes, line), **changed)  # type: ignore[arg-type]

    def check(self) -> None:
        """Refuse a version from which nothing could be learned.

        Raises
        ------
        DatasetError
        """
        if self.images.empty:
            raise DatasetError(
                f"All pictures of '{self.title}' would be left out. Keep those of two "
                "classes at least."
            )
        if len(self.class_names) < 2:
            raise DatasetError(
                f"Expected two classes or more to remain of '{self.title}', but only "
                f"'{self.class_names[0]}' would. Keep another class too."
            )
        check_classes(Counter(self.images["class_name"]))
        check_splits(self.images["class_name"].tolist(), self.images["split"].tolist())
