"""How a worker process is started: the only place that knows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from ann_core.errors import disk_errors
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import LOST
from ann_core.settings import Settings

_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class Engine(Protocol):
    """Starts workers and tells which of them are gone."""

    def launch(self, run_id: str, attempt: int) -> None:
        """Start a worker; returns at once."""

    def poll(self) -> list[tuple[str, int, str]]:
        """List (run id, attempt, reason) of each worker that has ended since the last call."""


class LocalEngine:
    """Child processes of this computer, in sessions of their own.

    They outlive the web server, and whatever kills it. The database's address
    travels in the environment, for arguments can be read by everybody.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._children: dict[tuple[str, int], subprocess.Popen[bytes]] = {}

    def launch(self, run_id: str, attempt: int) -> None:
        """Start a worker whose output goes to the run's log.

        Raises
        ------
        DiskFullError, OSError
            If it cannot be started.
        """
        folder = RunFolder.of(self._settings.runs_dir, run_id)
        # -P: a server may have been started from a folder with modules of its
        # own; a database address may be relative to that same folder.
        command = [sys.executable, "-P", "-m", "ann_core.jobs.worker", run_id, str(attempt)]
        with disk_errors(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
            with folder.log.open("ab") as log:
                self._children[run_id, attempt] = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=self._environment(),
                    start_new_session=True,
                )

    def poll(self) -> list[tuple[str, int, str]]:
        """List the workers that have ended, with a reason in plain words."""
        ended = [key for key, child in self._children.items() if child.poll() is not None]
        return [(*key, _reason(self._children.pop(key).returncode)) for key in ended]

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "ANN_DATA_DIR": str(self._settings.data_dir),
            "ANN_DATABASE_URL": self._settings.registry_url,
            "ANN_SLOTS": str(self._settings.n_slots),
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "KERAS_BACKEND": "tensorflow",
            "PYTHONPATH": str(_PACKAGE_PARENT),
            "PYTHONUNBUFFERED": "1",
        }


def _reason(returncode: int) -> str:
    if returncode < 0:
        return LOST
    return f"The training process ended unexpectedly (exit code {returncode}); its log says more."
