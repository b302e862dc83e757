"""The run registry: the only truth about what runs and what came of it.

Pages, command line and workers share nothing but this. Every change is one
short transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.attempts import LOST, Attempts
from ann_core.runs.commands import RunCommands
from ann_core.runs.experiments import Experiments
from ann_core.runs.filing import Filing
from ann_core.runs.job import LIVE, Kind, check_run_id
from ann_core.runs.job_types import JOBS, QUEUES, AnyConfig, AnyJob, queue_of
from ann_core.runs.looks import TestLooks
from ann_core.runs.owners import EXAMPLE_OWNER, OPERATOR, Caller, Filer, owner_digest
from ann_core.runs.past_runs import is_of_kind, past_run
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.schema import events, metrics, runs
from ann_core.runs.store import LEASE_SECONDS, Store
from ann_core.settings import NO_LIMITS, Limits
from ann_core.training.history import EpochMetrics
from ann_core.training.time_estimate import PastRun

log = logging.getLogger(__name__)

_UPLOAD_FIELDS = ("what", "upload")  # of the settings of imports

__all__ = ["LEASE_SECONDS", "LOST", "Event", "Registry"]


@dataclass(frozen=True)
class Event:
    """Something that happened to a run, such as "started"."""

    at: datetime
    attempt: int
    what: str
    detail: str


class Registry:
    """All runs, and all other jobs, in one database; a context that closes it.

    Parameters
    ----------
    url : str
        SQLAlchemy URL; ``Settings.registry_url``.
    lease_seconds : float
        How long a worker may be silent before its run is given to another.

    Attributes
    ----------
    attempts : Attempts
        What dispatcher and workers write.
    commands : RunCommands
        What owners ask for.
    experiments : Experiments
        Claims that are tested by some runs.
    filing : Filing
        What may wait in line.
    looks : TestLooks
        Whose test results were looked at.
    store : Store
        The database below them all.

    Raises
    ------
    RunError
        If the database cannot be opened.
    """

    def __init__(self, url: str, lease_seconds: float = LEASE_SECONDS) -> None:
        self.store = Store(url, lease_seconds)
        self.attempts = Attempts(self.store)
        self.commands = RunCommands(self.store)
        self.experiments = Experiments(self.store)
        self.filing = Filing(self.store)
        self.looks = TestLooks(self.store)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()

    def get(self, run_id: str) -> Run:
        """Read one run, as `Store.get`."""
        return self.store.get(run_id)

    def job(self, job_id: str) -> AnyJob:
        """Read one job of any kind, as `Store.job`."""
        return self.store.job(job_id)

    def submit(
        self,
        config: RunConfig,
        *,
        submit_key: str,
        name: str = "",
        owner: Filer = OPERATOR,
        limits: Limits = NO_LIMITS,
    ) -> Run:
        """File a run, to be started when there is a free slot.

        Parameters
        ----------
        submit_key : str
            Minted when the form was opened; the same key gives the same run, so
            a double click files one.
        owner : Visitor, str or Operator
            Of the owner key, a digest is stored.
        limits : Limits
            How many runs may wait; by default any number.

        Raises
        ------
        LimitError
            If too many runs of this visitor, or in all, wait already.
        """
        return self.get(self.filing.file(config, submit_key, owner, name=name, limits=limits))

    def submit_data_job(
        self,
        config: AnyConfig,
        *,
        submit_key: str,
        owner: Filer = OPERATOR,
        name: str = "",
        limits: Limits = NO_LIMITS,
    ) -> AnyJob:
        """File work on data; as `submit`, but it waits in a line of its own.

        Raises
        ------
        LimitError
            If too much of this visitor, or in all, waits there already.
        """
        return self.job(self.filing.file(config, submit_key, owner, name=name, limits=limits))

    def follow(
        self, job: AnyJob, config: RunConfig | AnyConfig, *, submit_key: str, name: str = ""
    ) -> AnyJob:
        """File what comes after a job, for the same owner; it need not wait for others of theirs.

        Called by workers, which know an owner by digest only.
        """
        return self.job(self.filing.file_after(job, config, submit_key, name=name))

    def recent(self, *, owner: Caller = OPERATOR, limit: int = 200) -> list[Run]:
        """Read the newest runs first: all of them, or those of one owner."""
        newest = self._newest((Run.kind,), owner, limit)
        return [run for run in newest if isinstance(run, Run)]

    def data_jobs(self, *, owner: Caller = OPERATOR, live: bool = False) -> list[AnyJob]:
        """Read the newest work on data first: all of it, or that of one owner."""
        return self._newest(QUEUES[1], owner, 50, runs.c.status.in_(LIVE) if live else sa.true())

    def has_run_on(self, fingerprint: str, owner: Caller) -> bool:
        """Whether somebody has trained on images of this content, here.

        A run that was opened from an archive says so itself: it proves nothing.
        """
        content, trained = runs.c.config["fingerprint"].as_string(), runs.c.attempt > 0
        query = sa.select(runs.c.id).where(runs.c.kind == Run.kind, content == fingerprint, trained)
        with self.store.reading() as db:
            return db.scalar(query.where(runs.c.owner == owner_digest(owner)).limit(1)) is not None

    def metrics(self, run_id: str, *, after: int = 0) -> list[EpochMetrics]:
        """Read the metrics of all epochs later than `after`, in order."""
        query = sa.select(metrics.c.metrics).where(metrics.c.run == check_run_id(run_id))
        query = query.where(metrics.c.epoch > after).order_by(metrics.c.epoch)
        with self.store.reading() as db:
            return [EpochMetrics(**values) for values in db.scalars(query)]

    def events(self, run_id: str) -> list[Event]:
        """Read what happened to a run, in order."""
        query = sa.select(events.c.at, events.c.attempt, events.c.what, events.c.detail)
        query = query.where(events.c.run == check_run_id(run_id)).order_by(events.c.id)
        with self.store.reading() as db:
            rows = db.execute(query).all()
        return [Event(datetime.fromtimestamp(row[0], UTC), *row[1:]) for row in rows]

    def queue_position(self, run_id: str) -> int:
        """Place in line: 1 is next; 0 unless it waits."""
        check_run_id(run_id)
        with self.store.reading() as db:
            kind = db.scalar(sa.select(runs.c.kind).where(runs.c.id == run_id))
            line = self.store.queue_order(db, queue_of(kind)) if kind in JOBS else []
        return line.index(run_id) + 1 if run_id in line else 0

    def past_runs(
        self, limit: int = 30, *, kind: str = "dense", since: float = 0.0
    ) -> list[PastRun]:
        """Read how long the newest runs that have a result took; the newest first.

        Parameters
        ----------
        limit : int
        kind : "dense" or "convolution"
            Of the network.
        since : float
            Seconds since 1970; runs that ended earlier are left out.
        """
        columns = (runs.c.id, runs.c.config, runs.c.result, runs.c.status, runs.c.attempt)
        query = sa.select(*columns, (runs.c.finished - runs.c.claimed).label("total"))
        query = query.where(runs.c.status.in_(("done", "stopped")), runs.c.epoch > 0)
        # Those that were brought from elsewhere had no attempt here, and another computer's pace.
        query = query.where(runs.c.kind == Run.kind, runs.c.attempt > 0, runs.c.finished >= since)
        query = query.order_by(runs.c.finished.desc()).limit(limit)
        with self.store.reading() as db:
            rows = [
                row
                for row in db.execute(query).all()
                if row.result and is_of_kind(row.config, kind)
            ]
            mine = metrics.c.run.in_([row.id for row in rows])
            times: dict[str, list[float]] = {}
            for run, values in db.execute(sa.select(metrics.c.run, metrics.c.metrics).where(mine)):
                times.setdefault(run, []).append(values["seconds"])
        return [past_run(row, times[row.id]) for row in rows if row.id in times]

    def ended_before(self, seconds: float, queue: Sequence[Kind] = (Run.kind,)) -> list[str]:
        """List jobs of a lane that nobody has worked on for so long, oldest first; no example."""
        query = sa.select(runs.c.id).where(runs.c.status.not_in(LIVE), runs.c.kind.in_(queue))
        query = query.where(self.store.idle_for(seconds), runs.c.owner != EXAMPLE_OWNER)
        query = query.order_by(runs.c.created)
        with self.store.reading() as db:
            return list(db.scalars(query))

    def uploads_in_use(self) -> set[str]:
        """List the uploads that work on data still needs: it waits, or is under way."""
        query = sa.select(runs.c.config).where(runs.c.status.in_(LIVE), runs.c.kind.in_(QUEUES[1]))
        with self.store.reading() as db:
            configs = list(db.scalars(query))
        parts = [part for config in configs for part in (config, *config.get("edit", ()))]
        return {str(part[field]) for part in parts for field in _UPLOAD_FIELDS if field in part}

    def _newest(
        self,
        queue: Sequence[Kind],
        owner: Caller,
        limit: int,
        *conditions: sa.ColumnElement[bool],
    ) -> list[AnyJob]:
        query = sa.select(runs).order_by(runs.c.created.desc(), runs.c.id.desc()).limit(limit)
        query = query.where(runs.c.kind.in_(queue), *conditions)
        if isinstance(owner, str):
            query = query.where(runs.c.owner == owner_digest(owner))
        readable = []
        with self.store.reading() as db:
            rows = db.execute(query).mappings().all()
        for row in rows:
            try:
                readable.append(JOBS[row["kind"]].from_row(row))
            except RunError as error:  # of another version: the others can still be read
                log.warning("%s", error)
        return readable
