"""Functions that processes of `ann_core.imaging.processes` are asked to call."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ann_core.imaging.reading import ImageFile, ReadImage, ReadOptions, Unread, read_images

CALM_SECONDS = 0.002  # while nobody but the first process works


def number_and_process(number: int) -> tuple[int, int]:
    """Say a number again, and which process says it."""
    time.sleep(CALM_SECONDS)
    return number, os.getpid()


def end_elsewhere(order: tuple[int, int]) -> None:
    """End this process, by a signal if the second number is negative, unless it is the first."""
    mine, code = order
    if os.getpid() == mine:
        time.sleep(CALM_SECONDS)
    elif code < 0:
        os.kill(os.getpid(), -code)
    else:
        os._exit(code)


def rows_and_process(batch: tuple[list[Path], ReadOptions]) -> tuple[list[ReadImage | Unread], int]:
    """Read some images, and say in which process."""
    paths, options = batch
    files = (ImageFile(str(path), 0) for path in paths)
    images = read_images(files, options, n_files=len(paths), n_bytes=0, n_processes=1)
    return list(images), os.getpid()
