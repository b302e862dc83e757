"""The worker's line to the registry: a beat, a few numbers, a wish."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import sqlalchemy as sa

from ann_core.errors import LimitError
from ann_core.runs.database import reason
from ann_core.runs.registry import Registry

EXIT_DONE, EXIT_FAILED, EXIT_NOT_MINE, EXIT_REPLACED = 0, 1, 3, 5
HEARTBEAT_SECONDS = 0.25
PATIENCE_SECONDS = 600.0
GRACE_SECONDS = 3.0  # for work that can be interrupted at any time to hear that it is to end

WorkerRequest = Literal["run", "pause", "stop", "leave"]

log = logging.getLogger("ann_core.worker")
Result = TypeVar("Result")


class EndRequestedError(Exception):
    """Raised where an attempt is to end: nothing is left to save."""

    def __init__(self, request: WorkerRequest) -> None:
        self.request = request
        super().__init__(request)


@dataclass
class Heartbeat:
    """Tells the registry that this worker lives and how far it is; hears wishes.

    Attributes
    ----------
    can_finish : bool
        Whether an earlier attempt left a checkpoint: then a wish to stop must not
        end this one before a model has been made of it.
    progress : dict
        Sent with every beat: phase, and batch and n_batches in training.
    requested : "run", "pause" or "stop"
        What the owner asked for, at most a beat ago.
    leaving : bool
        Whether the computer asked this process to end.
    """

    registry: Registry
    run_id: str
    attempt: int
    can_finish: bool = False
    progress: dict[str, Any] = field(default_factory=dict)
    requested: WorkerRequest = "run"
    leaving: bool = False
    _uninterruptible: bool = False
    _ending: bool = False
    _limit: float = 0.0
    _deadline: float = math.inf
    _clean_up: Callable[[bool], None] | None = None
    _overdue: float = math.inf

    @property
    def request(self) -> WorkerRequest:
        """What this attempt has to do now."""
        return "leave" if self.leaving else self.requested

    def begin(self) -> None:
        """Beat in the background until the process ends."""
        threading.Thread(target=self._loop, daemon=True, name="pulse").start()

    def stop(self) -> None:
        """Let the run go on elsewhere: this computer, or its server, is shut down."""
        self.leaving = True

    def phase(self, text: str, **progress: Any) -> None:
        """Say what goes on now, in words for people."""
        log.info("%s", text)
        self.progress = {"phase": text, **progress}
        self._send()

    def advance(self, progress: dict[str, Any]) -> None:
        """Note how far it is: the first batch of a phase is told at once, others with a beat."""
        is_first = not self.progress.get("batch")
        self.progress = progress
        if is_first:
            self._send()

    def final_phase(self, text: str) -> None:
        """Enter a phase that will be finished whatever is wanted."""
        self.phase(text, requested_at=None)

    def check(self) -> None:
        """Leave if there is a wish to.

        Raises
        ------
        EndRequestedError
        LimitError
            If the time of `expendable` work is over.
        """
        request = self.request  # read once: the other thread may hear a new one meanwhile
        if self._must_end(request):
            raise EndRequestedError(request)
        if time.monotonic() > self._deadline:
            raise LimitError([self._too_long()])

    @contextlib.contextmanager
    def expendable(self, seconds: float, clean_up: Callable[[bool], None]) -> Iterator[None]:
        """Mark a block of which nothing is kept if it ends early, and which has a time limit.

        A wish, or the limit, is heard by `check`. Where it is not called, for a decoder may
        be busy with one image, the whole process ends a few seconds later.

        Parameters
        ----------
        seconds : float
            The limit; 0 means that there is none.
        clean_up : callable
            Removes what the block would have removed, before the process ends. It is given
            whether another process will begin the work again.
        """
        self._limit, self._clean_up = seconds, clean_up
        self._deadline = time.monotonic() + seconds if seconds else math.inf
        try:
            yield
        finally:
            self._clean_up, self._deadline = None, math.inf

    @contextlib.contextmanager
    def uninterruptible(self) -> Iterator[None]:
        """Mark a block that cannot be interrupted and has nothing to save.

        A wish ends the whole process at the next beat.
        """
        self._uninterruptible = True
        try:
            yield
        finally:
            self._uninterruptible = False
        self.check()

    def exit_if_replaced(self) -> None:
        """Ask the registry whether this worker still counts, before it writes a file; else exit."""
        requested = retry(lambda: self.registry.attempts.heartbeat(self.run_id, self.attempt))
        if requested is None:
            self._replaced()

    def accept(self, request: WorkerRequest) -> bool:
        """Write in the registry that this attempt ended as ordered; False if replaced."""
        run, attempt = self.run_id, self.attempt
        if request in {"pause", "leave"}:
            return self.end(lambda: self.registry.attempts.release(run, attempt))
        return self.end(lambda: self.registry.attempts.finish(run, attempt, "stopped"))

    def end(self, write: Callable[[], bool]) -> bool:
        """Write the end of the run; False if this worker was replaced."""
        self._ending = True  # from now on, no row to beat for means nothing
        return retry(write)

    def write(self, write: Callable[[], bool]) -> None:
        """Write to the registry what this attempt has reached, or exit if it was replaced."""
        if not retry(write):
            self._replaced()

    def _must_end(self, request: WorkerRequest) -> bool:
        if request == "stop" and self.can_finish:
            self.progress |= {"requested_at": None}  # obeyed, as soon as the checkpoint is open
            return False
        return request != "run"

    def _loop(self) -> None:
        while True:
            time.sleep(HEARTBEAT_SECONDS)
            self._send()
            request = self.request
            if self._uninterruptible and self._must_end(request):
                self.accept(request)
                os._exit(EXIT_DONE)
            if self._clean_up is not None and self._is_overdue(request):
                self._end_at_once(request, self._clean_up)

    def _is_overdue(self, request: WorkerRequest) -> bool:
        now = time.monotonic()
        is_due = self._must_end(request) or now > self._deadline
        self._overdue = min(self._overdue, now + GRACE_SECONDS) if is_due else math.inf
        return now > self._overdue and not self._ending

    def _end_at_once(self, request: WorkerRequest, clean_up: Callable[[bool], None]) -> None:
        log.warning("it did not listen, and was ended")
        is_ordered = self._must_end(request)
        clean_up(is_ordered and request != "stop")
        if is_ordered:
            self.accept(request)
            os._exit(EXIT_DONE)
        run, attempt, why = self.run_id, self.attempt, self._too_long()
        self.end(lambda: self.registry.attempts.fail(run, attempt, "limit", why=why))
        os._exit(EXIT_FAILED)

    def _too_long(self) -> str:
        return (
            f"It has taken the {self._limit / 60:,.0f} minutes that work on data may take here, "
            "and was ended. Take fewer or smaller pictures, and start it again."
        )

    def _send(self) -> None:
        try:
            requested = self.registry.attempts.heartbeat(self.run_id, self.attempt, **self.progress)
        except sa.exc.SQLAlchemyError as error:
            # The next beat tries again; the lease outlasts many of them.
            log.warning("the registry does not answer: %s", reason(error))
            return
        if requested is not None:
            self.requested = requested  # type: ignore[assignment]
        elif not self._ending:
            self._replaced()

    def _replaced(self) -> None:
        log.warning("another attempt has taken over")
        os._exit(EXIT_REPLACED)


def retry(write: Callable[[], Result], patience: float = PATIENCE_SECONDS) -> Result:
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
            time.sleep(HEARTBEAT_SECONDS)
