"""Looks: the runs whose result on the test images was shown to somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table; an older Flatland showed the result of each run in every list."""
    op.create_table(
        "test_looks",
        sa.Column("run", sa.String(16), primary_key=True),
        sa.Column("split", sa.String(64), nullable=False, index=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    runs = sa.table(
        "runs",
        *(sa.column(name) for name in ("id", "kind", "owner", "status")),
        sa.column("config", sa.JSON),
        sa.column("finished", sa.Float),
    )
    db = op.get_bind()
    tested = sa.select(runs).where(runs.c.kind == "train", runs.c.status.in_(("done", "stopped")))
    looks = sa.table("test_looks", *map(sa.column, ("run", "split", "owner", "at")))
    for row in db.execute(tested).all():
        split = str(row.config.get("fingerprint", ""))[:64]
        at = row.finished or 0.0
        db.execute(sa.insert(looks).values(run=row.id, split=split, owner=row.owner, at=at))
