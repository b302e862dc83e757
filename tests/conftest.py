"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # a file system in memory, which Linux has
ENOUGH = 6 * 2**30  # bytes; a whole run of the tests takes less than one gigabyte


def pytest_configure() -> None:
    """Let tests write into memory: a tenth of their time was waiting for the disk."""
    if "TMPDIR" not in os.environ and _is_roomy(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # to be looked up again


def pytest_collection_finish() -> None:
    """Spare the collector of garbage the thousands of tests: they stay to the end."""
    gc.collect()
    gc.freeze()


def _is_roomy(folder: Path) -> bool:
    """Say whether programs may be copied to a folder in memory, and there is much room."""
    if not folder.is_dir() or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    free = min(shutil.disk_usage(folder).free, psutil.virtual_memory().available)
    return free > ENOUGH
