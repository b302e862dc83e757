"""How a worker process is started, watched and ended: the only place that knows."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Literal, NamedTuple, Protocol

import psutil

from ann_core.errors import disk_errors
from ann_core.jobs import calibration, oom
from ann_core.jobs.logs import keep_end
from ann_core.jobs.priority import LARGE_PAGES
from ann_core.jobs.warm import WarmProcess, is_there
from ann_core.jobs.warm_process import WORKER
from ann_core.runs.attempts import Worker
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import LOST
from ann_core.settings import Settings

LOG_BYTES = 256 * 1024
"""Of a run's log that are kept when another process begins to write to it."""

KILLED_FOR_MEMORY = (
    "The computer ran out of memory and ended the training. Lower the picture size, the neurons of "
    "the first layer or the batch size, and train again."
)

_DYING_SECONDS = 5.0
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


class Ended(NamedTuple):
    """A worker process that is gone, and why as far as one can tell."""

    run_id: str
    attempt: int
    why: str
    kind: Literal["lost", "memory"]


class Process(Protocol):
    """A started worker, as `subprocess.Popen` shows it."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """How it ended, once `poll` has said that it did; negative if by a signal."""

    def poll(self) -> int | None:
        """How it ended, or None while it works."""


class Engine(Protocol):
    """Starts workers, tells which of them are gone, and ends those that do not listen."""

    def launch(self, run_id: str, attempt: int) -> None:
        """Start a worker; returns at once."""

    def poll(self) -> list[Ended]:
        """List the workers that have ended since the last call."""

    def works(self, worker: Worker) -> bool | None:
        """Whether a worker has got on since the last call; None if it is not to be found here."""

    def ask_to_leave(self, worker: Worker) -> None:
        """Ask a worker to save, and to put its job back into the queue."""

    def kill(self, worker: Worker) -> bool:
        """End a worker at once, whoever started it; whether it was found here, and is gone."""

    def expect(self) -> None:
        """Hear that somebody may train soon."""

    def close(self) -> None:
        """End what only serves the start of workers; they go on."""


class _Child:
    """A worker, and how often the kernel had ended processes around it for want of memory."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._kills_before: dict[Path, int] = {}
        self.look()

    def look(self) -> bool:
        """Whether it is still there."""
        if self.process.poll() is not None:
            return False
        # More than one: a process that is just ending is moved to the group of all groups.
        counter = oom.counter_of(self.process.pid)
        if counter is not None and counter not in self._kills_before:
            self._kills_before[counter] = oom.count(counter)
        return True

    def was_taken_by_kernel(self) -> bool:
        """Whether it was ended because memory was at its end."""
        more = (oom.count(file) > n for file, n in self._kills_before.items())
        return self.process.returncode == -signal.SIGKILL and any(more)


class LocalEngine:
    """Child processes of this computer, in sessions of their own.

    They outlive the web server, and whatever kills it. The database's address
    travels in the environment, for arguments can be read by everybody.

    Parameters
    ----------
    settings : Settings
    keeps_warm : bool
        Whether to start a process from which workers are forked, if the settings allow it, and
        to time this computer once.
    """

    def __init__(self, settings: Settings, *, keeps_warm: bool = False) -> None:
        self._settings = settings
        warm = settings.warm_worker
        is_used = keeps_warm or isinstance(warm, int)
        self.warm = WarmProcess(warm if is_used else "off", self._environment())
        self._calibrates = keeps_warm and not isinstance(warm, int)
        self._calibration: Process | None = None
        self._children: dict[tuple[str, int], _Child] = {}
        self._seconds: dict[tuple[str, int], float] = {}

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
        command = [sys.executable, "-P", "-m", WORKER, run_id, str(attempt)]
        self._end_calibration()
        with disk_errors(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
            keep_end(folder.log, LOG_BYTES)
            with folder.log.open("ab") as log:
                process = self._start(command, log)
        self._children[run_id, attempt] = _Child(process)

    def poll(self) -> list[Ended]:
        """List the workers that have ended, with a reason in plain words."""
        self.warm.tick()
        ended = [key for key, child in self._children.items() if not child.look()]
        reasons = [_reason(*key, self._children.pop(key)) for key in ended]
        if reasons and self._calibrates and not self._children:
            self._calibrate()
        return reasons

    def works(self, worker: Worker) -> bool | None:
        """Whether it has used the processor since the last call, or waits for it to be free.

        At the first call it is taken to have.
        """
        key = (worker.run_id, worker.attempt)
        before = self._seconds.pop(key, -1.0)
        process = self._find(worker)
        if process is None:
            return None
        try:
            times = process.cpu_times()
            self._seconds[key] = times.user + times.system
            return self._seconds[key] > before or _waits_for_processor(process)
        except psutil.Error:
            return None

    def ask_to_leave(self, worker: Worker) -> None:
        """Send the signal that a computer sends before it is shut down."""
        process = self._find(worker)
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()

    def kill(self, worker: Worker) -> bool:
        """End a worker of this computer, also one that an earlier server started."""
        process = self._find(worker)
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        give_up = time.monotonic() + _DYING_SECONDS
        # Not `wait`: that would take the exit code away from its parent, which may be we.
        while is_there(process):
            if time.monotonic() > give_up:
                return False
            time.sleep(0.01)
        return True

    def expect(self) -> None:
        """Keep a process ready, from which the next worker starts at once."""
        self.warm.expect()

    def close(self) -> None:
        """End the process that was kept ready."""
        self._end_calibration()
        self.warm.close()

    def _find(self, worker: Worker) -> psutil.Process | None:
        """Find a worker's process on this computer; it may not have told its number yet."""
        if worker.host != socket.gethostname():
            return None
        child = self._children.get((worker.run_id, worker.attempt))
        mine = child.process.pid if child and child.process.poll() is None else None
        pid = mine or worker.pid
        for candidate in psutil.pids() if pid is None else [pid]:
            try:
                process = psutil.Process(candidate)
                # A number is given again: it must still be the process that we mean.
                command = [WORKER, worker.run_id, str(worker.attempt)]
                if candidate == mine or process.cmdline()[-3:] == command:
                    return process
            except (psutil.Error, ValueError):
                continue
        return None

    def _calibrate(self) -> None:
        """Time this computer once, while no worker needs it."""
        if self._calibration is None and calibration.read_calibration(self._settings) is None:
            command = [sys.executable, "-P", "-m", calibration.MODULE]
            with Path(os.devnull).open("ab") as nothing, contextlib.suppress(OSError):
                self._calibration = self._start(command, nothing)

    def _end_calibration(self) -> None:
        """Stop measuring: it is tried again after the next training."""
        if self._calibration is not None and self._calibration.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(self._calibration.pid).kill()
        self._calibration = None

    def _start(self, command: list[str], log: IO[bytes]) -> Process:
        environment = self._environment()
        return self.warm.fork(command, environment, log) or subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        settings = self._settings.model_dump() | {
            "database_url": self._settings.registry_url,
            "slots": self._settings.n_slots,
        }
        return (
            os.environ
            | {f"ANN_{name.upper()}": str(value) for name, value in settings.items()}
            | {
                "TF_CPP_MIN_LOG_LEVEL": "2",
                "KERAS_BACKEND": "tensorflow",
                "PYTHONPATH": str(_PACKAGE_PARENT),
                "PYTHONUNBUFFERED": "1",
                "GLIBC_TUNABLES": os.environ.get("GLIBC_TUNABLES", LARGE_PAGES),
            }
        )


def _waits_for_processor(process: psutil.Process) -> bool:
    """Whether it could go on if it were its turn; on Linux each thread has a state of its own."""
    states = []
    for thread in Path(f"/proc/{process.pid}/task").glob("*/stat"):
        with contextlib.suppress(OSError):
            states.append(thread.read_text().rpartition(") ")[2][:1])
    return "R" in states or process.status() == psutil.STATUS_RUNNING


def _reason(run_id: str, attempt: int, child: _Child) -> Ended:
    returncode = child.process.returncode
    assert returncode is not None
    if child.was_taken_by_kernel():
        return Ended(run_id, attempt, KILLED_FOR_MEMORY, "memory")
    if returncode < 0:
        return Ended(run_id, attempt, LOST, "lost")
    why = f"The training process ended unexpectedly (exit code {returncode}); its log says more."
    return Ended(run_id, attempt, why, "lost")
