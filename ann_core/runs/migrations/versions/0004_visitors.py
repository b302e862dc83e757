"""Visitors: from which session and which address a job was filed, as digests."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; nothing is known of the jobs that are there."""
    op.add_column("runs", sa.Column("session", sa.String(64)))
    op.add_column("runs", sa.Column("address", sa.String(64)))
