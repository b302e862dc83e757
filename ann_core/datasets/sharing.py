"""Let data sets share the files of their images: a second name for each, where the disk can."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress

_REPORT_EVERY = 500  # files


def share_files(
    source: Path, target: Path, files: Sequence[str], *, progress: ProgressCallback = no_progress
) -> None:
    """Let files of one data set be those of another too; copied where they cannot be linked.

    Parameters
    ----------
    files : sequence of str
        As in the index: relative to `source`, and then to `target`.

    Raises
    ------
    DatasetError
        If one is gone.
    """
    for folder in {file.rpartition("/")[0] for file in files}:
        (target / folder).mkdir(parents=True, exist_ok=True)
    here, there = str(source), str(target)
    for number, file in enumerate(files):
        if number % _REPORT_EVERY == 0:
            progress(number, len(files))
        _link(f"{here}/{file}", f"{there}/{file}")
    progress(len(files), len(files))


def _link(source: str, target: str) -> None:
    """Let a second name stand for the same file; copy where the disk cannot do that."""
    try:
        os.link(source, target)
    except FileNotFoundError as error:
        raise _gone(source) from error
    except OSError:
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError as error:
            raise _gone(source) from error


def _gone(source: str) -> DatasetError:
    return DatasetError(
        f"The picture {Path(source).name} is gone from the disk, or its data set was deleted just "
        "now. Import the pictures again."
    )
