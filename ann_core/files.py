"""Whole or not at all: files and folders appear by one rename."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ann_core.errors import disk_errors

Progress = Callable[[int, int], None]
"""Called as ``progress(done, total)`` while something long goes on."""

STAGING_PREFIX = ".incoming-"


def natural_key(name: str) -> list[tuple[int, str]]:
    """Sort key under which ``cat.2`` comes before ``cat.10``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in parts]


def no_progress(done: int, total: int) -> None:
    """Report to nobody."""


@contextlib.contextmanager
def staged_folder(parent: Path) -> Iterator[Path]:
    """Give a fresh folder inside `parent` that is gone when the block ends.

    Fill it, then move what is finished out of it with ``os.replace`` or
    ``Path.rename``: it lies on the same disk, so the move is one step.

    Raises
    ------
    DiskFullError
        If the disk runs full in the block.
    """
    with disk_errors(parent):
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old content or the new, never half.

    Raises
    ------
    DiskFullError
        If there is no space; the old content stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with disk_errors(path.parent):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, content: str) -> None:
    """As `write_bytes`, for UTF-8 text."""
    write_bytes(path, content.encode())
