"""Notes: what an owner wants to remember of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column, empty for the runs that are there."""
    # The default stays, so that an older Flatland that still runs can go on filing runs.
    op.add_column("runs", sa.Column("notes", sa.Text, nullable=False, server_default=""))
