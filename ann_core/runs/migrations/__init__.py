"""Bring the tables of a registry up to date: each change of `schema` is one file in `versions`."""

from __future__ import annotations

import sqlalchemy as sa

from ann_core.errors import RunError

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All versions of the tables that this code knows, in order."""


def bring_up_to_date(engine: sa.Engine) -> None:
    """Make the tables of an empty database, or change those of an older Flatland.

    If it fails, the database is what it was. Any number of processes may call this at
    the same moment: one works, the others wait for it.

    Raises
    ------
    RunError
        If a newer Flatland made the tables.
    """
    # A transaction that writes, though it does not: who cannot, should hear of it now.
    with engine.connect() as db:
        version = _version(db)
    if version == VERSIONS[-1]:
        return
    check_known(version)
    # Alembic takes a while to import, and there is hardly ever something to do.
    from ann_core.runs.migrations.upgrade import upgrade

    upgrade(engine)


def check_known(version: str | None) -> None:
    """Refuse tables that this code has never heard of; None is a database without a version.

    Raises
    ------
    RunError
        If `version` is not one of `VERSIONS`.
    """
    if version is not None and version not in VERSIONS:
        raise RunError(
            f"The run registry was made by a newer Flatland: expected version {VERSIONS[-1]} of "
            f"its tables or an older one, got {version}. Update Flatland, or set ANN_DATA_DIR "
            "(or ANN_DATABASE_URL, if that is set) to another place."
        )


def _version(db: sa.Connection) -> str | None:
    """Ask the table that Alembic keeps; whatever else is wrong shows when tables are made."""
    try:
        version = db.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        return None
    return None if version is None else str(version)
