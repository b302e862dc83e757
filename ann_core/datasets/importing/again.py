"""An archive that was imported before, byte for byte and in the same way: nothing is read anew."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import PIL

from ann_core.config import content_key
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.options import ImportOptions
from ann_core.datasets.integrity import changed_images
from ann_core.datasets.sharing import share_files
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, staged_folder

_VERSION = 1  # of what an import makes of an archive; count up when that changes


def archive_key(archive: Path, options: ImportOptions) -> str:
    """Name what an import makes of an archive: by its bytes, and by how they are read."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    balance = options.balance.model_dump(mode="json") if options.balance else None
    ways = [options.split.model_dump(mode="json"), balance, options.reading, options.encoding]
    return content_key([digest, ways, _VERSION, PIL.__version__])


def find_earlier(catalog: Catalog, key: str, owner: str) -> Dataset | None:
    """Find the data set that was made of the same archive, if its images are as they were.

    Parameters
    ----------
    owner : str
        Of the new one. Nobody is to learn what others have imported, so only sets of the same
        owner, and those that belong to all, are looked at.
    """
    for info in catalog.infos():
        if info.archive_key == key and info.owner in (owner, ""):
            try:
                earlier = catalog.load(info.name)
                if not changed_images(earlier):
                    return earlier
            except DatasetError:  # it is damaged, or was erased just now
                continue
    return None


def import_again(
    earlier: Dataset,
    name: str,
    catalog: Catalog,
    *,
    options: ImportOptions,
    progress: ProgressCallback,
) -> Dataset:
    """Make a data set of the images of another, which stays as it is; files are shared.

    Raises
    ------
    DatasetError, DiskFullError
    """
    # Noted first: whatever is edited from now on is newer.
    created = datetime.now(UTC).isoformat(timespec="milliseconds")
    with staged_folder(catalog.root) as staging:
        folder = staging / "dataset"
        folder.mkdir()
        share_files(earlier.folder, folder, earlier.images["file"].tolist(), progress=progress)
        info = earlier.info.model_copy(
            update={
                "name": name,
                "source": options.source,
                "created": created,
                "job": options.job,
                "owner": options.owner,
            }
        )
        return catalog.add(folder, replace(earlier, info=info, folder=folder))
