"""Work of the web process that visitors wait for in line, so that all others are served meanwhile.

A page that computes for half a second holds up everybody if a dozen visitors ask for it at once
and again and again. One computes, those who ask get in line, and who only looks is not held up.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from ann_core.errors import LimitError

SHORT_WORK = threading.Semaphore(1)
"""For maps and neighbours of one image: half a second."""

LONG_WORK = threading.Semaphore(1)
"""For many images of one visitor: up to minutes, and nobody else's short work waits for it."""

WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.5


@contextlib.contextmanager
def long_turn(waiting: Callable[[], object], seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Take the turn of long work for the block; wait for it if somebody else has it.

    Parameters
    ----------
    waiting : callable
        Called about twice a second meanwhile, to say so; what it raises ends the wait.

    Raises
    ------
    LimitError
        If it was not free within so many seconds.
    """
    until = time.monotonic() + seconds
    while not LONG_WORK.acquire(timeout=min(_LOOK_SECONDS, seconds)):
        if time.monotonic() >= until:
            raise LimitError(
                [
                    "Files of somebody else are being worked on, and this server takes one upload "
                    "of many files at a time. Reload the page in a minute and add yours again."
                ]
            )
        waiting()
    try:
        yield
    finally:
        LONG_WORK.release()
