"""Notice images that were edited or removed after their import."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from PIL import Image

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.errors import DatasetError, ImageError
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import MAX_BITS
from ann_core.imaging.reading import ImageFile, ReadImage, ReadOptions, Unread, read_images

_NAMED = 3
_REMOVED = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


def changed_images(dataset: Dataset) -> list[str]:
    """List the files of a data set that are not what was imported, by their owner's names.

    Only files that were written to since the import are read again; the others
    are known by size and time.

    Raises
    ------
    DatasetError
        If a file is there and cannot be read, so that nobody can tell.
    """
    imported = datetime.fromisoformat(dataset.info.created).timestamp()
    changed, root = [], str(dataset.folder)
    columns = [dataset.images[name].tolist() for name in ("file", "bytes", "sha256", "source")]
    for file, size, digest, source in zip(*columns, strict=True):
        path = f"{root}/{file}"  # tens of thousands of them: a Path takes longer than the disk
        try:
            status = os.stat(path)  # noqa: PTH116
            same = status.st_size == size and (
                status.st_mtime <= imported or _sha256(Path(path).read_bytes()) == digest
            )
        except _REMOVED:
            same = False
        except OSError as error:
            raise _unreadable(dataset, str(source), str(error.strerror)) from error
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
    if changed:
        raise _changed(dataset, changed)


def open_unchanged(dataset: Dataset, row: int, bits_used: int = MAX_BITS) -> Image.Image:
    """Decode an image, if its file holds the very bytes that were imported.

    Parameters
    ----------
    bits_used : int
        As `PreprocessConfig.bits_used`.

    Raises
    ------
    DatasetError
        As `read_unchanged`.
    """
    try:
        return open_image(read_unchanged(dataset, row), bits_used=bits_used).image
    except ImageError as error:
        source = str(dataset.images["source"].iat[row])
        raise _unreadable(dataset, source, error.reason) from error


def read_all_unchanged(
    dataset: Dataset,
    options: ReadOptions,
    *,
    n_processes: int | None = None,
    progress: ProgressCallback = no_progress,
) -> Generator[ReadImage, None, None]:
    """Read every image of a data set once, in order, as `open_unchanged` does; to be closed.

    Parameters
    ----------
    n_processes, progress
        See `ann_core.imaging.reading.read_images`.

    Raises
    ------
    DatasetError
        As `open_unchanged`, of the first image that is not what was imported.
    """
    images = read_images(
        *(_files_of(dataset), options),
        n_files=len(dataset),
        n_bytes=int(dataset.images["bytes"].sum()),
        n_processes=n_processes,
        progress=progress,
    )
    with contextlib.closing(images):
        for row, image in enumerate(images):
            if isinstance(image, Unread):
                source = str(dataset.images["source"].iat[row])
                if image.kind in ("gone", "changed"):
                    raise _changed(dataset, [source])
                raise _unreadable(dataset, source, image.reason)
            yield image


def _files_of(dataset: Dataset) -> Iterator[ImageFile]:
    root, images = str(dataset.folder), dataset.images
    for file, n_bytes, digest in zip(
        images["file"], images["bytes"], images["sha256"], strict=True
    ):
        yield ImageFile(f"{root}/{file}", int(n_bytes), digest)


def read_unchanged(dataset: Dataset, row: int) -> bytes:
    """Read the file of an image, if it holds the very bytes that were imported.

    What is made of all images and then stored under the data set's fingerprint reads them
    here: a time on the disk can be wrong, or a file be edited while the work goes on.

    Parameters
    ----------
    row : int
        Of ``dataset.images``.

    Raises
    ------
    DatasetError
        If its bytes are others, or it cannot be read, be it only for a moment.
    """
    image = dataset.images.iloc[row]
    source = str(image["source"])
    try:
        content = dataset.path(row).read_bytes()
        if _sha256(content) != image["sha256"]:
            raise _changed(dataset, [source])
        return content
    except _REMOVED as error:
        raise _changed(dataset, [source]) from error
    except OSError as error:
        raise _unreadable(dataset, source, str(error.strerror)) from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _changed(dataset: Dataset, sources: Sequence[str]) -> DatasetError:
    names = ", ".join(f"'{name}'" for name in sources[:_NAMED])
    more = f" and {len(sources) - _NAMED:,} more" if len(sources) > _NAMED else ""
    return DatasetError(
        f"Pictures of '{display_name(dataset.name)}' were changed or removed since they were "
        f"imported: {names}{more}. Import them again under a new name, and train "
        "a network on that."
    )


def _unreadable(dataset: Dataset, source: str, reason: str) -> DatasetError:
    return DatasetError(
        f"The picture '{source}' of '{display_name(dataset.name)}' cannot be read at the moment: "
        f"{reason}. Nothing was stored. Try again; if it stays so, import the pictures "
        "again under a new name."
    )
