"""Whole or not at all: files and folders appear by one rename."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ann_core.errors import disk_errors

ProgressCallback = Callable[[int, int], None]
"""Called as ``progress(done, total)`` while something long goes on."""

STAGING_PREFIX = ".incoming-"
_ABANDONED_SECONDS = 24 * 60 * 60


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
        _sweep(parent)
        folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish_folder(prepared: Path, target: Path, *, is_whole: Callable[[], bool]) -> None:
    """Move a finished folder into place by one rename; whoever came first wins.

    Parameters
    ----------
    prepared : Path
        Out of a `staged_folder` beside `target`.
    is_whole : callable
        Whether what lies at `target` already is of use; if not, it is replaced.
    """
    try:
        prepared.rename(target)
    except OSError:
        if not is_whole():
            shutil.rmtree(target, ignore_errors=True)
            prepared.rename(target)


def _sweep(parent: Path) -> None:
    """Remove staged folders whose process was killed, once they are a day old."""
    for folder in parent.glob(f"{STAGING_PREFIX}*"):
        with contextlib.suppress(FileNotFoundError):  # its owner came first
            if time.time() - folder.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a file whose content takes the place of `path` when the block ends.

    Readers see the old content or the new, never half; after an error in the
    block, the old one stays. For what is too large to be held in memory as a whole.

    Raises
    ------
    DiskFullError
        If there is no space; the old content stays.
    """
    # Its own name for each writer: threads of a server may write the same file at once.
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    with disk_errors(path.parent):
        try:
            with temporary.open("w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """As `replacing`, for content that is in memory."""
    with replacing(path) as file:
        file.write(content)


def write_text(path: Path, content: str) -> None:
    """As `write_bytes`, for UTF-8 text."""
    write_bytes(path, content.encode())


def write_array(path: Path, values: np.ndarray) -> None:
    """As `write_bytes`, for an ``.npy`` file: of a full disk, `np.save` itself tells no reason."""
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=False)
    write_bytes(path, buffer.getvalue())


def read_arrays(path: Path, *names: str) -> dict[str, np.ndarray] | None:
    """Read arrays of an ``.npz`` file, no pickles.

    Returns
    -------
    dict of str to array, or None
        None if the file is not there or damaged, or lacks one of the names.
    """
    try:
        # A damaged file that NumPy opened itself would stay open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None
