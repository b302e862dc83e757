"""Fetch a file from the network: whole and as expected, or not at all.

`pooch` tries again and checks the hash. What reads from the network is our own:
it counts, gives up and can be stopped at every piece that arrives.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

from ann_core.datasets.sources.remote_reader import (
    AgainError,
    FinalError,
    PassedError,
    Patience,
    RemoteFile,
    RemoteReader,
    written_size,
)
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress, staged_folder

__all__ = ["Patience", "RemoteFile", "fetch", "fetch_bytes"]


def fetch(
    file: RemoteFile,
    folder: Path,
    *,
    what: str,
    max_bytes: int,
    patience: Patience | None = None,
    progress: ProgressCallback = no_progress,
) -> Path:
    """Return the file from `folder`; download it first if it is not there.

    It is downloaded next to its place, checked, and moved there in one step.

    Parameters
    ----------
    what : str
        What people call the file, for messages.
    max_bytes : int
        Where to end with a file whose length is not known.
    progress : callable
        Called with bytes. What it raises ends the download and passes through.

    Raises
    ------
    DatasetError
        If it cannot be had, in one sentence: no network, no such file, a silent or
        failing server, a broken connection, another length, other bytes, no room.
    DiskFullError
        If the disk runs full on the way.
    """
    target = folder / file.name
    if _is_here(file, target):
        progress(file.n_bytes or 1, file.n_bytes or 1)
        return target
    with staged_folder(folder) as staging, _one_sentence(what):
        free = shutil.disk_usage(staging).free
        if file.n_bytes > free:
            raise FinalError(
                f"it has {written_size(file.n_bytes)}, and the disk that holds '{folder}' has only "
                f"{written_size(free)} left; free some space and try again"
            )
        reader = RemoteReader(file, patience or Patience(), file.n_bytes or max_bytes, progress)
        whole = _retrieve(reader, staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        return whole.replace(target)


def fetch_bytes(
    file: RemoteFile, *, what: str, max_bytes: int, patience: Patience | None = None
) -> bytes:
    """As `fetch`, once and into memory: nothing of it comes near a disk.

    Raises
    ------
    DatasetError
    """
    content = io.BytesIO()
    with _one_sentence(what):
        RemoteReader(file, patience or Patience(), max_bytes, no_progress).copy(content)
    return content.getvalue()


def _retrieve(reader: RemoteReader, folder: Path) -> Path:
    import pooch  # 0.15 s, not for those who download nothing

    pooch.get_logger().setLevel("ERROR")  # it would talk into the command line's bar
    cache = pooch.create(
        path=folder,
        base_url="",
        registry={"download": reader.file.sha256.lower() or None},
        urls={"download": reader.file.url},
        retry_if_failed=reader.patience.n_retries,
    )
    return Path(cache.fetch("download", downloader=reader))


@contextlib.contextmanager
def _one_sentence(what: str) -> Iterator[None]:
    try:
        yield
    except PassedError as passed:
        raise passed.error from passed.error.__cause__
    except (AgainError, FinalError) as trouble:
        raise DatasetError(f"{what} could not be downloaded: {trouble}.") from trouble
    except ValueError as error:  # of pooch, when the hash is not the one it knows
        raise DatasetError(
            f"{what} could not be downloaded: the file that came is not the expected one, byte by "
            "byte, and was thrown away; try again later or get the data set from its source page."
        ) from error


def _is_here(file: RemoteFile, path: Path) -> bool:
    if not path.is_file() or not file.sha256:
        return path.is_file()
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256.lower()
