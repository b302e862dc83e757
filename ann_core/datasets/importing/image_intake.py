"""Files that claim to be images are decoded, and those that are some come into a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ann_core.datasets.importing.layouts import Candidate
from ann_core.datasets.profile.scan import SCAN_OPTIONS, ScanWriter
from ann_core.datasets.validation import LeftOut
from ann_core.file_names import natural_key
from ann_core.files import ProgressCallback
from ann_core.imaging.reading import ImageFile, ReadImage, ReadOptions, Unread, read_images
from ann_core.stored_names import IMAGES_DIR


def take_images(
    candidates: Sequence[Candidate],
    folder: Path,
    *,
    copy: bool,
    progress: ProgressCallback,
    scan: ScanWriter | None = None,
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Decode every candidate; bring those that are images into a folder.

    Parameters
    ----------
    scan : ScanWriter, optional
        Takes what is made of each image, for there is no need to read it again.

    Returns
    -------
    rows : list of dict
        Of the index, `COLUMNS`, and number: which of the candidates it is; peak, as
        `ann_core.imaging.images.LoadedImage` has it.
    unreadable : list of LeftOut
    """
    names = _names(candidates)
    sizes = [_size(candidate) for candidate in candidates]
    files = (
        ImageFile(str(candidate.file.path), size, target=f"{folder}/{name}", copy=copy)
        for candidate, name, size in zip(candidates, names, sizes, strict=True)
    )
    rows: list[dict[str, Any]] = []
    unreadable: list[LeftOut] = []
    images = read_images(
        files,
        ReadOptions() if scan is None else SCAN_OPTIONS,
        n_files=len(candidates),
        n_bytes=sum(sizes),
        progress=progress,
    )
    with contextlib.closing(images):
        for number, image in enumerate(images):
            candidate = candidates[number]
            if isinstance(image, Unread):
                unreadable.append(LeftOut(candidate.file.name, _reason(image)))
                continue
            if scan is not None:
                scan.add(image)
            rows.append(_row(candidate, image) | {"file": names[number], "number": number})
    return rows, unreadable


def _row(candidate: Candidate, image: ReadImage) -> dict[str, Any]:
    return {
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "mode": image.mode,
        "peak": image.peak,
        "bytes": image.n_bytes,
        "sha256": image.sha256,
        "class_name": candidate.class_name,
        "split": candidate.split,
        "source": candidate.file.name,
    }


def _reason(image: Unread) -> str:
    return image.reason if image.kind == "no image" else f"it cannot be read ({image.reason})"


def _size(candidate: Candidate) -> int:
    try:
        return candidate.file.path.stat().st_size
    except OSError:  # it will be said of this one
        return 0


def _names(candidates: Sequence[Candidate]) -> list[str]:
    """Name the file of each: folders with names that every disk accepts, whatever the class is."""
    ordered = sorted({each.class_name for each in candidates}, key=natural_key)
    folders = {name: f"{IMAGES_DIR}/{number:03d}" for number, name in enumerate(ordered)}
    return [
        f"{folders[each.class_name]}/{number:06d}{Path(each.file.name).suffix.lower()}"
        for number, each in enumerate(candidates)
    ]
