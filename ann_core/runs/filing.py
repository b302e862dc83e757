"""The registry as forms see it: who may put how much in line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ann_core.errors import LimitError
from ann_core.runs.job import Kind, Status, new_run_id
from ann_core.runs.job_types import AnyConfig, AnyJob, kind_of, queue_of
from ann_core.runs.owners import Caller, owner_digest
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.schema import runs
from ann_core.runs.store import Store, clean

_QUEUED: Status = "queued"


class Filing:
    """What waits in one database, and what may still be added.

    Parameters
    ----------
    store : Store
        The database, shared with the registry that this belongs to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def filed_under(self, submit_key: str) -> AnyJob | None:
        """Find the job that was filed under a key already."""
        query = sa.select(runs.c.id).where(runs.c.submit_key == submit_key)
        with self._store.reading() as db:
            job_id = db.scalar(query)
        return None if job_id is None else self._store.job(job_id)

    def check_waiting(self, config: RunConfig | AnyConfig, owner: Caller, most: int) -> None:
        """Refuse as `submit` would, before anything is prepared for the job.

        Raises
        ------
        LimitError
            If too much of this owner waits already.
        """
        with self._store.reading() as db:
            self._check_waiting(db, owner_digest(owner), most, queue=queue_of(kind_of(config)))

    def file(
        self,
        config: RunConfig | AnyConfig,
        submit_key: str,
        owner: str,
        *,
        name: str,
        max_waiting: int,
    ) -> str:
        """Put a job in line, unless its key is known; return its id."""
        job_id, kind, status = new_run_id(), kind_of(config), _QUEUED
        row: dict[str, Any] = {"submit_key": submit_key, "owner": owner, "status": status}
        row |= {"name": clean(name.strip(), 100), "config": config.model_dump(mode="json")}
        known = sa.select(runs.c.id).where(runs.c.submit_key == submit_key)
        try:
            with self._store.engine.begin() as db:
                self._store.lock(db)
                if (earlier := db.scalar(known)) is None:
                    self._check_waiting(db, owner, max_waiting, queue=queue_of(kind))
                    row |= {"id": job_id, "kind": kind}
                    db.execute(sa.insert(runs).values(created=self._store.now, **row))
                    self._store.note(db, job_id, 0, what="queued")
        except sa.exc.IntegrityError:
            with self._store.reading() as db:
                earlier = db.scalars(known).one()
        return earlier or job_id

    def _check_waiting(
        self, db: sa.Connection, owner: str, most: int, *, queue: Sequence[Kind]
    ) -> None:
        count = sa.select(sa.func.count()).where(runs.c.owner == owner, runs.c.status == "queued")
        count = count.where(runs.c.kind.in_(queue))
        waiting = db.scalar(count) or 0
        what = "run" if Run.kind in queue else "import"
        if most and waiting >= most:
            raise LimitError(
                [
                    f"You have {waiting:,} {what}{'s' * (waiting != 1)} waiting, and this server "
                    f"allows {most:,}: wait until one has started, or stop one."
                ]
            )
