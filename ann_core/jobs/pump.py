"""The loop that starts waiting runs. Any number of processes may run one."""

from __future__ import annotations

import logging
import threading

from ann_core.errors import DiskFullError
from ann_core.jobs.engine import Engine, LocalEngine
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

PUMP_SECONDS = 0.5

log = logging.getLogger(__name__)


class Pump:
    """Moves runs from the queue into free slots and notices lost workers."""

    def __init__(self, registry: Registry, engine: Engine, slots: int) -> None:
        self.registry = registry
        self.engine = engine
        self.slots = slots
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def local(cls, registry: Registry, settings: Settings) -> Pump:
        """Pump into child processes of this computer."""
        return cls(registry, LocalEngine(settings), settings.n_slots)

    def step(self) -> None:
        """Look once: bury the dead, fill the free slots."""
        for run_id, attempt, why in self.engine.poll():
            self.registry.lost(run_id, attempt, why)  # no effect if the run has ended
        self.registry.reap()
        while (claimed := self.registry.claim(self.slots)) is not None:
            self._launch(*claimed)

    def run_in_background(self, seconds: float = PUMP_SECONDS) -> threading.Thread:
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
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _launch(self, run_id: str, attempt: int) -> None:
        try:
            self.engine.launch(run_id, attempt)
        except DiskFullError as error:
            self.registry.fail(run_id, attempt, "disk", str(error))
        except OSError as error:
            self.registry.lost(run_id, attempt, f"The training process could not start: {error}.")

    def _loop(self, seconds: float) -> None:
        while not self._closing.is_set():
            try:
                self.step()
            except Exception:
                # The database may be away for a moment; the pump must not die of it.
                log.exception("the pump could not look")
            self._closing.wait(seconds)
