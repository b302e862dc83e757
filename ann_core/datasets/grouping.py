"""Which images must not be in two splits: those of one person, or those that show the same."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from ann_core.datasets.dataset import GROUP
from ann_core.datasets.group_patterns import groups_in_names
from ann_core.datasets.split import SplitConfig
from ann_core.errors import DatasetError

GROUPS_FILE = "groups.csv"
_COLUMNS = ("source", "group")
_MAX_BYTES = 50_000_000


def group_numbers(
    images: pd.DataFrame,
    config: SplitConfig,
    copies: Callable[[], Iterable[Sequence[int]]],
) -> list[int] | None:
    """Give images that must lie in one split the same number.

    Parameters
    ----------
    images : DataFrame
        With a column source, and `GROUP` if a table names groups.
    copies : callable
        Finds the images that show the same, as positions in `images`; called if that counts.

    Returns
    -------
    list of int, length n_images, or None
        None if each image may lie where it wants.

    Raises
    ------
    DatasetError
        If nothing tells the groups that are asked for.
    """
    if not config.grouped:
        return None
    groups = _Groups(len(images))
    if config.group_pattern:
        groups.join_equal(groups_in_names(config.group_pattern, images["source"].tolist()))
    if config.group_table:
        if GROUP not in images.columns or not (images[GROUP] != "").any():
            raise DatasetError(
                f"Expected a table '{GROUPS_FILE}' beside the pictures, with the columns source "
                "(the name of a file) and group (who or what is in it), but none came with them."
            )
        groups.join_equal(images[GROUP].tolist())
    if config.duplicates:
        for rows in copies():
            groups.join(rows)
    return groups.numbers()


def read_groups(content: bytes, names: Sequence[str]) -> list[str]:
    """Read a table of groups, and find the group of each file; "" where it names none.

    A file goes by its whole name, as the import report lists it. Folders around it may be missing
    in one of the two, as long as only one file can be meant.

    Raises
    ------
    DatasetError
        If it is no table with the columns source and group, or names none of the files.
    """
    groups = dict(_rows(content))
    ends = Counter(end for name in names for end in _ends(name))
    longer: dict[str, set[str]] = defaultdict(set)
    for source, group in groups.items():
        for end in _ends(source):
            longer[end].add(group)
    by_name = []
    for name in names:
        named = [groups[end] for end in _ends(name) if end in groups and ends[end] == 1]
        around = longer[name] if len(longer[name]) == 1 else set()
        by_name.append(groups.get(name) or next(iter([*named, *around]), ""))
    if not any(by_name):
        raise DatasetError(
            f"The table of groups names {len(groups):,} files, and none of them is among the "
            f"{len(names):,} pictures, such as '{names[0][-80:] if names else ''}'. Write their "
            "names into its column source."
        )
    return by_name


def find_groups_file(files: Iterable[tuple[str, Path]]) -> Path | None:
    """Find the table of groups among files of (name, path): the one in the outermost folder."""
    tables = [
        (len(PurePosixPath(name).parts), name, path)
        for name, path in files
        if PurePosixPath(name).name.casefold() == GROUPS_FILE
    ]
    return min(tables)[2] if tables else None


def _ends(name: str) -> list[str]:
    """List a name without its first folders: "a/b/c", "b/c", "c"."""
    parts = name.split("/")
    return ["/".join(parts[index:]) for index in range(len(parts))]


def _rows(content: bytes) -> list[tuple[str, str]]:
    try:
        text = content[:_MAX_BYTES].decode("utf-8-sig")
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
        names = {str(name).strip().casefold(): name for name in reader.fieldnames or ()}
        source, group = (names[column] for column in _COLUMNS)
        rows = [((row[source] or "").strip(), (row[group] or "").strip()) for row in reader]
    except (UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DatasetError(
            "Expected the table of groups as CSV in UTF-8 with the columns source and group in "
            "its first line, such as 'source,group', but it is another. Change its first line."
        ) from error
    return [(PurePosixPath(name.replace("\\", "/")).as_posix(), group) for name, group in rows]


class _Groups:
    """Sets that are joined step by step."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def join(self, rows: Sequence[int]) -> None:
        for row in rows[1:]:
            self._above[self._top(row)] = self._top(rows[0])

    def join_equal(self, names: Sequence[str | None]) -> None:
        """Join what has the same name; what has none stays as it is."""
        first: dict[str, int] = {}
        for row, name in enumerate(names):
            if name:
                self.join((first.setdefault(name, row), row))

    def numbers(self) -> list[int]:
        return [self._top(row) for row in range(len(self._above))]

    def _top(self, row: int) -> int:
        while self._above[row] != row:
            self._above[row] = self._above[self._above[row]]
            row = self._above[row]
        return row
