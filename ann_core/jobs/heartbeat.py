"""The worker's line to the registry: a beat, a few numbers, a wish."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from ann_core.runs.database import reason
from ann_core.runs.registry import Registry

EXIT_DONE, EXIT_FAILED, EXIT_NOT_MINE, EXIT_REPLACED = 0, 1, 3, 5
BEAT_SECONDS = 0.5
PATIENCE_SECONDS = 600.0

Order = Literal["run", "pause", "stop", "leave"]

log = logging.getLogger("ann_core.worker")
Answer = TypeVar("Answer")


class AskedToEndError(Exception):
    """Raised where an attempt is to end: nothing is left to save."""

    def __init__(self, order: Order) -> None:
        self.order = order
        super().__init__(order)


@dataclass
class Pulse:
    """Tells the registry that this worker lives and how far it is; hears wishes.

    Attributes
    ----------
    can_finish : bool
        Whether an earlier attempt left a checkpoint: then a wish to stop must not
        end this one before a model has been made of it.
    progress : dict
        Sent with every beat: phase, and batch and n_batches in training.
    want : "run", "pause" or "stop"
        What the owner asked for, at most a beat ago.
    leaving : bool
        Whether the computer asked this process to end.
    """

    registry: Registry
    run_id: str
    attempt: int
    can_finish: bool = False
    progress: dict[str, Any] = field(default_factory=dict)
    want: Order = "run"
    leaving: bool = False
    _deaf: bool = False
    _ending: bool = False

    @property
    def order(self) -> Order:
        """What this attempt has to do now."""
        return "leave" if self.leaving else self.want

    def begin(self) -> None:
        """Beat in the background until the process ends."""
        threading.Thread(target=self._loop, daemon=True, name="pulse").start()

    def leave(self) -> None:
        """Let the run go on elsewhere: this computer, or its server, is shut down."""
        self.leaving = True

    def phase(self, text: str, **progress: Any) -> None:
        """Say what goes on now, in words for people."""
        log.info("%s", text)
        self.progress = {"phase": text, **progress}
        self._beat()

    def last_phase(self, text: str) -> None:
        """Enter a phase that will be finished whatever is wanted."""
        self.phase(text, asked=None)

    def check(self) -> None:
        """Leave if there is a wish to.

        Raises
        ------
        AskedToEndError
        """
        if self._must_end():
            raise AskedToEndError(self.order)

    @contextlib.contextmanager
    def deaf(self) -> Iterator[None]:
        """Mark a block that cannot be interrupted and has nothing to save.

        A wish ends the whole process at the next beat.
        """
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False
        self.check()

    def stay(self) -> None:
        """Ask the registry whether this worker still counts, before it writes a file; else exit."""
        want = insist(lambda: self.registry.beat(self.run_id, self.attempt))
        if want is None:
            self._replaced()

    def obey(self, order: Order) -> bool:
        """Write in the registry that this attempt ended as ordered; False if replaced."""
        run, attempt = self.run_id, self.attempt
        if order == "pause":
            return self.end(lambda: self.registry.rest(run, attempt))
        if order == "leave":
            return self.end(lambda: self.registry.release(run, attempt))
        return self.end(lambda: self.registry.finish(run, attempt, "stopped"))

    def end(self, write: Callable[[], bool]) -> bool:
        """Write the end of the run; False if this worker was replaced."""
        self._ending = True  # from now on, no row to beat for means nothing
        return insist(write)

    def _must_end(self) -> bool:
        if self.order == "stop" and self.can_finish:
            self.progress |= {"asked": None}  # obeyed, as soon as the checkpoint is open
            return False
        return self.order != "run"

    def _loop(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self._beat()
            if self._deaf and self._must_end():
                self.obey(self.order)
                os._exit(EXIT_DONE)

    def _beat(self) -> None:
        try:
            want = self.registry.beat(self.run_id, self.attempt, **self.progress)
        except sa.exc.SQLAlchemyError as error:
            # The next beat tries again; the lease outlasts many of them.
            log.warning("the registry does not answer: %s", reason(error))
            return
        if want is not None:
            self.want = want  # type: ignore[assignment]
        elif not self._ending:
            self._replaced()

    def _replaced(self) -> None:
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
