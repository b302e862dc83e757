"""Notice images that were edited or removed after their import."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError

_NAMED = 3


def changed_images(dataset: Dataset) -> list[str]:
    """List the files of a data set that are not what was imported, by their owner's names.

    Only files that were written to since the import are read again; the others
    are known by size and time.
    """
    imported = datetime.fromisoformat(dataset.info.created).timestamp()
    table = dataset.images
    changed = []
    for file, size, digest, source in zip(
        table["file"], table["bytes"], table["sha256"], table["source"], strict=True
    ):
        path = dataset.folder / str(file)
        try:
            status = path.stat()
            same = status.st_size == size and (
                status.st_mtime <= imported
                or hashlib.sha256(path.read_bytes()).hexdigest() == digest
            )
        except OSError:
            same = False
        if not same:
            changed.append(str(source))
    return changed


def check_unchanged(dataset: Dataset) -> None:
    """Refuse a data set whose files are not what was imported.

    Raises
    ------
    DatasetError
        Says which.
    """
    changed = changed_images(dataset)
    if not changed:
        return
    names = ", ".join(f"'{name}'" for name in changed[:_NAMED])
    more = f" and {len(changed) - _NAMED:,} more" if len(changed) > _NAMED else ""
    raise DatasetError(
        f"Pictures of '{dataset.name}' were changed or removed since they were imported: "
        f"{names}{more}. Import them again under a new name, and start a new run with that."
    )
