"""Finished runs that were trained elsewhere, filed as if they had been trained here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ann_core import stored_names
from ann_core.runs import tombstones
from ann_core.runs.job import Status
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.schema import metrics, runs
from ann_core.runs.store import Store, clean
from ann_core.training.history import EpochMetrics


@dataclass(frozen=True, kw_only=True)
class FinishedTraining:
    """A run with all that came of it.

    Attributes
    ----------
    run_id : str
        Of `new_run_id`; the folder of that name has its files.
    """

    run_id: str
    config: RunConfig
    status: Status
    result: RunResult
    history: Sequence[EpochMetrics]
    name: str = ""
    notes: str = ""


def adopt(store: Store, training: FinishedTraining, *, submit_key: str, owner: str) -> Run:
    """File a finished run; it appears whole or not at all.

    Parameters
    ----------
    submit_key : str
        The same key gives the run that was filed first.
    owner : str
        Digest, as `Job.owner`.
    """
    row: dict[str, Any] = {"id": training.run_id, "kind": Run.kind, "status": training.status}
    row |= {"owner": owner, "submit_key": submit_key, "epoch": len(training.history)}
    row |= {"name": clean(training.name.strip(), 100), "notes": clean(training.notes)}
    row |= {"config": training.config.model_dump(mode="json"), "result": training.result.as_dict()}
    row |= {"created": store.now, "started": store.now, "finished": store.now}
    lines = [
        {"run": training.run_id, "attempt": 0, "epoch": epoch.epoch, "metrics": epoch.as_dict()}
        for epoch in training.history
    ]
    with store.engine.begin() as db:
        store.lock(db)
        earlier = db.scalar(sa.select(runs.c.id).where(runs.c.submit_key == submit_key))
        if earlier is None:
            tombstones.release(db, training.run_id)
            db.execute(sa.insert(runs).values(**row))
            if lines:
                db.execute(sa.insert(metrics), lines)
            store.note(db, training.run_id, 0, what=stored_names.IMPORTED_EVENT)
    return store.get(earlier or training.run_id)
