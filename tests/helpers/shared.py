"""What takes seconds to make is made once a test session, whichever process wants it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import fasteners
import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder `name` that `make` has filled; copy it before you write into it.

    With pytest-xdist several processes share it: the first makes it, the others wait.
    """
    session = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        session = session.parent
    folder = session / f"{name}-made-once"
    with fasteners.InterProcessLock(session / f"{name}.lock"):
        if not folder.exists():
            unfinished = session / f"{name}-unfinished"
            make(unfinished)
            unfinished.rename(folder)
    return folder
