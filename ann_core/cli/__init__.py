"""The same job without a browser: ``python -m ann_core``."""

from __future__ import annotations

import sys

from ann_core.cli import data, predicting, training  # noqa: F401  (they register commands)
from ann_core.cli.app import app, fail
from ann_core.errors import FlatlandError


def main() -> None:
    """Run one command; errors become one sentence and exit code 1."""
    try:
        app()
    except FlatlandError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
