"""A long training makes room for somebody else's, and goes on when its turn comes again."""

from __future__ import annotations

import os
import time

from ann_core.jobs.engine import Engine
from ann_core.runs.attempts import Worker
from ann_core.runs.progress import progress
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run

TRAINING = "training"
"""The phase in which a run can be interrupted without repeating anything."""


_NEARLY = 1 / 3  # of a turn: so much longer does somebody wait for one that is nearly done


class TimeSlices:
    """Asks trainings that have long worked to leave, where others wait and no slot is free.

    A training that leaves saves a checkpoint and goes back into the queue, whose order lets
    whoever was served longest ago go first. So nobody waits for another's hours; and nothing
    is lost but the start of one more process. One that is nearly done is let finish.

    Parameters
    ----------
    registry : Registry
    engine : Engine
        Of the computer whose workers are asked.
    seconds : float
        How long a training may work at a stretch while others wait; 0 means for ever.
    """

    def __init__(self, registry: Registry, engine: Engine, seconds: float) -> None:
        self._registry = registry
        self._engine = engine
        # Elsewhere a process cannot be asked to leave, only be killed.
        self._seconds = seconds if os.name == "posix" else 0.0
        self._first_seen: dict[tuple[str, int], tuple[float, Run]] = {}

    def tick(self, n_slots: int) -> None:
        """Look once; ask at most one training, the one that has worked longest."""
        if not self._seconds:
            return
        at_work = self._registry.store.trainings_at_work()
        now = time.monotonic()
        training = [run for run in at_work if run.phase == TRAINING]
        before = self._first_seen  # by this process: an earlier one may have begun them
        self._first_seen = {_key(run): before.get(_key(run), (now, run)) for run in training}
        long = [run for run in training if self._has_had_its_turn(run, now)]
        if len(at_work) < n_slots or not long:
            return
        owners = {job.owner for job in self._registry.filing.waiting() if isinstance(job, Run)}
        for run in sorted(long, key=lambda run: self._first_seen[_key(run)][0]):
            if owners - {run.owner} and not self._is_nearly_done(run):
                self._engine.ask_to_leave(Worker(run.id, run.attempt, run.host, run.pid))
                return

    def _has_had_its_turn(self, run: Run, now: float) -> bool:
        """Whether it has worked long enough, and got on: else turns could be all that happens."""
        since, first = self._first_seen[_key(run)]
        return now - since >= self._seconds and (run.epoch, run.batch) != (first.epoch, first.batch)

    def _is_nearly_done(self, run: Run) -> bool:
        left = progress(run, self._registry.metrics(run.id)).seconds_left
        return left is not None and left < _NEARLY * self._seconds


def _key(run: Run) -> tuple[str, int]:
    return run.id, run.attempt
