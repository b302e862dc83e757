"""What remains of a deleted run for a day: its id, and whose it was.

Row and files cannot go in one step. So the row stays, emptied, until the files are surely
gone: the server that deletes them may be killed, a worker may write once more. And as long
as it stays, its owner counts as served, see `Store.queue_order`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ann_core.runs.job import DELETED, Status
from ann_core.runs.schema import events, metrics, runs
from ann_core.runs.store import Store

_SETTLED_SECONDS = 60.0  # until then, whoever deletes or files a run is still about it
_STATUS: Status = "stopped"


def bury(store: Store, db: sa.Connection, job_id: str) -> None:
    """Empty the row of a job that has ended; nothing that its owner wrote stays."""
    for table in (metrics, events):
        db.execute(sa.delete(table).where(table.c.run == job_id))
    values = _emptied(job_id) | {"checkpoint": None, "result": None, "error": None}
    db.execute(sa.update(runs).where(runs.c.id == job_id).values(finished=store.now, **values))


def reserve(store: Store, job_id: str, owner: str) -> None:
    """Know of a folder before it is there: it goes unless its run is filed as well."""
    values = _emptied(job_id) | {"id": job_id, "owner": owner, "status": _STATUS}
    with store.engine.begin() as db:
        db.execute(sa.insert(runs).values(created=store.now, finished=store.now, **values))


def release(db: sa.Connection, job_id: str) -> None:
    """Give the id to the run for which it was reserved."""
    db.execute(sa.delete(runs).where(runs.c.id == job_id, runs.c.kind == DELETED))


def ids(store: Store) -> list[str]:
    """List the deleted jobs that are still known, but those of the last minute."""
    query = sa.select(runs.c.id).where(runs.c.kind == DELETED)
    with store.reading() as db:
        return list(db.scalars(query.where(runs.c.finished < store.now - _SETTLED_SECONDS)))


def forget(store: Store, job_id: str, *, after_seconds: float) -> None:
    """Remove the row, if the job was deleted so long ago."""
    query = sa.delete(runs).where(runs.c.id == job_id, runs.c.kind == DELETED)
    with store.engine.begin() as db:
        db.execute(query.where(runs.c.finished < store.now - after_seconds))


def _emptied(job_id: str) -> dict[str, Any]:
    # Its key is free: whoever files the same form once more files a new job.
    key = f"{DELETED} {job_id}"
    return {"kind": DELETED, "submit_key": key, "name": "", "notes": "", "config": {}}
