"""The runs that come with Flatland: filed under an owner that nobody is."""

from __future__ import annotations

import sqlalchemy as sa

from ann_core.runs.owners import EXAMPLE_OWNER
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.runs.schema import runs


def example_runs(registry: Registry) -> list[Run]:
    """Read the networks that come with Flatland, the first one first."""
    query = sa.select(runs).where(runs.c.kind == Run.kind, runs.c.owner == EXAMPLE_OWNER)
    with registry.store.reading() as db:
        rows = db.execute(query.order_by(runs.c.created)).mappings().all()
    return [Run.from_row(row) for row in rows]
