"""An engine for tests whose workers need not load TensorFlow, and the process they come from."""

from __future__ import annotations

import atexit
import functools
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from ann_core.jobs.engine import LocalEngine, Process
from ann_core.jobs.warm import WarmProcess
from ann_core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


class WorkerEngine(LocalEngine):
    """As `LocalEngine`, but that it remembers its workers, and shares the tests' warm process.

    With `real_start` it does not, and their priority is low.
    """

    def __init__(self, settings: Settings, *, real_start: bool = False) -> None:
        super().__init__(settings)
        if sys.platform == "linux" and not real_start:
            self.warm = shared_warm_process()
        self._started: list[Process] = []

    def has_ended(self) -> bool:
        """Whether none of its workers is left."""
        return all(process.poll() is not None for process in self._started)

    def close(self) -> None:
        """Leave the process that is shared."""

    def _start(self, command: list[str], log: IO[bytes]) -> Process:
        self._started.append(super()._start(command, log))
        return self._started[-1]


def run_fresh(module: str, *arguments: str, log: Path) -> None:
    """Run a module in a process that has loaded TensorFlow, and has computed nothing with it.

    Raises
    ------
    RuntimeError
        If it fails; with what it wrote to `log`.
    """
    command = [sys.executable, "-P", "-m", module, *arguments]
    environment = dict(os.environ) | {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as file:
        forked = None
        if sys.platform == "linux":
            forked = shared_warm_process().fork(command, environment, file)
        process = forked or subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        while process.poll() is None:
            time.sleep(0.01)
    if process.returncode:
        raise RuntimeError(log.read_text())


def share_warm_process() -> tuple[dict[str, str], tuple[int, ...]]:
    """Environment and descriptors for a process whose workers come from the shared one."""
    if sys.platform != "linux":
        return {}, ()
    descriptor = shared_warm_process().descriptor
    return {"ANN_WARM_WORKER": str(descriptor)}, (descriptor,)


@functools.cache
def shared_warm_process() -> WarmProcess:
    """Start a warm process for the rest of this process, and wait until it is ready."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    warm = WarmProcess("on", environment, "tests.helpers.warm_process")
    atexit.register(warm.close)
    warm.expect()
    give_up = time.monotonic() + START_SECONDS
    while not warm.is_ready:
        warm.tick()
        if time.monotonic() > give_up:
            raise RuntimeError("the warm process of the tests does not get ready")
        time.sleep(0.05)
    return warm
