"""Open the database of the run registry, and ask it for the time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from ann_core.errors import RunError
from ann_core.runs.migrations import bring_up_to_date


def open_engine(url: str) -> sa.Engine:
    """Connect to a database, and make or change its tables where this code needs others.

    SQLite is put into WAL mode, so that pages read while workers write.

    Raises
    ------
    RunError
        If there is no such database, it cannot be written to, or its tables are
        those of a newer Flatland.
    """
    try:
        engine = _connect(_parse(url))
        try:
            bring_up_to_date(engine)
        except BaseException:
            engine.dispose()
            raise
    except (OSError, ImportError, sa.exc.SQLAlchemyError) as error:
        raise RunError(
            f"The run registry cannot be opened: {reason(error)}. Check that the folder "
            "ANN_DATA_DIR can be written to, and ANN_DATABASE_URL if it is set."
        ) from error
    return engine


def reason(error: Exception) -> str:
    """Say what a database driver has to say, without statement and parameters."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    return " ".join(str(cause).split()).rstrip(".")


def now(engine: sa.Engine) -> sa.ColumnElement[float]:
    """Seconds since 1970 on the database's clock: the only one all processes share."""
    if engine.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
    return sa.func.extract("epoch", sa.func.clock_timestamp()).cast(sa.Float)


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except ValueError:
        parsed = None
    # Neither may be quoted in a message: they hold what should have been a password.
    if parsed is None or "@" in (parsed.host or ""):
        raise sa.exc.ArgumentError(
            "expected an address like postgresql://user:password@host:5432/database, in "
            "whose password @ is written %40 and : is written %3A"
        ) from None
    return parsed


def _connect(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        # Connections that a restarted server has forgotten are replaced unnoticed.
        options: dict[str, Any] = {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
        if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
            options["connect_args"] = {"connect_timeout": 10}
        return sa.create_engine(url, **options)
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 15})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLAlchemy begins transactions itself, see _begin_immediate.
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # what is deleted leaves no byte in the file
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
