"""Owners that are looked for, wishes with a time, workers on hosts that may get lost."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add columns to runs, and fill them for those that are there."""
    # The defaults stay, so that an older Flatland that still runs can go on filing runs.
    for column in (
        sa.Column("asked", sa.Float),
        sa.Column("losses", sa.Integer, nullable=False, server_default="0"),
        sa.Column("host", sa.String(100), nullable=False, server_default=""),
        sa.Column("checkpoint", sa.String(64)),
        sa.Column("claimed", sa.Float),
    ):
        op.add_column("runs", column)
    op.execute(
        "UPDATE runs SET claimed = (SELECT MAX(events.at) FROM events "
        "WHERE events.run = runs.id AND events.what = 'claimed')"
    )
    op.create_index("ix_runs_owner", "runs", ["owner"])
