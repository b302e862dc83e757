"""The registry as pump and worker see it: claim, start, beat, finish.

Every write of a worker carries its attempt number: a worker that was replaced
finds no row to write to, and exits.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.run import ACTIVE, Run, Status, check_run_id
from ann_core.runs.schema import events, metrics, now, open_engine, runs
from ann_core.training import EpochMetrics

LEASE_SECONDS = 30.0
LOST = (
    "The training process ended without a word. Most often the computer ran out of memory: "
    "lower the picture size, the nodes or the batch size, and train again."
)


class Attempts:
    """Runs in one database, and who works on them.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``Settings.registry_url``.

    Raises
    ------
    RunError
        If the database cannot be opened.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._now = now(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    def get(self, run_id: str) -> Run:
        """Read one run.

        Raises
        ------
        RunError
            If the id is malformed or unknown.
        """
        with self._reading() as db:
            query = sa.select(runs).where(runs.c.id == check_run_id(run_id))
            row = db.execute(query).mappings().first()
        if row is None:
            raise RunError(f"There is no run '{run_id}'. It may have been deleted.")
        return Run.from_row(row)

    # For the pump

    def claim(self, slots: int) -> tuple[str, int] | None:
        """Take the oldest queued run if a slot is free.

        Returns
        -------
        (run id, attempt) or None
            The caller must start a worker for it, or report it lost.
        """
        with self.engine.begin() as db:
            if self.engine.dialect.name == "postgresql":
                db.execute(sa.text("SELECT pg_advisory_xact_lock(4210)"))
            active = sa.select(sa.func.count()).where(runs.c.status.in_(ACTIVE))
            if (db.scalar(active) or 0) >= slots:
                return None
            query = sa.select(runs.c.id, runs.c.attempt).where(runs.c.status == "queued")
            row = db.execute(query.order_by(runs.c.created, runs.c.id).limit(1)).first()
            if row is None:
                return None
            run_id, attempt = row.id, row.attempt + 1
            values: dict[str, Any] = {"status": "starting", "attempt": attempt}
            values |= {"lease": self._now + 3 * LEASE_SECONDS, "phase": "starting"}
            db.execute(sa.update(runs).where(runs.c.id == run_id).values(**values))
            self._note(db, run_id, attempt, "claimed")
            return run_id, attempt

    def lost(self, run_id: str, attempt: int, why: str = LOST) -> bool:
        """Record that a worker is gone without having finished."""
        return self._end(run_id, attempt, "failed", error_kind="lost", error=why)

    def reap(self) -> list[str]:
        """Fail every run whose worker has not been heard of within its lease."""
        expired = runs.c.lease < self._now
        query = sa.select(runs.c.id, runs.c.attempt).where(runs.c.status.in_(ACTIVE), expired)
        with self._reading() as db:
            silent = db.execute(query).all()
        values = {"error_kind": "lost", "error": LOST}
        # Asked again with the write: a late worker may have spoken in between.
        return [
            run for run, attempt in silent if self._end(run, attempt, "failed", expired, **values)
        ]

    # For the worker

    def start(self, run_id: str, attempt: int, pid: int) -> Run | None:
        """Begin an attempt; None if it is not this worker's to begin."""
        mine = (runs.c.id == run_id, runs.c.attempt == attempt, runs.c.status == "starting")
        values: dict[str, Any] = {"status": "running", "pid": pid, "started": self._now}
        values |= {"lease": self._now + LEASE_SECONDS}
        with self.engine.begin() as db:
            if not db.execute(sa.update(runs).where(*mine).values(**values)).rowcount:
                return None
            self._note(db, run_id, attempt, "started")
        return self.get(run_id)

    def beat(self, run_id: str, attempt: int, **progress: Any) -> str | None:
        """Renew the lease, report progress, hear what is wanted.

        Parameters
        ----------
        **progress
            Any of phase, batch, n_batches.

        Returns
        -------
        "run", "stop", or None if the worker was replaced and must exit.
        """
        values = {"lease": self._now + LEASE_SECONDS, **progress}
        with self.engine.begin() as db:
            update = sa.update(runs).where(*self._mine(run_id, attempt)).values(**values)
            if not db.execute(update).rowcount:
                return None
            return str(db.scalar(sa.select(runs.c.want).where(runs.c.id == run_id)))

    def add_metrics(self, run_id: str, attempt: int, epoch: EpochMetrics) -> bool:
        """Store the metrics of a finished epoch; False if the worker was replaced."""
        with self.engine.begin() as db:
            update = sa.update(runs).where(*self._mine(run_id, attempt))
            if not db.execute(update.values(epoch=epoch.epoch)).rowcount:
                return False
            later = (metrics.c.run == run_id, metrics.c.epoch >= epoch.epoch)
            db.execute(sa.delete(metrics).where(*later))
            row = {"run": run_id, "attempt": attempt, "epoch": epoch.epoch}
            db.execute(sa.insert(metrics).values(metrics=epoch.as_dict(), **row))
            return True

    def finish(
        self, run_id: str, attempt: int, status: Status, result: dict[str, Any] | None = None
    ) -> bool:
        """End a run well; False if the worker was replaced."""
        return self._end(run_id, attempt, status, result=result)

    def fail(self, run_id: str, attempt: int, kind: str, why: str) -> bool:
        """End a run with an error in plain words; False if the worker was replaced."""
        return self._end(run_id, attempt, "failed", error_kind=kind, error=why)

    def _end(
        self,
        run_id: str,
        attempt: int,
        status: Status,
        *conditions: sa.ColumnElement[bool],
        **values: Any,
    ) -> bool:
        own = (runs.c.id == run_id, runs.c.attempt == attempt, runs.c.status.in_(ACTIVE))
        values |= {"status": status, "finished": self._now, "phase": "", "lease": None}
        with self.engine.begin() as db:
            update = sa.update(runs).where(*own, *conditions).values(**values)
            if not db.execute(update).rowcount:
                return False
            self._note(db, run_id, attempt, status, str(values.get("error") or ""))
            return True

    def _mine(self, run_id: str, attempt: int) -> tuple[sa.ColumnElement[bool], ...]:
        return runs.c.id == run_id, runs.c.attempt == attempt, runs.c.status == "running"

    def _note(
        self, db: sa.Connection, run_id: str, attempt: int, what: str, detail: str = ""
    ) -> None:
        row = {"run": run_id, "attempt": attempt, "what": what, "detail": detail}
        db.execute(sa.insert(events).values(at=self._now, **row))

    def _reading(self) -> Any:
        return self.engine.connect().execution_options(reads=True)
