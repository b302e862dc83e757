"""The run registry: the only truth about what runs and what came of it.

Pages, command line and workers share nothing but this. Every change is one
short transaction.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ann_core.runs.attempts import LEASE_SECONDS, LOST, Attempts
from ann_core.runs.run import ACTIVE, Run, RunConfig, check_run_id, new_run_id
from ann_core.runs.schema import metrics, runs
from ann_core.training import EpochMetrics

mine = runs.alias("mine")

__all__ = ["LEASE_SECONDS", "LOST", "Registry"]


class Registry(Attempts):
    """All runs in one database, as pages and command line see them."""

    def submit(self, config: RunConfig, *, submit_key: str, name: str = "", owner: str = "") -> Run:
        """File a run, to be started when there is a free slot.

        Parameters
        ----------
        submit_key : str
            Minted when the form was opened; the same key gives the same run, so
            a double click files one.
        """
        row: dict[str, Any] = {"submit_key": submit_key, "owner": owner, "status": "queued"}
        row |= {"name": name.strip()[:100], "config": config.model_dump(mode="json")}
        run_id = new_run_id()
        try:
            with self.engine.begin() as db:
                db.execute(sa.insert(runs).values(id=run_id, created=self._now, **row))
                self._note(db, run_id, 0, "queued")
        except sa.exc.IntegrityError:
            with self._reading() as db:
                query = sa.select(runs.c.id).where(runs.c.submit_key == submit_key)
                run_id = db.scalars(query).one()
        return self.get(run_id)

    def recent(self, *, owner: str | None = None, limit: int = 200) -> list[Run]:
        """Read the newest runs first."""
        query = sa.select(runs).order_by(runs.c.created.desc(), runs.c.id.desc()).limit(limit)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        with self._reading() as db:
            return [Run.from_row(row) for row in db.execute(query).mappings()]

    def metrics(self, run_id: str, *, after: int = 0) -> list[EpochMetrics]:
        """Read the metrics of all epochs later than `after`, in order."""
        query = sa.select(metrics.c.metrics).where(metrics.c.run == check_run_id(run_id))
        query = query.where(metrics.c.epoch > after).order_by(metrics.c.epoch)
        with self._reading() as db:
            return [EpochMetrics(**values) for values in db.scalars(query)]

    def ask_stop(self, run_id: str) -> None:
        """Ask a run to stop: a waiting one at once, a working one after its batch.

        A run that has ended stays as it is.

        Raises
        ------
        RunError
            If the id is malformed or unknown.
        """
        this = runs.c.id == check_run_id(run_id)
        with self.engine.begin() as db:
            waiting = sa.update(runs).where(this, runs.c.status == "queued")
            ended = db.execute(waiting.values(status="stopped", finished=self._now, want="stop"))
            if ended.rowcount:
                self._note(db, run_id, 0, "stopped")
                return
            working = sa.update(runs).where(this, runs.c.status.in_(ACTIVE))
            if db.execute(working.values(want="stop")).rowcount:
                return
        self.get(run_id)

    def n_ahead(self, run_id: str) -> int:
        """How many runs wait before this one or work now; 0 unless it waits itself."""
        # Two runs may share a moment: SQLite's clock ticks in milliseconds.
        earlier = sa.tuple_(runs.c.created, runs.c.id) < sa.tuple_(mine.c.created, mine.c.id)
        waiting = sa.and_(runs.c.status == "queued", earlier)
        query = sa.select(sa.func.count()).select_from(runs, mine)
        query = query.where(sa.or_(waiting, runs.c.status.in_(ACTIVE)))
        query = query.where(mine.c.id == check_run_id(run_id), mine.c.status == "queued")
        with self._reading() as db:
            return db.scalar(query) or 0
