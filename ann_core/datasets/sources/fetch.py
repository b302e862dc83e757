"""Fetch a file from the network: whole and as expected, or not at all.

`pooch` tries again and checks the hash. What reads from the network is our own:
it counts, gives up and can be stopped at every piece that arrives.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, megabytes, no_progress, staged_folder

_CHUNK = 256 * 1024
_LATER = {408, 429}  # codes that ask for patience, among those that are final


@dataclass(frozen=True)
class RemoteFile:
    """A file on the network, and how it is known again.

    Attributes
    ----------
    name : str
        Under which it is kept, relative to the folder of downloads.
    n_bytes : int
        0 if it is not known beforehand.
    sha256 : str
        "" if it is not known; then whatever comes is taken.
    """

    name: str
    url: str
    n_bytes: int = 0
    sha256: str = ""

    @property
    def host(self) -> str:
        """Whom the address names, without port and password."""
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True)
class Patience:
    """How long a silent server is waited for, and how often it is asked again.

    `pooch` rests one second before the second try, two before the third.
    """

    seconds: float = 30.0
    n_retries: int = 2


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
            raise _FinalError(
                f"it has {_size(file.n_bytes)}, and the disk that holds '{folder}' has only "
                f"{_size(free)} left; free some space and try again"
            )
        reader = _Reader(file, patience or Patience(), file.n_bytes or max_bytes, progress)
        whole = _retrieve(reader, staging)
        target.parent.mkdir(parents=True, exist_ok=True)
        return whole.replace(target)


def _retrieve(reader: _Reader, folder: Path) -> Path:
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


class _AgainError(ValueError):
    """May go better at the next try; pooch tries again after a `ValueError`."""


class _FinalError(Exception):
    """Will go the same way at the next try."""


class _PassedError(Exception):
    """Carries what `progress` raised past pooch, unchanged."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@contextlib.contextmanager
def _one_sentence(what: str) -> Iterator[None]:
    try:
        yield
    except _PassedError as passed:
        raise passed.error from passed.error.__cause__
    except (_AgainError, _FinalError) as trouble:
        raise DatasetError(f"{what} could not be downloaded: {trouble}.") from trouble
    except ValueError as error:  # of pooch, when the hash is not the one it knows
        raise DatasetError(
            f"{what} could not be downloaded: the file that came is not the expected one, byte by "
            "byte, and was thrown away; try again later or get the data set from its source page."
        ) from error


@dataclass
class _Reader:
    """What pooch calls to copy an address into a file, once for each try."""

    file: RemoteFile
    patience: Patience
    max_bytes: int
    progress: ProgressCallback
    n_read: int = 0

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests

        self.n_read = 0
        # Not packed once more on the way: the bytes are to be those of the file.
        plain = {"Accept-Encoding": "identity"}
        with (
            self._in_words(),
            requests.get(
                url, stream=True, timeout=self.patience.seconds, headers=plain
            ) as response,
            Path(output_file).open("wb") as target,
        ):
            self._check_status(response.status_code)
            total = self._expected(response.headers.get("Content-Length", ""))
            # read1: whatever has arrived, for one may wait long for a full piece.
            while piece := response.raw.read1(_CHUNK, decode_content=False):
                self.n_read += len(piece)
                if self.n_read > self.max_bytes:
                    raise _FinalError(f"{self.file.host} sends more than {_size(self.max_bytes)}")
                target.write(piece)
                self._report(total or self.n_read)
        if self.n_read < self.file.n_bytes:
            raise self._broken()

    def _check_status(self, status: int) -> None:
        host = self.file.host
        if status >= 500 or status in _LATER:
            raise _AgainError(f"{host} has a trouble of its own (HTTP {status}); try again later")
        if status in {404, 410}:
            raise _FinalError(f"{host} has no such file any more (HTTP {status})")
        if status != 200:
            raise _FinalError(f"{host} does not hand it out (HTTP {status})")

    def _expected(self, declared: str) -> int:
        """Length of what comes; 0 if nobody knows."""
        length = int(declared) if declared.isdecimal() else 0
        if self.file.n_bytes and length not in (0, self.file.n_bytes):
            raise _FinalError(
                f"{self.file.host} offers {length:,} bytes instead of {self.file.n_bytes:,}, so it "
                "is another version of the file or a page in its place"
            )
        return length or self.file.n_bytes

    def _report(self, total: int) -> None:
        try:
            self.progress(self.n_read, total)
        except Exception as error:
            raise _PassedError(error) from error

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        import requests
        import urllib3.exceptions as low

        host = self.file.host
        try:
            yield
        except (requests.Timeout, low.TimeoutError) as error:
            waited = f"{self.patience.seconds:g} seconds"
            raise _AgainError(f"{host} was silent for {waited}; try again later") from error
        except low.HTTPError as error:
            raise self._broken() from error
        except requests.ConnectionError as error:
            if any(isinstance(cause, low.ProtocolError) for cause in error.args):
                raise self._broken() from error
            raise _AgainError(
                f"{host} cannot be reached; check this computer's network and try again"
            ) from error
        except requests.RequestException as error:
            raise _FinalError(f"its address leads nowhere ({error})") from error

    def _broken(self) -> _AgainError:
        of = f" of {_size(self.file.n_bytes)}" if self.file.n_bytes else ""
        return _AgainError(
            f"the connection to {self.file.host} broke off after {_size(self.n_read)}{of}; "
            "try again"
        )


def _is_here(file: RemoteFile, path: Path) -> bool:
    if not path.is_file() or not file.sha256:
        return path.is_file()
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == file.sha256.lower()


def _size(n_bytes: int) -> str:
    return megabytes(n_bytes, digits=1) if n_bytes >= 100_000 else f"{n_bytes:,} bytes"
