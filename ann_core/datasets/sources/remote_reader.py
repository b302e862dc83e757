"""Reading a file from the network: it counts, gives up, and says in a sentence why.

Addresses of this program are opened by `requests`, those of strangers by `connections`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from ann_core.datasets.sources.addresses import AddressRules
from ann_core.files import ProgressCallback, data_size

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

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
    rules : AddressRules or None
        Where the address of a stranger may lead; None for one that this program knows.
    """

    name: str
    url: str
    n_bytes: int = 0
    sha256: str = ""
    rules: AddressRules | None = None

    @property
    def host(self) -> str:
        """Whom the address names, without port and password."""
        return urlsplit(self.url).hostname or self.url


@dataclass(frozen=True)
class Patience:
    """How long a silent server is waited for, and how often it is asked again.

    `pooch` rests one second before the second try, two before the third.

    Attributes
    ----------
    total_seconds : float
        How long one try may take at the address of a stranger.
    """

    seconds: float = 30.0
    n_retries: int = 2
    total_seconds: float = 3600.0


class AgainError(ValueError):
    """May go better at the next try; pooch tries again after a `ValueError`."""


class FinalError(Exception):
    """Will go the same way at the next try."""


class PassedError(Exception):
    """Carries what `progress` raised past pooch, unchanged."""

    def __init__(self, error: Exception) -> None:
        self.error = error


@dataclass
class RemoteReader:
    """What pooch calls to copy an address into a file, once for each try."""

    file: RemoteFile
    patience: Patience
    max_bytes: int
    progress: ProgressCallback
    n_read: int = 0

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Copy the address into a file."""
        with Path(output_file).open("wb") as target:
            self.copy(target)

    def copy(self, target: BinaryIO) -> None:
        """Read what is at the address, to its end."""
        self.n_read = 0
        with self._in_words(), self._opened() as response:
            self._check_status(response.status)
            total = self._expected(response.headers.get("Content-Length", ""))
            # read1: whatever has arrived, for one may wait long for a full piece. Never
            # unpacked: a kilobyte may become a gigabyte.
            while piece := response.read1(_CHUNK, decode_content=False):
                self.n_read += len(piece)
                if self.n_read > self.max_bytes:
                    raise FinalError(
                        f"{self.file.host} sends more than {written_size(self.max_bytes)}"
                    )
                target.write(piece)
                self._report(total or self.n_read)
            if self.n_read < total:
                raise self._broken()

    def _opened(self) -> AbstractContextManager[BaseHTTPResponse]:
        if self.file.rules is None:
            return _open_known(self.file.url, self.patience.seconds)
        from ann_core.datasets.sources.connections import open_address

        seconds, silence = self.patience.total_seconds, self.patience.seconds
        return open_address(self.file.url, self.file.rules, silence=silence, seconds=seconds)

    def _check_status(self, status: int) -> None:
        host = self.file.host
        if status >= 500 or status in _LATER:
            raise AgainError(f"{host} has a trouble of its own (HTTP {status}); try again later")
        if status in {404, 410}:
            raise FinalError(f"{host} has no such file any more (HTTP {status})")
        if status != 200:
            raise FinalError(f"{host} does not hand it out (HTTP {status})")

    def _expected(self, declared: str) -> int:
        """Length of what comes; 0 if nobody knows."""
        length = int(declared[:18]) if declared.isdecimal() else 0
        if self.file.n_bytes and length not in (0, self.file.n_bytes):
            raise FinalError(
                f"{self.file.host} offers {length:,} bytes instead of {self.file.n_bytes:,}, so it "
                "is another version of the file or a page in its place"
            )
        if length > self.max_bytes:
            raise FinalError(
                f"it has {written_size(length)}, and at most {written_size(self.max_bytes)} are "
                "taken"
            )
        return length or self.file.n_bytes

    def _report(self, total: int) -> None:
        try:
            self.progress(self.n_read, total)
        except Exception as error:
            raise PassedError(error) from error

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        """Say in a sentence what went wrong; errors of libraries repeat the whole address."""
        import requests
        import urllib3.exceptions as low

        from ann_core.datasets.sources.connections import RefusedError

        host = self.file.host
        try:
            yield
        except RefusedError as error:
            raise FinalError(str(error)) from None
        except low.NewConnectionError:  # to urllib3, a kind of TimeoutError
            raise self._unreachable() from None
        except (requests.Timeout, low.TimeoutError):
            waited = f"{self.patience.seconds:g} seconds"
            raise AgainError(f"{host} was silent for {waited}; try again later") from None
        except (requests.exceptions.SSLError, low.SSLError):
            raise FinalError(
                f"{host} does not prove who it is: its certificate is not valid (out of date, of "
                "another name, or signed by nobody who is known here)"
            ) from None
        except (low.LocationValueError, requests.exceptions.InvalidURL):
            raise FinalError("its address leads nowhere") from None
        except low.HTTPError:
            raise self._broken() from None
        except requests.ConnectionError as error:
            if any(isinstance(cause, low.ProtocolError) for cause in error.args):
                raise self._broken() from None
            raise self._unreachable() from None
        except requests.RequestException:
            raise FinalError("its address leads nowhere, or round and round") from None

    def _unreachable(self) -> AgainError:
        return AgainError(
            f"{self.file.host} cannot be reached; check this computer's network and try again"
        )

    def _broken(self) -> AgainError:
        of = f" of {written_size(self.file.n_bytes)}" if self.file.n_bytes else ""
        return AgainError(
            f"the connection to {self.file.host} broke off after {written_size(self.n_read)}{of}; "
            "try again"
        )


@contextlib.contextmanager
def _open_known(url: str, silence: float) -> Iterator[BaseHTTPResponse]:
    """Open an address that this program knows, as `requests` does, by a proxy if there is one."""
    import requests

    # Not packed once more on the way: the bytes are to be those of the file.
    plain = {"Accept-Encoding": "identity"}
    with requests.get(url, stream=True, timeout=silence, headers=plain) as response:
        yield response.raw


def written_size(n_bytes: int) -> str:
    """Write a size in words: "0.2 MB", or "512 bytes"."""
    return data_size(n_bytes, digits=1) if n_bytes >= 100_000 else f"{n_bytes:,} bytes"
