"""Tables of the registry, and how to open the database that holds them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from ann_core.errors import RunError

metadata = sa.MetaData()

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("submit_key", sa.String(64), nullable=False, unique=True),
    sa.Column("owner", sa.String(64), nullable=False, default=""),
    sa.Column("kind", sa.String(16), nullable=False, default="train"),
    sa.Column("name", sa.String(100), nullable=False, default=""),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("want", sa.String(8), nullable=False, default="run"),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("lease", sa.Float),
    sa.Column("pid", sa.Integer),
    sa.Column("phase", sa.String(100), nullable=False, default=""),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column("batch", sa.Integer, nullable=False, default=0),
    sa.Column("n_batches", sa.Integer, nullable=False, default=0),
    sa.Column("result", sa.JSON),
    sa.Column("error_kind", sa.String(16)),
    sa.Column("error", sa.Text),
    sa.Column("created", sa.Float, nullable=False),
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


def open_engine(url: str) -> sa.Engine:
    """Connect to a database and make the tables that are missing.

    SQLite is put into WAL mode, so that pages read while workers write.

    Raises
    ------
    RunError
        If there is no such database, or it cannot be written to.
    """
    try:
        parsed = sa.make_url(url)
        sqlite = parsed.get_backend_name() == "sqlite"
        if sqlite and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(parsed, connect_args={"timeout": 15} if sqlite else {})
        if sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_immediate)
        metadata.create_all(engine)
    except (OSError, ImportError, sa.exc.SQLAlchemyError) as error:
        raise RunError(
            f"The run registry cannot be opened: {reason(error)}. Check that the folder "
            "ANN_DATA_DIR can be written to, and ANN_DATABASE_URL if it is set."
        ) from error
    return engine


def reason(error: Exception) -> str:
    """Say what a database driver has to say, without statement and parameters."""
    found = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return " ".join(str(found).split()).rstrip(".")


def now(engine: sa.Engine) -> sa.ColumnElement[float]:
    """Seconds since 1970 on the database's clock: the only one all processes share."""
    if engine.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
    return sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Float)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy begins transactions itself, see _begin_immediate.
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _use_wal(cursor: Any) -> None:
    """Switch the file to WAL mode; only its very first user has to."""
    # SQLite does not wait here, whatever the timeout, when two processes open a
    # new file at the same moment: it calls the file locked.
    for pause in (0.05, 0.1, 0.2, 0.5, 1.0):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except Exception as error:
            if "locked" not in str(error):
                raise
            time.sleep(pause)
    cursor.execute("PRAGMA journal_mode=WAL")


def _begin_immediate(connection: sa.Connection) -> None:
    """Take the write lock at once: a later upgrade from reading may fail as busy."""
    options = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN" if options.get("reads") else "BEGIN IMMEDIATE")
