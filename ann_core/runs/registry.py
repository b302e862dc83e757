"""The run registry: the only truth about what runs and what came of it.

Pages, command line and workers share nothing but this. Every change is one
short transaction; every write of a worker carries its attempt number, and a
worker that was replaced finds no row to write to.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.run import ACTIVE, Run, RunConfig, Status, check_run_id, new_run_id
from ann_core.runs.schema import events, metrics, now, open_engine, runs
from ann_core.training import EpochMetrics

LEASE_SECONDS = 30.0
LOST = (
    "The training process ended without a word. Most often the computer ran out of memory: "
    "lower the picture size, the nodes or the batch size, and train again."
)


class Registry:
    """All runs in one database.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``Settings.registry_url``.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._now = now(self.engine)

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    # For pages and command line

    def submit(self, config: RunConfig, *, submit_key: str, name: str = "", owner: str = "") -> Run:
        """File a run, to be started when there is a free slot.

        Parameters
        ----------
        submit_key : str
            Minted when the form was opened; the same key gives the same run, so
            a double click files one.
        """
        with self.engine.begin() as db:
            query = sa.select(runs.c.id).where(runs.c.submit_key == submit_key)
            run_id = db.scalar(query)
            if run_id is None:
                run_id = new_run_id()
                row: dict[str, Any] = {"id": run_id, "submit_key": submit_key, "owner": owner}
                row |= {"config": config.model_dump(mode="json"), "status": "queued"}
                row["name"] = name.strip()[:100]
                db.execute(sa.insert(runs).values(created=self._now, **row))
                self._note(db, run_id, 0, "queued")
        return self.get(run_id)

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
        return _to_run(row)

    def recent(self, *, owner: str | None = None, limit: int = 200) -> list[Run]:
        """Read the newest runs first."""
        query = sa.select(runs).order_by(runs.c.created.desc()).limit(limit)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._reading() as db:
            return [_to_run(row) for row in db.execute(query).mappings()]

    def metrics(self, run_id: str, *, after: int = 0) -> list[EpochMetrics]:
        """Read the metrics of all epochs later than `after`, in order."""
        query = sa.select(metrics.c.metrics).where(metrics.c.run == check_run_id(run_id))
        query = query.where(metrics.c.epoch > after).order_by(metrics.c.epoch)
        with self._reading() as db:
            return [EpochMetrics(**values) for values in db.scalars(query)]

    def ask_stop(self, run_id: str) -> None:
        """Ask a run to stop: a waiting one at once, a working one after its batch.

        A run that has ended stays as it is.
        """
        mine = runs.c.id == check_run_id(run_id)
        with self.engine.begin() as db:
            waiting = sa.update(runs).where(mine, runs.c.status == "queued")
            ended = db.execute(waiting.values(status="stopped", finished=self._now, want="stop"))
            if ended.rowcount:
                self._note(db, run_id, 0, "stopped")
            working = sa.update(runs).where(mine, runs.c.status.in_(ACTIVE))
            db.execute(working.values(want="stop"))

    def place_in_line(self, run_id: str) -> int:
        """How many queued runs come before this one."""
        mine = sa.select(runs.c.created).where(runs.c.id == check_run_id(run_id)).scalar_subquery()
        query = sa.select(sa.func.count()).select_from(runs)
        query = query.where(runs.c.status == "queued", runs.c.created < mine)
        with self._reading() as db:
            return db.scalar(query) or 0

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
            row = db.execute(query.order_by(runs.c.created).limit(1)).first()
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
        query = sa.select(runs.c.id, runs.c.attempt)
        query = query.where(runs.c.status.in_(ACTIVE), runs.c.lease < self._now)
        with self._reading() as db:
            expired = db.execute(query).all()
        return [row.id for row in expired if self.lost(row.id, row.attempt)]

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
            Any of phase, epoch, batch, n_batches.

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

    def _end(self, run_id: str, attempt: int, status: Status, **values: Any) -> bool:
        mine = (runs.c.id == run_id, runs.c.attempt == attempt, runs.c.status.in_(ACTIVE))
        values |= {"status": status, "finished": self._now, "phase": "", "lease": None}
        with self.engine.begin() as db:
            if not db.execute(sa.update(runs).where(*mine).values(**values)).rowcount:
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


def _to_run(row: Any) -> Run:
    values: dict[str, Any] = {f.name: row[f.name] for f in fields(Run)}
    values["config"] = RunConfig.model_validate(row["config"])
    for name in ("created", "started", "finished"):
        values[name] = _moment(row[name])
    return Run(**values)


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
