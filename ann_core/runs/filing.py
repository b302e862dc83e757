"""The registry as forms see it: who may put how much in line.

Owner keys cost nothing, so that who has one share may not have another by another key: what
waits is counted for the key, for the session and for the address, and in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ann_core.errors import LimitError
from ann_core.files import counted
from ann_core.runs.job import Kind, Status, new_run_id
from ann_core.runs.job_types import JOBS, AnyConfig, AnyJob, kind_of, queue_of
from ann_core.runs.owners import Filer, filer_digests
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.schema import runs
from ann_core.runs.store import Store, clean
from ann_core.settings import NO_LIMITS, Limits

_QUEUED: Status = "queued"

Digests = dict[str, str | None]
"""Columns `owner`, `session` and `address` of a job."""


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

    def waiting(self) -> list[AnyJob]:
        """Read all that waits in any line, the oldest first."""
        query = sa.select(runs.c.id).where(runs.c.status == _QUEUED, runs.c.kind.in_(JOBS))
        with self._store.reading() as db:
            ids = list(db.scalars(query.order_by(runs.c.created)))
        return [self._store.job(job_id) for job_id in ids]

    def check_line(self, config: RunConfig | AnyConfig, filer: Filer, limits: Limits) -> None:
        """Refuse as `file` would, before anything is prepared for the job.

        Raises
        ------
        LimitError
        """
        with self._store.reading() as db:
            check_line(db, filer_digests(filer), limits, queue=queue_of(kind_of(config)))

    def file(
        self,
        config: RunConfig | AnyConfig,
        submit_key: str,
        filer: Filer,
        *,
        name: str,
        limits: Limits,
    ) -> str:
        """Put a job in line, unless its key is known; return its id.

        Raises
        ------
        LimitError
            If too much waits already.
        """
        row = _row(config, submit_key, name)
        return self._add(row | filer_digests(filer), limits)

    def file_after(
        self, job: AnyJob, config: RunConfig | AnyConfig, submit_key: str, *, name: str
    ) -> str:
        """File what comes after a job, for the same visitor and within no limit."""
        with self._store.reading() as db:
            digests = filed_by(db, job.id) or {"owner": job.owner}
        return self._add(_row(config, submit_key, name) | digests, NO_LIMITS)

    def _add(self, row: dict[str, Any], limits: Limits) -> str:
        known = sa.select(runs.c.id).where(runs.c.submit_key == row["submit_key"])
        try:
            with self._store.engine.begin() as db:
                self._store.lock(db)
                if (earlier := db.scalar(known)) is None:
                    check_line(db, row, limits, queue=queue_of(row["kind"]))
                    db.execute(sa.insert(runs).values(created=self._store.now, **row))
                    self._store.note(db, row["id"], 0, what="queued")
        except sa.exc.IntegrityError:
            with self._store.reading() as db:
                earlier = db.scalars(known).one()
        return str(earlier or row["id"])


def filed_by(db: sa.Connection, job_id: str) -> Digests:
    """Read who filed a job; nothing of a job that is gone."""
    columns = (runs.c.owner, runs.c.session, runs.c.address)
    row = db.execute(sa.select(*columns).where(runs.c.id == job_id)).mappings().first()
    return {} if row is None else dict(row)


def check_line(
    db: sa.Connection, digests: Digests | dict[str, Any], limits: Limits, *, queue: Sequence[Kind]
) -> None:
    """Refuse another job of a visitor in a line, if they or all together have enough there.

    A run that was paused before it ever began counts as well, or the line could be filled by
    pausing and continuing.

    Raises
    ------
    LimitError
    """
    never_began = sa.and_(runs.c.status == "paused", runs.c.attempt == 0)
    waits = sa.and_(runs.c.kind.in_(queue), sa.or_(runs.c.status == _QUEUED, never_began))
    what = "training" if Run.kind in queue else "import"

    def enough(most: int, *of: sa.ColumnElement[bool]) -> bool:
        if not most:
            return False
        return (db.scalar(sa.select(sa.func.count()).where(waits, *of)) or 0) >= most

    owner, session, address = (digests.get(part) for part in ("owner", "session", "address"))
    mine = runs.c.owner == owner
    if enough(limits.waiting_runs, sa.or_(mine, runs.c.session == session) if session else mine):
        raise LimitError(
            [
                f"You have {counted(limits.waiting_runs, what)} waiting, and this server allows "
                f"{limits.waiting_runs:,}: wait until one has started, or stop one."
            ]
        )
    if address and enough(limits.waiting_at_address, runs.c.address == address):
        raise LimitError(
            [
                f"From your internet address, {counted(limits.waiting_at_address, what)} wait "
                "already, and this server takes no more from one. Try again when some of them have "
                "started."
            ]
        )
    if owner and enough(limits.waiting_in_all):
        raise LimitError(
            [
                f"{counted(limits.waiting_in_all, what)} wait in line, and this server takes no "
                "more. Try again when some of them have started."
            ]
        )


def _row(config: RunConfig | AnyConfig, submit_key: str, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": new_run_id(), "kind": kind_of(config), "status": _QUEUED}
    row |= {"submit_key": submit_key, "name": clean(name.strip(), 100)}
    return row | {"config": config.model_dump(mode="json")}
