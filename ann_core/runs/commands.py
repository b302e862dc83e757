"""The registry as owners see it: pause, continue, stop, describe, delete."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs import tombstones
from ann_core.runs.filing import check_line, filed_by
from ann_core.runs.job import ACTIVE, LIVE, check_run_id
from ann_core.runs.job_types import JOBS, AnyJob, queue_of
from ann_core.runs.owners import Caller, NotYoursError, may_manage
from ann_core.runs.run import Run
from ann_core.runs.schema import runs
from ann_core.runs.store import Store, clean, unknown
from ann_core.settings import NO_LIMITS, Limits

MAX_NOTES = 5_000
"""Characters of the notes of one run."""


class RunCommands:
    """Runs in one database, and what their owners want of them.

    Each method takes the owner's key, or `OPERATOR`, as `by`; it raises
    `NotYoursError` if the run is somebody else's, and `RunError` if there is no
    such run.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def stop(self, run_id: str, *, by: Caller) -> None:
        """End a run and keep what it learned: a waiting one at once, else after its batch.

        A run that was interrupted or paused is worked on once more, to turn its
        checkpoint into a model. A run that has ended stays as it is.
        """
        with self._store.engine.begin() as db:
            run = self._owned(db, run_id, by, what="stop")
            if run.status in ACTIVE:
                self._set(db, run, requested="stop", requested_at=self._store.now)
            elif run.status in {"queued", "paused"} and isinstance(run, Run) and run.checkpoint:
                self._set(db, run, requested="stop", status="queued", finished=None)
            elif run.status in {"queued", "paused"}:
                self._set(db, run, requested="stop", status="stopped", finished=self._store.now)
                self._store.note(db, run.id, run.attempt, what="stopped")

    def pause(self, run_id: str, *, by: Caller) -> None:
        """Let a run rest: it gives memory and slot back, and can go on exactly where it was."""
        with self._store.engine.begin() as db:
            run = self._owned(db, run_id, by, what="pause")
            if not run.can_pause:
                return
            if run.status in ACTIVE:
                self._set(db, run, requested="pause", requested_at=self._store.now)
            else:
                self._set(db, run, status="paused")
                self._store.note(db, run.id, run.attempt, what="paused")

    def resume(self, run_id: str, *, by: Caller, limits: Limits = NO_LIMITS) -> None:
        """Put a paused or failed run back into the queue.

        Raises
        ------
        LimitError
            If too many runs wait in it.
        RunError
            If it has ended for good.
        """
        with self._store.engine.begin() as db:
            run = self._owned(db, run_id, by, what="continue")
            # Also one that waits: its worker was shut down before it could obey.
            if run.live and run.requested == "pause":
                self._set(db, run, requested="run", requested_at=None)
                return
            if run.live:
                return
            if not run.can_resume:
                raise RunError(
                    "This training has ended and cannot go on. Start a new one with its settings."
                )
            self._check_line(db, run, limits)
            fresh: dict[str, Any] = {"error": None, "error_kind": None, "finished": None}
            self._set(
                db, run, status="queued", requested="run", requested_at=None, losses=0, **fresh
            )
            self._store.note(db, run.id, run.attempt, what="resumed")

    def describe(
        self, run_id: str, *, by: Caller, name: str | None = None, notes: str | None = None
    ) -> None:
        """Give a run another name or other notes; None leaves what is there.

        Parameters
        ----------
        name, notes : str, optional
            Cut off after 100 and after `MAX_NOTES` characters.
        """
        values = {}
        if name is not None:
            values["name"] = clean(" ".join(name.split()), 100)
        if notes is not None:
            values["notes"] = clean(notes.strip(), MAX_NOTES)
        with self._store.engine.begin() as db:
            run = self._owned(db, run_id, by, what="describe")
            if values:
                self._set(db, run, **values)

    def delete(self, run_id: str, *, by: Caller, idle_seconds: float = 0) -> None:
        """Forget a run; `housekeeping.delete_run` removes its files too.

        Parameters
        ----------
        idle_seconds : float
            Only if nobody has worked on it for so long.

        Raises
        ------
        RunError
            If it waits or works: it must be stopped first.
        """
        with self._store.engine.begin() as db:
            run = self._owned(db, run_id, by, what="delete")
            if run.status in LIVE:
                raise RunError("This training is still under way. Stop it first, then delete it.")
            if idle_seconds:
                idle = self._store.idle_for(idle_seconds)
                if not db.scalar(sa.select(idle).where(runs.c.id == run.id)):
                    raise RunError("This run was worked on a moment ago.")
            tombstones.bury(self._store, db, run.id)

    def _owned(self, db: sa.Connection, run_id: str, by: Caller, *, what: str) -> AnyJob:
        query = sa.select(runs).where(runs.c.id == check_run_id(run_id)).with_for_update()
        row = db.execute(query).mappings().first()
        if row is None or row["kind"] not in JOBS:
            raise unknown(run_id)
        if not may_manage(row["owner"], by):
            raise NotYoursError(run_id, what)
        return JOBS[row["kind"]].from_row(row)

    def _check_line(self, db: sa.Connection, run: AnyJob, limits: Limits) -> None:
        """Refuse what would make the line too long; a run that never began has its place."""
        if run.attempt > 0:
            check_line(db, filed_by(db, run.id), limits, queue=queue_of(run.kind))

    def _set(self, db: sa.Connection, run: AnyJob, **values: Any) -> None:
        db.execute(sa.update(runs).where(runs.c.id == run.id).values(**values))
