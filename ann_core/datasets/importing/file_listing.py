"""What is there to be imported: every file below a folder, or images given class by class."""

from __future__ import annotations

import os
import posixpath
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from ann_core.datasets.importing.archive_limits import TooLargeError
from ann_core.datasets.importing.layouts import SourceFile
from ann_core.datasets.validation import LeftOut, check_class_names
from ann_core.file_names import as_text, is_ignored, tidy

FilesByClass = Mapping[str, Sequence[tuple[str, bytes | Path]]]
"""Files by class: the name its owner gave each, and its bytes or where it lies."""


def files_in(
    folder: Path, *, max_files: int | None = None
) -> tuple[list[SourceFile], list[LeftOut]]:
    """List every file below a folder; nothing but plain files is ever opened.

    Returns
    -------
    files : list of SourceFile
        In a fixed order.
    left_out : list of LeftOut
        Links, pipes, devices, and folders that may not be read. Hidden files and litter
        are in neither list.

    Raises
    ------
    TooLargeError
        If there are more than `max_files`.
    """
    files: list[SourceFile] = []
    left_out: list[LeftOut] = []

    def unreadable(error: OSError) -> None:
        left_out.append(LeftOut(_name(Path(error.filename), folder), _cannot_read(error)))

    for root, folders, names in os.walk(folder, onerror=unreadable):
        # Not Path.is_symlink: that raises if the path is too long.
        links = [name for name in folders if os.path.islink(f"{root}/{name}")]  # noqa: PTH114
        for path in (Path(root, name) for name in [*names, *links]):
            if trouble := _why_not(path):
                left_out.append(LeftOut(_name(path, folder), trouble))
            else:
                files.append(SourceFile(_name(path, folder), path))
        if max_files is not None and len(files) + len(left_out) > max_files:
            raise TooLargeError(f"There are more than {max_files:,} files in this folder.")
    left_out = [note for note in left_out if not is_ignored(note.name)]
    return sorted(files, key=lambda f: f.path), sorted(left_out, key=lambda note: note.name)


def files_by_class(images: FilesByClass, folder: Path) -> dict[str, list[SourceFile]]:
    """Name every file ``class/name``, and write into `folder` what is given as bytes.

    A second file of the same name in a class gets a number: ``cat/1 (2).jpg``.

    Raises
    ------
    DatasetError
        If a class has no usable name.
    DiskFullError
    """
    check_class_names(list(images))
    by_class: dict[str, list[SourceFile]] = {}
    number = 0
    for class_name, given in images.items():
        seen: Counter[str] = Counter()
        class_name = as_text(tidy(class_name))
        files = by_class.setdefault(class_name, [])
        for name, content in given:
            name = _numbered(as_text(name), seen)
            path = folder / f"{number:06d}" if isinstance(content, bytes) else content
            if isinstance(content, bytes):
                path.write_bytes(content)
            files.append(SourceFile(f"{class_name}/{name}", path))
            number += 1
    return by_class


def _name(path: Path, folder: Path) -> str:
    return as_text(path.relative_to(folder).as_posix())


def _numbered(name: str, seen: Counter[str]) -> str:
    """Give a name that was seen before a number of its own."""
    stem, suffix = posixpath.splitext(name)
    free = name
    while free in seen:
        seen[name] += 1
        free = f"{stem} ({seen[name]}){suffix}"
    seen[free] = 1
    return free


def _why_not(path: Path) -> str:
    """Say why a file is not opened; "" if it is one like any other."""
    try:
        kind = path.lstat().st_mode
    except OSError as error:  # such as a path of 5,000 letters
        return _cannot_read(error)
    if stat.S_ISLNK(kind):
        return "it is a link, and links are not followed"
    return "" if stat.S_ISREG(kind) else "it is no plain file (a pipe, a socket or a device)"


def _cannot_read(error: OSError) -> str:
    return f"it cannot be read ({error.strerror})"
