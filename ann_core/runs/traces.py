"""What the registry keeps of a data set: jobs on it, and the names that stand in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.runs import tombstones
from ann_core.runs.job import LIVE
from ann_core.runs.job_types import QUEUES, AnyJob, ImportJob
from ann_core.runs.run import Run
from ann_core.runs.schema import events, runs
from ann_core.runs.store import Store

FORGOTTEN = "Its pictures were erased, and with them the reason why it ended."


@dataclass(frozen=True)
class Traces:
    """Jobs whose folders hold something of the images.

    Attributes
    ----------
    runs : list of str
        Ids of trainings, which stay readable without the images.
    data_jobs : list of str
        Ids of work on data that has ended, and was forgotten altogether.
    """

    runs: list[str]
    data_jobs: list[str]


def live_jobs(store: Store, info: DatasetInfo) -> list[AnyJob]:
    """Read what waits for a data set or works on it, a new version of it among them."""
    config = runs.c.config
    version = sa.and_(_text("source") == "version", _text("what") == info.name)
    named = sa.or_(config["dataset"].as_string() == info.name, version)
    of_content = sa.and_(_text("fingerprint") == info.fingerprint, runs.c.owner == info.owner)
    query = sa.select(runs.c.id).where(runs.c.status.in_(LIVE), sa.or_(named, of_content))
    with store.reading() as db:
        ids = list(db.scalars(query.order_by(runs.c.created)))
    return [store.job(job_id) for job_id in ids]


def fingerprints_in_use(store: Store) -> set[str]:
    """Name the data sets that some job waits for or works on."""
    query = sa.select(_text("fingerprint")).where(runs.c.status.in_(LIVE))
    with store.reading() as db:
        return {fingerprint for fingerprint in db.scalars(query) if fingerprint}


def forget(store: Store, info: DatasetInfo, *, everywhere: bool) -> Traces:
    """Let no name of an image stay in the registry.

    Parameters
    ----------
    everywhere : bool
        Whether no data set with the same images remains: if one does, jobs on that keep what
        they have.
    """
    with store.engine.begin() as db:
        data_jobs = list(db.scalars(_data_jobs(info, everywhere=everywhere)))
        for job_id in data_jobs:
            tombstones.bury(store, db, job_id)
        trained = list(db.scalars(_runs(info, everywhere=everywhere)))
        of_these = runs.c.id.in_(trained), runs.c.error.is_not(None)
        db.execute(sa.update(runs).where(*of_these).values(error=FORGOTTEN))
        db.execute(sa.update(events).where(events.c.run.in_(trained)).values(detail=""))
    return Traces(trained, data_jobs)


def _runs(info: DatasetInfo, *, everywhere: bool) -> sa.Select[Any]:
    """Select trainings on a data set, and runs that its owner has brought from elsewhere."""
    trained_here = sa.and_(runs.c.attempt > 0, _on(info, everywhere=everywhere))
    of_owner = runs.c.owner == info.owner if info.owner else sa.true()
    query = sa.select(runs.c.id).where(runs.c.kind == Run.kind)
    return query.where(_text("fingerprint") == info.fingerprint, sa.or_(trained_here, of_owner))


def _data_jobs(info: DatasetInfo, *, everywhere: bool) -> sa.Select[Any]:
    """Select work on a data set that has ended, and all imports of its owner.

    An import that failed may have named the same files, whatever it was to be called.
    """
    on_it = sa.and_(_text("fingerprint") == info.fingerprint, _on(info, everywhere=everywhere))
    called = _text("name").in_((info.name, display_name(info.name)))
    version = sa.and_(_text("source") == "version", _text("what") == info.name)
    mine = runs.c.owner == info.owner if info.owner else sa.or_(called, version)
    imports = sa.and_(runs.c.kind == ImportJob.kind, sa.or_(mine, runs.c.id == info.job))
    query = sa.select(runs.c.id).where(runs.c.kind.in_(QUEUES[1]), runs.c.status.not_in(LIVE))
    return query.where(sa.or_(on_it, imports))


def _on(info: DatasetInfo, *, everywhere: bool) -> sa.ColumnElement[bool]:
    """Whether a job on these images was on this data set, not on another one like it."""
    if everywhere:
        return sa.true()
    return sa.or_(_text("dataset") == info.name, runs.c.owner == info.owner)


def _text(field: str) -> sa.ColumnElement[str]:
    text: sa.ColumnElement[str] = runs.c.config[field].as_string()
    return text
