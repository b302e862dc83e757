"""Files that claim to be images are decoded, and those that are some come into a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from ann_core.datasets.importing.layouts import Candidate
from ann_core.datasets.validation import LeftOut
from ann_core.errors import ImageError
from ann_core.file_names import natural_key
from ann_core.files import ProgressCallback
from ann_core.imaging.images import MAX_BYTES, open_image
from ann_core.stored_names import IMAGES_DIR


def take_images(
    candidates: list[Candidate], folder: Path, *, copy: bool, progress: ProgressCallback
) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Decode every candidate; bring those that are images into a folder.

    Returns
    -------
    rows : list of dict
        Of the index, `COLUMNS`, and number: which of the candidates it is.
    unreadable : list of LeftOut
    """
    class_folders = _numbered_folders({c.class_name for c in candidates})
    rows, unreadable = [], []
    for number, candidate in enumerate(candidates):
        progress(number, len(candidates))
        file = candidate.file
        try:
            content = _read(file.path)
            row = _describe(content)
        except ImageError as error:
            unreadable.append(LeftOut(file.name, error.reason))
            continue
        suffix = Path(file.name).suffix.lower()
        row["file"] = f"{IMAGES_DIR}/{class_folders[candidate.class_name]}/{number:06d}{suffix}"
        row |= {"class_name": candidate.class_name, "split": candidate.split}
        row |= {"source": file.name, "number": number}
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if copy:
            target.write_bytes(content)  # the very bytes that were checked
        else:
            file.path.replace(target)
        rows.append(row)
    progress(len(candidates), len(candidates))
    return rows, unreadable


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ImageError(f"the file is larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"it cannot be read ({error.strerror})") from error


def _describe(content: bytes) -> dict[str, Any]:
    image = open_image(content)
    return {
        "width": image.width,
        "height": image.height,
        "format": image.format,
        "mode": image.mode,
        "peak": image.peak,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def _numbered_folders(class_names: set[str]) -> dict[str, str]:
    """Folders with names that every disk accepts, whatever the class is called."""
    ordered = sorted(class_names, key=natural_key)
    return {name: f"{number:03d}" for number, name in enumerate(ordered)}
