"""What every side of the registry needs: the database, its clock, one job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.database import now as database_now
from ann_core.runs.database import open_engine
from ann_core.runs.job import ACTIVE, DELETED, Kind, check_run_id
from ann_core.runs.job_types import JOBS, AnyJob
from ann_core.runs.queue import QueuedJob
from ann_core.runs.queue import queue_order as order_of
from ann_core.runs.run import Run
from ann_core.runs.schema import events, runs

LEASE_SECONDS = 30.0

_READERS_END = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)  # seconds until who reads an old page has done so


class Store:
    """Runs in one database.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``Settings.registry_url``.
    lease_seconds : float
        How long a worker may be silent before its run is given to another.

    Raises
    ------
    RunError
        If the database cannot be opened.
    """

    def __init__(self, url: str, lease_seconds: float = LEASE_SECONDS) -> None:
        self.engine = open_engine(url)
        self.lease_seconds = lease_seconds
        self.now = database_now(self.engine)

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
        job = self.job(run_id)
        if not isinstance(job, Run):
            raise unknown(run_id)
        return job

    def job(self, job_id: str) -> AnyJob:
        """Read one job of any kind.

        Raises
        ------
        RunError
            If the id is malformed or unknown.
        """
        with self.reading() as db:
            query = sa.select(runs).where(runs.c.id == check_run_id(job_id))
            row = db.execute(query).mappings().first()
        if row is None or row["kind"] not in JOBS:
            raise unknown(job_id)
        return JOBS[row["kind"]].from_row(row)

    def trainings_at_work(self) -> list[Run]:
        """Read the trainings that have a worker."""
        query = sa.select(runs).where(runs.c.kind == Run.kind, runs.c.status.in_(ACTIVE))
        with self.reading() as db:
            return [Run.from_row(row) for row in db.execute(query).mappings()]

    def queue_order(self, db: sa.Connection, queue: Sequence[Kind]) -> list[str]:
        """List the ids of all that waits in a lane, the next one first."""
        address = sa.func.coalesce(runs.c.address, "")
        query = sa.select(runs.c.id, runs.c.owner, runs.c.created, address)
        query = query.where(runs.c.kind.in_(queue), runs.c.status == "queued")
        waiting = [QueuedJob(*row) for row in db.execute(query)]
        if not waiting:
            return []
        active: dict[str, int] = {}
        served: dict[str, float] = {}
        for party, parties in (
            (runs.c.owner, {run.owner for run in waiting}),
            (runs.c.address, {run.address for run in waiting} - {""}),
        ):
            at_work = sa.select(party, sa.func.count()).where(party.in_(parties))
            at_work = at_work.where(runs.c.kind.in_(queue), runs.c.status.in_(ACTIVE))
            active |= dict(db.execute(at_work.group_by(party)).all())
            last = sa.select(party, sa.func.max(runs.c.claimed)).where(party.in_(parties))
            # Also what they have deleted: nobody gets before the others by deleting.
            last = last.where(runs.c.claimed.is_not(None), runs.c.kind.in_((*queue, DELETED)))
            served |= dict(db.execute(last.group_by(party)).all())
        return order_of(waiting, active, served)

    def idle_for(self, seconds: float) -> sa.ColumnElement[bool]:
        """Whether nobody has worked on a job for so long: a condition on its row."""
        # A paused run has no end; that it was paused is an event.
        event = sa.select(sa.func.max(events.c.at)).where(events.c.run == runs.c.id)
        last = sa.func.coalesce(runs.c.finished, event.scalar_subquery(), runs.c.created)
        return last < self.now - seconds

    def lock(self, db: sa.Connection) -> None:
        """Let no two transactions decide about the queue at once; SQLite never does."""
        if self.engine.dialect.name == "postgresql":
            db.execute(sa.text("SELECT pg_advisory_xact_lock(4210)"))

    def note(
        self, db: sa.Connection, run_id: str, attempt: int, *, what: str, detail: str = ""
    ) -> None:
        """Record that something happened to a run, within a transaction."""
        row = {"run": run_id, "attempt": attempt, "what": what, "detail": clean(detail)}
        db.execute(sa.insert(events).values(at=self.now, **row))

    def scrub(self) -> None:
        """Let no byte of what was deleted stay in the files of the database.

        Pages that were freed before `secure_delete` was on, and versions of pages in the log
        of SQLite, still hold it. Other databases clean up by themselves.
        """
        if self.engine.dialect.name != "sqlite":
            return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA temp_store=MEMORY")  # and no copy goes to another folder
            cursor.execute("VACUUM")
            for pause in _READERS_END:
                [(busy, *_)] = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                if not busy:
                    break
                time.sleep(pause)
            cursor.close()
        finally:
            connection.close()

    def reading(self) -> Any:
        """Connect for reading only: no lock is taken."""
        return self.engine.connect().execution_options(reads=True)


def clean(text: str, length: int | None = None) -> str:
    """Make a text storable in every database: no NUL, no lone surrogates, no longer than so."""
    return text.replace("\0", "").encode(errors="replace").decode()[:length]


def unknown(run_id: str) -> RunError:
    """Make the error for an id that no run has."""
    return RunError(f"Nothing here has the id '{run_id}'. It may have been deleted.")
