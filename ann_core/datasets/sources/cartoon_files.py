"""Write cartoons into a folder for each class, on several cores."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.processes import call_in_order, worth_starting

JPEG_QUALITY = 90
_BATCH = 32  # images that a process draws at a time
_SECONDS_AN_IMAGE = 0.003


@dataclass(frozen=True)
class Batch:
    """Cartoons that one process draws at a time: their numbers, cats and dogs in turns."""

    folder: Path
    config: CartoonConfig
    numbers: range


def write_cartoons(
    folder: Path,
    config: CartoonConfig,
    progress: ProgressCallback = no_progress,
    *,
    n_processes: int | None = None,
) -> None:
    """Write JPEG files ``folder/cat/cat.0.jpg`` … and ``folder/dog/dog.0.jpg`` ….

    Cats and dogs take turns, so a set broken off early is balanced too.

    Parameters
    ----------
    folder : Path
        Made if missing; files of the same names are replaced, others stay.
    progress : callable
        Called as ``progress(done, total)`` for each image, and while none is ready.
    n_processes : int, optional
        By default as many as a training has threads (``Settings.n_threads``), or only this one
        if others would not make it faster. The files are the same.
    """
    for class_name in CLASS_NAMES:
        (folder / class_name).mkdir(parents=True, exist_ok=True)
    done, n_images = 0, config.n_images
    numbers = (range(n_images)[start : start + _BATCH] for start in range(0, n_images, _BATCH))
    drawn = call_in_order(
        write_batch,
        (Batch(folder, config, some) for some in numbers),
        n_processes=n_processes or worth_starting(n_images * _SECONDS_AN_IMAGE),
        waiting=lambda: progress(done, n_images),
    )
    with contextlib.closing(drawn):
        for n_drawn in drawn:
            for _ in range(n_drawn):
                done += 1
                progress(done, n_images)


def write_batch(batch: Batch) -> int:
    """Draw some cartoons and write their files; return how many."""
    for number in batch.numbers:
        index, which = divmod(number, len(CLASS_NAMES))
        class_name = CLASS_NAMES[which]
        image = draw_cartoon(class_name, batch.config, index)
        path = batch.folder / class_name / f"{class_name}.{index}.jpg"
        image.save(path, quality=JPEG_QUALITY)
    return len(batch.numbers)
