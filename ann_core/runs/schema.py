"""Tables of the registry; `database` opens what holds them, `migrations` brings it up to date."""

from __future__ import annotations

import sqlalchemy as sa

from ann_core import stored_names

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("submit_key", sa.String(64), nullable=False, unique=True),
    sa.Column("owner", sa.String(64), nullable=False, default="", index=True),
    sa.Column("session", sa.String(64)),
    sa.Column("address", sa.String(64)),
    sa.Column("kind", sa.String(16), nullable=False, default="train"),
    sa.Column("name", sa.String(100), nullable=False, default=""),
    sa.Column("notes", sa.Text, nullable=False, default=""),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column(stored_names.REQUESTED, sa.String(8), key="requested", nullable=False, default="run"),
    sa.Column(stored_names.REQUESTED_AT, sa.Float, key="requested_at"),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("losses", sa.Integer, nullable=False, default=0),
    sa.Column("lease", sa.Float),
    sa.Column("host", sa.String(100), nullable=False, default=""),
    sa.Column("pid", sa.Integer),
    sa.Column("phase", sa.String(100), nullable=False, default=""),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column("batch", sa.Integer, nullable=False, default=0),
    sa.Column("n_batches", sa.Integer, nullable=False, default=0),
    sa.Column("checkpoint", sa.String(64)),
    sa.Column("result", sa.JSON),
    sa.Column("error_kind", sa.String(16)),
    sa.Column("error", sa.Text),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("claimed", sa.Float),
    sa.Column("started", sa.Float),
    sa.Column("finished", sa.Float),
)

metrics = sa.Table(
    "metrics",
    metadata,
    sa.Column("run", sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("epoch", sa.Integer, primary_key=True),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("metrics", sa.JSON, nullable=False),
)

# No key to runs: a look stays when its run is deleted.
test_looks = sa.Table(
    "test_looks",
    metadata,
    sa.Column("run", sa.String(16), primary_key=True),
    sa.Column("split", sa.String(64), nullable=False, index=True),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("detail", sa.Text, nullable=False, default=""),
)

experiments = sa.Table(
    "experiments",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("submit_key", sa.String(64), nullable=False, unique=True),
    sa.Column("owner", sa.String(64), nullable=False, default="", index=True),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("dataset", sa.String(100), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("runs", sa.JSON, nullable=False),
    sa.Column("stopped", sa.Boolean, nullable=False, default=False),
    sa.Column("result", sa.JSON),
    sa.Column("created", sa.Float, nullable=False),
)

bets = sa.Table(
    "bets",
    metadata,
    sa.Column("experiment", sa.ForeignKey("experiments.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)
