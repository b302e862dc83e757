"""Files and folders appear whole or not at all, by one rename."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ann_core.errors import TargetError, disk_errors

if sys.platform != "win32":
    import fcntl

ProgressCallback = Callable[[int, int], None]
"""Called as ``progress(done, total)`` while something long goes on."""

STAGING_PREFIX = ".incoming-"
_ABANDONED_SECONDS = 24 * 60 * 60
_MANY_BYTES = 10_000_000_000
_LOCKED_SECONDS = 60  # after that, a folder that nobody has locked is nobody's

_staged: set[Path] = set()


def no_progress(done: int, total: int) -> None:
    """Report to nobody."""


def data_size(n_bytes: float, *, digits: int = 0) -> str:
    """Write a size in millions of bytes, or in thousands of these: "1,234 MB", "62.3 GB"."""
    if n_bytes >= _MANY_BYTES:
        return f"{n_bytes / 1e9:,.1f} GB"
    return f"{n_bytes / 1e6:,.{digits}f} MB"


def counted(number: int, what: str = "picture", several: str = "") -> str:
    """Write a number and what is counted: "1 picture", "1,234 pictures", "2 classes".

    Parameters
    ----------
    several : str
        The plural, where it does not only end in "s".
    """
    return f"{number:,} {what if number == 1 else several or f'{what}s'}"


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
        sweep_staged(parent)
        folder = Path(tempfile.mkdtemp(prefix=STAGING_PREFIX, dir=parent))
        _staged.add(folder)
        with locked(folder):
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
                _staged.discard(folder)


def remove_staged_folders() -> None:
    """Remove what this process has staged, before it ends in the middle of its work."""
    for folder in list(_staged):
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Keep a folder to oneself among all who lock it; the lock ends with the process.

    Windows and some network disks cannot lock folders: there, nobody is kept out.

    Raises
    ------
    BlockingIOError
        If somebody else has it, and `wait` is False.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, how: int) -> None:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        raise
    except OSError:  # this disk knows no locks
        return


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


def sweep_staged(parent: Path) -> None:
    """Remove staged folders whose process was killed, once they are a minute old.

    A process that was asleep for longer (a closed laptop) still has the lock of its folder.
    Where a disk knows no locks, they are removed once they are a day old.
    """
    old = _LOCKED_SECONDS if _can_be_locked(parent) else _ABANDONED_SECONDS
    for folder in parent.glob(f"{STAGING_PREFIX}*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError):  # its owner came first
            if time.time() - folder.stat().st_mtime > old:
                with locked(folder, wait=False):
                    shutil.rmtree(folder, ignore_errors=True)


def _can_be_locked(folder: Path) -> bool:
    """Whether a lock of this folder keeps others out."""
    if sys.platform == "win32" or not folder.is_dir():
        return False
    try:
        with locked(folder, wait=False), locked(folder, wait=False):
            return False
    except BlockingIOError:
        return True


def check_target(path: Path, suffixes: Sequence[str], other: str) -> None:
    """Refuse to write a file under a name that is a folder's, or another kind's.

    Parameters
    ----------
    suffixes : sequence of str
        Endings of its kind, the usual one first, such as ".parquet".
    other : str
        What to do for a file of another kind, as a sentence.

    Raises
    ------
    TargetError
    """
    usual = suffixes[0]
    if path.is_dir():
        raise TargetError(
            f"Expected the name of a file to write, but '{path}' is a folder. Name a file in it, "
            f"such as '{path / f'name{usual}'}'."
        )
    if not path.parent.is_dir():
        raise TargetError(
            f"Expected the name of a file in a folder that exists, got '{path}'. Make the folder "
            "first, or choose another name."
        )
    if path.suffix.lower() not in suffixes:
        raise TargetError(
            f"Expected a name that ends in {usual}, for that is what is written, got '{path}'. "
            f"{other}"
        )


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
            with _new(temporary, path) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Remove what writers that were killed have left half-written in a folder."""
    for unfinished in folder.glob(".*.tmp"):
        unfinished.unlink(missing_ok=True)


def _new(temporary: Path, path: Path) -> BinaryIO:
    """Open a file whose errors name the one that somebody asked for."""
    try:
        return temporary.open("w+b")
    except OSError as error:
        error.filename = str(path)
        raise


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
