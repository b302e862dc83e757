"""One image from an address, for a page: fetched by a process of its own, kept by nobody.

``python -m ann_core.jobs.image_fetch`` is that process. It reads the address from its standard
input, for others can see what a command is called with, and writes the image to its standard
output: nothing comes near a disk. The web process only waits.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path

from ann_core.datasets.sources.addresses import MAX_LENGTH, AddressRules, check_address
from ann_core.datasets.sources.from_address import IMAGE_PATIENCE, MAX_IMAGE_BYTES, fetch_image
from ann_core.errors import DatasetError, FlatlandError, LimitError
from ann_core.runs.owners import Visitor
from ann_core.settings import Settings, get_settings

AT_ONCE = 2
A_MINUTE = 10
"""How many a visitor may fetch where strangers are; an address and all together, as many as wait
in a line."""

_START_SECONDS = 60.0  # of a process, on a busy computer
_MINUTE = 60.0
_REFUSED = 3  # exit code: the output is a sentence


class ImageFetches:
    """What the visitors of a web process fetch; safe for threads.

    Parameters
    ----------
    settings : Settings
        Of this installation; the process reads its own from the environment.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._begun: deque[tuple[float, Visitor]] = deque()

    def fetch(self, url: str, visitor: Visitor) -> bytes:
        """Fetch an image, waiting for it; whether it can be read is seen by who opens it.

        Raises
        ------
        DatasetError
            If it cannot be had; no more of the address is repeated than others may read.
        LimitError
            If it is not this visitor's turn.
        """
        check_address(url, AddressRules.of(self._settings))
        self.count(visitor)
        if not self._free.acquire(timeout=IMAGE_PATIENCE.total_seconds):
            raise LimitError(["Pictures of others are being fetched. Try again in a minute."])
        try:
            return _fetch(url)
        finally:
            self._free.release()

    def count(self, visitor: Visitor) -> None:
        """Note that a visitor fetches one, where strangers are.

        Raises
        ------
        LimitError
            If they, their address or all together had enough in the last minute.
        """
        limits, now = self._settings.limits, time.monotonic()
        if not limits.waiting_runs:
            return
        with self._lock:
            while self._begun and self._begun[0][0] < now - _MINUTE:
                self._begun.popleft()
            before = [each for _, each in self._begun]
            mine = sum(
                visitor.session == each.session or visitor.key == each.key for each in before
            )
            here = sum(visitor.address == each.address for each in before)
            at_address, in_all = limits.waiting_at_address, limits.waiting_in_all
            if (
                mine >= A_MINUTE
                or (at_address and visitor.address and here >= at_address)
                or (in_all and len(before) >= in_all)
            ):
                raise LimitError(
                    [
                        f"This server fetches {A_MINUTE} pictures a minute for one visitor, and "
                        "not too many for all. Try again in a minute, or upload the picture."
                    ]
                )
            self._begun.append((now, visitor))


def _fetch(url: str) -> bytes:
    """Let a process fetch it.

    Raises
    ------
    DatasetError
    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ann_core.jobs.image_fetch"],
            cwd=Path(__file__).resolve().parents[2],
            input=url.encode(),
            capture_output=True,
            timeout=IMAGE_PATIENCE.total_seconds + _START_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DatasetError("The picture took too long to come. Try again later.") from None
    if done.returncode == _REFUSED:
        raise DatasetError(done.stdout.decode(errors="replace"))
    if done.returncode or len(done.stdout) > MAX_IMAGE_BYTES:
        raise DatasetError("The picture could not be fetched. Upload it instead.")
    return done.stdout


def main() -> int:
    """Fetch what the standard input names; return the exit code."""
    url = sys.stdin.buffer.read(4 * MAX_LENGTH).decode(errors="replace")
    try:
        content = fetch_image(url, AddressRules.of(get_settings()))
    except FlatlandError as error:
        sys.stdout.buffer.write(str(error).encode())
        return _REFUSED
    sys.stdout.buffer.write(content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
