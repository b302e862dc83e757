"""What this computer has left: memory and disk."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import shutil
import sys
import time
from pathlib import Path

import psutil

# A container may have less than the computer; 2 versions of the same word.
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_COUNT_SECONDS = 10
_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_LARGE_BYTES = 1 << 20


def return_memory_at_once() -> None:
    """Let large arrays go back to the operating system as soon as nobody needs them.

    glibc learns from sizes that it has seen, and then keeps up to 64 MB in each of many
    arenas, one for each thread that a web server ever had: 30 questions about images cost
    120 MB that way. With a fixed threshold it does not (mallopt(3)). Other systems do
    without.
    """
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:  # musl has none
            mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def keep_private(folder: Path) -> None:
    """Let no other account of this computer read `folder`, or what this process will write."""
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):  # it belongs to somebody else, who decides
        folder.chmod(folder.stat().st_mode & ~0o077)


def memory_total() -> int:
    """Bytes of memory that this computer, or this container, has in all."""
    totals = [int(psutil.virtual_memory().total)]
    for file in _CGROUP_LIMITS:
        try:
            totals.append(int(file.read_text()))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return min(totals)


def memory_available() -> int:
    """Bytes that new processes could take without anybody being moved to disk."""
    return min(int(psutil.virtual_memory().available), memory_total())


def disk_free(folder: Path) -> int:
    """Bytes free on the disk that holds `folder`, or will hold it once it is made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def folder_bytes(folder: Path) -> int:
    """Bytes of all files under `folder`; counted anew every ten seconds at the most."""
    return _count(folder, int(time.monotonic() / _COUNT_SECONDS))


def count_again() -> None:
    """Let `folder_bytes` look anew, for much was written or removed just now."""
    _count.cache_clear()


@functools.lru_cache(maxsize=4)
def _count(folder: Path, _moment: int) -> int:
    total = 0
    linked: set[tuple[int, int]] = set()  # a file with two names takes its space once
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    with contextlib.suppress(OSError):  # only this one is gone
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
                        else:
                            status = entry.stat(follow_symlinks=False)
                            if status.st_nlink > 1:
                                if (status.st_dev, status.st_ino) in linked:
                                    continue
                                linked.add((status.st_dev, status.st_ino))
                            total += status.st_size
        except OSError:  # it was removed while we were counting, or may not be read
            continue
    return total
