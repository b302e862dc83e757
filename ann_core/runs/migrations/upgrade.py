"""Run the steps that a registry lacks; imported only if it lacks some."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from ann_core.runs.migrations import check_known

LOCK = 4211
"""Number of the lock in PostgreSQL; that of `store` has another."""

_FIRST_TABLES = {"runs", "metrics", "events"}

_one_at_a_time = threading.Lock()  # Alembic keeps what it works on in global variables


def upgrade(engine: sa.Engine) -> None:
    """Take all missing steps in one transaction.

    Raises
    ------
    RunError
        If a newer Flatland made the tables in the meantime.
    """
    config = Config()
    # A package and not a path: Alembic would look for variables behind each %.
    config.set_main_option("script_location", "ann_core.runs:migrations")
    with _one_at_a_time, engine.begin() as db:
        # SQLite's transactions lock the whole file from their beginning.
        if engine.dialect.name == "postgresql":
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        config.attributes["connection"] = db
        version = MigrationContext.configure(db).get_current_revision()
        check_known(version)
        if version is None and set(sa.inspect(db).get_table_names()) >= _FIRST_TABLES:
            command.stamp(config, "0001")  # made before there were versions
        command.upgrade(config, "head")
