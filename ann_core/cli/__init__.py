"""The same job without a browser: ``python -m ann_core``."""

from __future__ import annotations

import sqlalchemy as sa

from ann_core.cli import (  # noqa: F401
    compare,
    data,
    dataset,
    dataset_edits,
    dataset_export,
    dataset_profile,
    experiments,
    export,
    predict,
    runs,
    serve,
    shift,
    table,
    train,
)
from ann_core.cli.app import app, fail, opened
from ann_core.errors import FlatlandError
from ann_core.runs.database import reason


def main() -> None:
    """Run one command; errors become one sentence and exit code 1."""
    try:
        with opened:
            app()
    except FlatlandError as error:
        fail(str(error))
    except sa.exc.DBAPIError as error:
        fail(f"The run registry does not answer: {reason(error)}. Try again in a moment.")
    except OSError as error:
        where = f" '{error.filename}'" if error.filename else ""
        fail(f"The computer refused{where}: {error.strerror or error}.")
