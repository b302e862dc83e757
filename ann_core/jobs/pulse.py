"""The worker's line to the registry: a beat, a few numbers, a wish."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from ann_core.runs.registry import Registry
from ann_core.runs.schema import reason

EXIT_DONE, EXIT_FAILED, EXIT_NOT_MINE, EXIT_REPLACED = 0, 1, 3, 5
BEAT_SECONDS = 0.5
PATIENCE_SECONDS = 600.0

log = logging.getLogger("ann_core.worker")
Answer = TypeVar("Answer")


class StopAskedError(Exception):
    """The owner asked to stop before there was anything to keep."""


@dataclass
class Pulse:
    """Tells the registry that this worker lives and how far it is; hears wishes.

    Attributes
    ----------
    progress : dict
        Sent with every beat: phase, and batch and n_batches in training.
    want : "run" or "stop"
        What the owner asked for, at most a beat ago.
    """

    registry: Registry
    run_id: str
    attempt: int
    progress: dict[str, Any] = field(default_factory=dict)
    want: str = "run"
    _deaf: bool = False
    _ending: bool = False

    def begin(self) -> None:
        """Beat in the background until the process ends."""
        threading.Thread(target=self._loop, daemon=True, name="pulse").start()

    def phase(self, text: str) -> None:
        """Say what goes on now, in words for people."""
        log.info("%s", text)
        self.progress = {"phase": text}
        self._beat()

    def check_stop(self) -> None:
        """Leave if there is a wish to stop.

        Raises
        ------
        StopAskedError
        """
        if self.want == "stop":
            raise StopAskedError

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        """Mark a block that cannot be interrupted and has nothing to save.

        A wish to stop ends the whole process at the next beat.
        """
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False
        self.check_stop()

    def end(self, write: Callable[[], bool]) -> bool:
        """Write the end of the run; False if this worker was replaced."""
        self._ending = True  # from now on, no row to beat for means nothing
        return insist(write)

    def _loop(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self._beat()
            if self._deaf and self.want == "stop":
                self.end(lambda: self.registry.finish(self.run_id, self.attempt, "stopped"))
                os._exit(EXIT_DONE)

    def _beat(self) -> None:
        try:
            want = self.registry.beat(self.run_id, self.attempt, **self.progress)
        except sa.exc.SQLAlchemyError as error:
            # The next beat tries again; the lease outlasts many of them.
            log.warning("the registry does not answer: %s", reason(error))
            return
        if want is not None:
            self.want = want
        elif not self._ending:
            log.warning("another attempt has taken over")
            os._exit(EXIT_REPLACED)


def insist(write: Callable[[], Answer], patience: float = PATIENCE_SECONDS) -> Answer:
    """Write to the registry, waiting for it while it is locked, full or away.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If it stays so for `patience` seconds.
    """
    give_up = time.monotonic() + patience
    while True:
        try:
            return write()
        except sa.exc.OperationalError as error:
            if time.monotonic() > give_up:
                raise
            log.warning("the registry does not answer: %s", reason(error))
            time.sleep(BEAT_SECONDS)
