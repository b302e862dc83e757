"""Find images by what people type: their numbers as the app shows them, or names of their files."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.errors import DatasetError

_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


def rows_named(dataset: Dataset, texts: Sequence[str]) -> tuple[int, ...]:
    """Find the rows of images.

    Parameters
    ----------
    texts : sequence of str
        Each a number counted from 1 (``7``), a range of them (``10-20``), the name of a file as
        the import report lists it, its last part, or a pattern of such names (``cat/1*.jpg``).

    Raises
    ------
    DatasetError
        If one of them is no image of the data set.
    """
    rows: dict[int, None] = {}
    names = dataset.images["source"].tolist()
    for text in texts:
        match = _RANGE.fullmatch(text)
        if match is None:
            hits = _by_name(names, text)
        else:
            first, last = int(match[1]), int(match[2] or match[1])
            inside = 1 <= first <= last <= len(dataset)
            hits = list(range(first - 1, last)) if inside else []
        if not hits:
            raise DatasetError(
                f"Expected pictures of '{display_name(dataset.name)}' by number (1 to "
                f"{len(dataset):,}, or a range such as 3-5) or by the name of the file, such as "
                f"'{names[0][-80:]}', got '{text[:80]}'."
            )
        rows.update(dict.fromkeys(hits))
    return tuple(rows)


def _by_name(names: Sequence[str], text: str) -> list[int]:
    """Find names that are the text, end in it, or fit it as a pattern; the first that does."""
    for fits in (
        lambda name: name == text,
        lambda name: PurePosixPath(name).name == text,
        lambda name: fnmatch.fnmatchcase(name, text),
    ):
        if hits := [row for row, name in enumerate(names) if fits(name)]:
            return hits
    return []
