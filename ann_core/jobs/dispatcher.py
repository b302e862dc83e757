"""The loop that starts waiting runs. Any number of processes may run one."""

from __future__ import annotations

import logging
import threading
import time

from ann_core.errors import DiskFullError
from ann_core.jobs.engine import Engine, LocalEngine
from ann_core.jobs.time_slices import TimeSlices
from ann_core.runs.ageing import keep_room, remove_unused
from ann_core.runs.attempts import Worker
from ann_core.runs.erasing import finish_erasures
from ann_core.runs.housekeeping import delete_unused_uploads, sweep
from ann_core.runs.job_types import QUEUES
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

POLL_SECONDS = 0.5
HOUSEKEEPING_SECONDS = 3600.0
UPLOADS_SECONDS = 60.0
UNRESPONSIVE = "The training process did not react any more and was ended."

log = logging.getLogger(__name__)


class Dispatcher:
    """Moves runs from the queue into free slots; notices lost workers, ends deaf ones."""

    def __init__(self, registry: Registry, engine: Engine, settings: Settings) -> None:
        self.registry = registry
        self.engine = engine
        self.settings = settings
        self._slices = TimeSlices(registry, engine, settings.turn_seconds)
        self._next_housekeeping = self._next_uploads = 0.0
        self._is_closing = False
        self._awake = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def local(
        cls, registry: Registry, settings: Settings, *, keeps_warm: bool = False
    ) -> Dispatcher:
        """Dispatch into child processes of this computer; a server `keeps_warm` for the next."""
        return cls(registry, LocalEngine(settings, keeps_warm=keeps_warm), settings)

    def tick(self) -> None:
        """Look once: bury the dead, fill the free slots."""
        for ended in self.engine.poll():
            self.registry.attempts.recover_lost(  # no effect if the run has ended
                ended.run_id, ended.attempt, ended.why, kind=ended.kind
            )
        for worker in self.registry.attempts.unresponsive():
            self._kill(worker)
        self._look_after_silent()
        self.registry.attempts.requeue_stalled()
        for queue in QUEUES:
            while (
                claimed := self.registry.attempts.claim(self.settings.n_slots, queue)
            ) is not None:
                self._launch(*claimed)
        self._slices.tick(self.settings.n_slots)
        if time.monotonic() >= self._next_uploads:
            self._next_uploads = time.monotonic() + UPLOADS_SECONDS
            delete_unused_uploads(self.registry, self.settings)
            finish_erasures(self.registry, self.settings)
            keep_room(self.registry, self.settings)
        if time.monotonic() >= self._next_housekeeping:
            self._next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
            sweep(self.registry, self.settings)
            remove_unused(self.registry, self.settings)

    def run_in_background(self, seconds: float = POLL_SECONDS) -> threading.Thread:
        """Step until `close`, or for as long as this process lives."""
        self._thread = threading.Thread(
            target=self._loop, args=(seconds,), daemon=True, name="pump"
        )
        self._thread.start()
        return self._thread

    def close(self) -> None:
        """End the loop after its step: no run stays behind claimed but not started.

        Workers go on.
        """
        self._is_closing = True
        self._awake.set()
        if self._thread is not None:
            self._thread.join()
        self.engine.close()

    def expect(self) -> None:
        """Prepare for a training that somebody may start soon."""
        self.engine.expect()

    def look_now(self) -> None:
        """Look at once: something was filed."""
        self._awake.set()

    def _look_after_silent(self) -> None:
        """Keep the worker that gets on too slowly to be heard; kill one that hangs.

        Where others keep the processor busy, a worker may not be heard of within its lease.
        No replacement starts beside it.
        """
        for worker in self.registry.attempts.silent():
            works = self.engine.works(worker)
            if works:
                self.registry.attempts.renew(worker.run_id, worker.attempt)
            elif works is not None:
                self._kill(worker)

    def _kill(self, worker: Worker) -> None:
        if self.engine.kill(worker):
            self.registry.attempts.recover_lost(worker.run_id, worker.attempt, UNRESPONSIVE)

    def _launch(self, run_id: str, attempt: int) -> None:
        try:
            self.engine.launch(run_id, attempt)
        except DiskFullError as error:
            self.registry.attempts.fail(run_id, attempt, "disk", why=str(error))
        except OSError as error:
            self.registry.attempts.recover_lost(
                run_id, attempt, f"The training process could not start: {error}."
            )

    def _loop(self, seconds: float) -> None:
        while not self._is_closing:
            try:
                self.tick()
            except Exception:
                # The database may be away for a moment; the pump must not die of it.
                log.exception("the pump could not look")
            self._awake.wait(seconds)
            self._awake.clear()
