"""The registry as pump and worker see it: claim, start, beat, save, finish, lose.

Every write of a worker carries its attempt number: a worker that was replaced
finds no row to write to, and exits.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from ann_core.runs.job import ACTIVE, JobResult, Kind, Status
from ann_core.runs.job_types import AnyJob
from ann_core.runs.run import Run
from ann_core.runs.schema import metrics, runs
from ann_core.runs.store import Store, clean
from ann_core.training.history import EpochMetrics

MAX_ATTEMPTS = {"lost": 3, "memory": 2}
"""Processes that may be lost in a row without getting any further, by the reason."""

KILL_SECONDS = 20.0
"""How long a worker may be deaf to a wish."""

LOST = (
    "The training process ended without a word. Most often the computer ran out of memory: "
    "lower the picture size, the neurons or the batch size, and train again."
)


SILENT = (
    "Nothing was heard of the process any more: its computer may be switched off, or cut off from "
    "the network. When it is back, start this again, or let it continue."
)


class Worker(NamedTuple):
    """A worker process, and where it is; `pid` is None until it has begun."""

    run_id: str
    attempt: int
    host: str
    pid: int | None


class Attempts:
    """The registry as dispatcher and worker see it.

    Parameters
    ----------
    store : Store
        The database, shared with the registry that this belongs to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # For the pump

    def claim(self, slots: int, queue: Sequence[Kind] = (Run.kind,)) -> tuple[str, int] | None:
        """Take the next run of a lane if one of its slots is free.

        Returns
        -------
        (run id, attempt) or None
            The caller must start a worker for it, or report it lost.
        """
        mine = runs.c.kind.in_(queue)
        waiting = sa.select(runs.c.id).where(runs.c.status == "queued", mine).limit(1)
        with self._store.reading() as db:
            if db.scalar(waiting) is None:
                return None
        with self._store.engine.begin() as db:
            self._store.lock(db)
            active = sa.select(sa.func.count()).where(runs.c.status.in_(ACTIVE), mine)
            if (db.scalar(active) or 0) >= slots:
                return None
            run_id = next(iter(self._store.queue_order(db, queue)), None)
            if run_id is None:
                return None
            attempt: int = db.execute(
                sa.select(runs.c.attempt).where(runs.c.id == run_id)
            ).scalar_one()
            attempt += 1
            values: dict[str, Any] = {"status": "starting", "attempt": attempt, "pid": None}
            values |= {
                "lease": self._store.now + 3 * self._store.lease_seconds,
                "phase": "starting",
            }
            values |= {"claimed": self._store.now, "host": socket.gethostname()}
            db.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
            self._store.note(db, run_id, attempt, what="claimed")
            return run_id, attempt

    def recover_lost(
        self,
        run_id: str,
        attempt: int,
        why: str = LOST,
        *,
        kind: Literal["lost", "memory"] = "lost",
        condition: sa.ColumnElement[bool] | None = None,
    ) -> Status | None:
        """Record that a worker is gone without having ended its run.

        The run goes back into the queue, to go on from its checkpoint; paused or
        stopped if that was wanted; failed if too many workers were lost in a row.

        Returns
        -------
        Status or None
            What the run is now; None if it was not this attempt's any more.
        """
        own = (*_of(run_id, attempt), runs.c.status.in_(ACTIVE))
        if condition is not None:
            own = (*own, condition)
        columns = (runs.c.requested, runs.c.losses, runs.c.checkpoint)
        with self._store.engine.begin() as db:
            row = db.execute(sa.select(*columns).where(*own).with_for_update()).first()
            if row is None:
                return None
            losses = row.losses + 1
            values: dict[str, Any] = {"losses": losses, "lease": None, "phase": ""}
            values["requested_at"] = None  # of the one that is gone; the next one has its own time
            status: Status = "queued"
            if row.requested == "pause":
                status = "paused"
            elif row.requested == "stop" and not row.checkpoint:
                status = "stopped"
            elif losses >= MAX_ATTEMPTS[kind]:
                status = "failed"
                values |= {"error_kind": kind, "error": clean(why)}
            if status in {"stopped", "failed"}:
                values["finished"] = self._store.now
            db.execute(sa.update(runs).where(runs.c.id == run_id).values(status=status, **values))
            self._store.note(db, run_id, attempt, what=kind, detail=why)
            if status != "queued":
                self._store.note(db, run_id, attempt, what=status)
        return status

    def requeue_stalled(self) -> list[str]:
        """Lose every run whose worker has not been heard of within its lease."""
        self._shorten_leases()
        expired = runs.c.lease < self._store.now
        # Asked again with the write: a late worker may have spoken in between.
        return [
            worker.run_id
            for worker in self._workers(expired)
            if self.recover_lost(
                worker.run_id, worker.attempt, _silence(worker.host), condition=expired
            )
        ]

    def silent(self) -> list[Worker]:
        """List workers whose lease is half over, though they renew it every second."""
        return self._workers(runs.c.lease < self._store.now + self._store.lease_seconds / 2)

    def renew(self, run_id: str, attempt: int) -> None:
        """Renew the lease of a worker that is too starved to do it, and is known to live."""
        own = (*_of(run_id, attempt), runs.c.status.in_(ACTIVE))
        lease = self._store.now + self._store.lease_seconds
        with self._store.engine.begin() as db:
            db.execute(sa.update(runs).where(*own).values(lease=lease))

    def unresponsive(self, seconds: float = KILL_SECONDS) -> list[Worker]:
        """List workers that have not obeyed a wish for so long."""
        return self._workers(runs.c.requested_at < self._store.now - seconds)

    def _workers(self, condition: sa.ColumnElement[bool]) -> list[Worker]:
        query = sa.select(runs.c.id, runs.c.attempt, runs.c.host, runs.c.pid)
        with self._store.reading() as db:
            rows = db.execute(query.where(runs.c.status.in_(ACTIVE), condition)).all()
        return [Worker(*row) for row in rows]

    def _shorten_leases(self) -> None:
        """Cut leases longer than any that is given: the database's clock was set back."""
        too_long = runs.c.lease > self._store.now + 4 * self._store.lease_seconds
        for worker in self._workers(too_long):
            self.renew(worker.run_id, worker.attempt)

    # For the worker

    def start(self, run_id: str, attempt: int, pid: int) -> AnyJob | None:
        """Begin an attempt; None if it is not this worker's to begin."""
        mine = (*_of(run_id, attempt), runs.c.status == "starting")
        values: dict[str, Any] = {"status": "running", "pid": pid, "host": socket.gethostname()}
        values |= {
            "lease": self._store.now + self._store.lease_seconds,
            "started": sa.func.coalesce(runs.c.started, self._store.now),
        }
        with self._store.engine.begin() as db:
            if not db.execute(sa.update(runs).where(*mine).values(**values)).rowcount:
                return None
            self._store.note(db, run_id, attempt, what="started")
        return self._store.job(run_id)

    def heartbeat(self, run_id: str, attempt: int, **progress: Any) -> str | None:
        """Renew the lease, report progress, hear what is wanted.

        Parameters
        ----------
        **progress
            Any of phase, batch, n_batches; ``requested_at=None`` says that the wish is obeyed.

        Returns
        -------
        "run", "pause", "stop", or None if the worker was replaced and must exit.
        """
        values = {"lease": self._store.now + self._store.lease_seconds, **progress}
        if "phase" in values:
            values["phase"] = clean(values["phase"], 100)
        with self._store.engine.begin() as db:
            if not self._update_mine(db, run_id, attempt, values=values):
                return None
            return str(db.scalar(sa.select(runs.c.requested).where(runs.c.id == run_id)))

    def add_metrics(self, run_id: str, attempt: int, epoch: EpochMetrics) -> bool:
        """Store the metrics of a finished epoch; False if the worker was replaced."""
        with self._store.engine.begin() as db:
            values = {"epoch": epoch.epoch, "batch": 0, "losses": 0}
            if not self._update_mine(db, run_id, attempt, values=values):
                return False
            later = (metrics.c.run == run_id, metrics.c.epoch >= epoch.epoch)
            db.execute(sa.delete(metrics).where(*later))
            row = {"run": run_id, "attempt": attempt, "epoch": epoch.epoch}
            db.execute(sa.insert(metrics).values(metrics=epoch.as_dict(), **row))
            return True

    def saved(self, run_id: str, attempt: int, checkpoint: str) -> bool:
        """Name the file from which the next attempt goes on; False if replaced.

        Only a file that is named here counts: what a replaced worker wrote does not.
        """
        with self._store.engine.begin() as db:
            values = {"checkpoint": checkpoint, "losses": 0}
            return self._update_mine(db, run_id, attempt, values=values)

    def rewind(self, run_id: str, attempt: int, epoch: int, *, batch: int = 0) -> bool:
        """Forget what an earlier attempt reported beyond the checkpoint; False if replaced."""
        with self._store.engine.begin() as db:
            if not self._update_mine(db, run_id, attempt, values={"epoch": epoch, "batch": batch}):
                return False
            later = (metrics.c.run == run_id, metrics.c.epoch > epoch)
            db.execute(sa.delete(metrics).where(*later))
            return True

    def release(self, run_id: str, attempt: int) -> bool:
        """End this attempt, for the run rests or goes on elsewhere; False if replaced.

        It is paused if that is what its owner wants at this moment, else queued: they may
        have changed their mind while the worker was saving.
        """
        paused: sa.ColumnElement[str] = sa.case(
            (runs.c.requested == "pause", "paused"), else_="queued"
        )
        return self._end(run_id, attempt, paused, finished=None)

    def finish(
        self, run_id: str, attempt: int, status: Status, *, result: JobResult | None = None
    ) -> bool:
        """End a run well; False if the worker was replaced."""
        stored = None if result is None else result.as_dict()
        return self._end(run_id, attempt, status, result=stored, checkpoint=None, losses=0)

    def fail(self, run_id: str, attempt: int, kind: str, *, why: str) -> bool:
        """End a run with an error in plain words; False if the worker was replaced."""
        return self._end(run_id, attempt, "failed", error_kind=kind, error=clean(why))

    def _end(
        self, run_id: str, attempt: int, status: Status | sa.ColumnElement[str], **values: Any
    ) -> bool:
        own = (*_of(run_id, attempt), runs.c.status.in_(ACTIVE))
        ended = {"status": status, "phase": "", "lease": None, "requested_at": None}
        ended |= {"finished": self._store.now} | values
        with self._store.engine.begin() as db:
            if not db.execute(sa.update(runs).where(*own).values(**ended)).rowcount:
                return False
            what = str(db.scalar(sa.select(runs.c.status).where(runs.c.id == run_id)))
            error = str(values.get("error") or "")
            self._store.note(db, run_id, attempt, what=what, detail=error)
            return True

    def _update_mine(
        self, db: sa.Connection, run_id: str, attempt: int, *, values: dict[str, Any]
    ) -> bool:
        mine = (*_of(run_id, attempt), runs.c.status == "running")
        return bool(db.execute(sa.update(runs).where(*mine).values(**values)).rowcount)


def _silence(host: str) -> str:
    """Say why nothing is heard of a worker: on this computer, its process would be found."""
    return LOST if host == socket.gethostname() else SILENT


def _of(run_id: str, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
    return runs.c.id == run_id, runs.c.attempt == attempt
