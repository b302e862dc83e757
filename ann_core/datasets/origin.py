"""Of which data set something was made, and when it was last of use.

Features, profiles and baselines lie in folders that are named by their content, so a small
file in each names the data set. It is touched when the folder is opened, like ``dataset.json``
in the folder of a data set itself: at most once an hour, for that is exact enough to say what
nobody uses any more.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from ann_core.errors import DiskFullError
from ann_core.files import STAGING_PREFIX, write_text

ORIGIN_FILE = "origin.json"

_SECONDS = 3600.0


def note_origin(folder: Path, fingerprint: str) -> None:
    """Write down of which data set a folder was made.

    Raises
    ------
    DiskFullError
    """
    write_text(folder / ORIGIN_FILE, json.dumps({"fingerprint": fingerprint}) + "\n")


def note_use(folder: Path, fingerprint: str) -> None:
    """Remember that a folder was opened; what an earlier version left is named as well.

    A disk that is full or cannot be written to does not get in the way of reading.
    """
    with contextlib.suppress(OSError, DiskFullError):
        if not touch(folder / ORIGIN_FILE):
            note_origin(folder, fingerprint)


def touch(path: Path) -> bool:
    """Give a file the time of now, if its own is an hour old; False if it is not there."""
    try:
        if time.time() - path.stat().st_mtime > _SECONDS:
            os.utime(path)
    except FileNotFoundError:
        return False
    except OSError:  # the disk can only be read
        return True
    return True


def origin_of(folder: Path) -> str:
    """Fingerprint of the data set that a folder was made of; "" if that was never noted."""
    try:
        return str(json.loads((folder / ORIGIN_FILE).read_text())["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def last_used(folder: Path, file: str = ORIGIN_FILE) -> float:
    """When a folder was made or opened last, in seconds since 1970, to the hour.

    Parameters
    ----------
    file : str
        The one that is touched.
    """
    for path in (folder / file, folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return time.time()  # it is gone


def finished_folders(root: Path) -> Iterator[Path]:
    """List the folders below `root` that are whole; those that are being written are not."""
    with contextlib.suppress(OSError):
        for path in sorted(root.iterdir()):
            if path.is_dir() and not path.name.startswith(STAGING_PREFIX):
                yield path
