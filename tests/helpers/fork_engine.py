"""An engine for tests whose workers need not load TensorFlow, and the server that it asks."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

from ann_core.jobs.engine import LocalEngine, Process
from ann_core.settings import Settings
from tests.helpers.fork_server import TITLE_ROOM

ROOT = Path(__file__).resolve().parents[2]


class ForkedWorker:
    """A worker that the server has forked, as `subprocess.Popen` shows a process."""

    def __init__(self, server: socket.socket, pid: int) -> None:
        self._server = server
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None as long as the worker works."""
        if self.returncode is None:
            try:
                self.returncode = int(self._server.recv(64, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return None
            self._server.close()
        return self.returncode

    def wait(self) -> None:
        """Wait until it has ended."""
        if self.returncode is None:
            self.returncode = int(self._server.recv(64))
            self._server.close()


class WorkerEngine(LocalEngine):
    """As `LocalEngine`, but that its workers are forked from a process that has TensorFlow.

    With `real_start` they are not, and their priority is low.
    """

    def __init__(self, settings: Settings, *, real_start: bool = False) -> None:
        super().__init__(settings)
        self._forks = sys.platform == "linux" and not real_start
        self._started: list[Process] = []

    def has_ended(self) -> bool:
        """Whether none of its workers is left."""
        return all(process.poll() is not None for process in self._started)

    def _start(self, command: list[str], log: IO[bytes]) -> Process:
        start = self._fork if self._forks else super()._start
        self._started.append(start(command, log))
        return self._started[-1]

    def _fork(self, command: list[str], log: IO[bytes]) -> Process:
        return fork(command, self._environment(), log)


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
        if sys.platform == "linux":
            process = fork(command, environment, file)
            process.wait()
        else:
            process = subprocess.run(command, env=environment, stdout=file, stderr=file)
    if process.returncode:
        raise RuntimeError(log.read_text())


def fork(command: list[str], environment: dict[str, str], log: IO[bytes]) -> ForkedWorker:
    """Ask the server for a process that does what `command` says."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    server.connect(str(fork_server()))
    request = {"command": command, "environment": environment, "folder": str(Path.cwd())}
    socket.send_fds(server, [json.dumps(request).encode()], [log.fileno()])
    return ForkedWorker(server, int(server.recv(64)))


@functools.cache
def fork_server() -> Path:
    """Start a server that forks workers, for the rest of this process; return its socket."""
    folder = Path(tempfile.mkdtemp(prefix="flatland-"))  # a socket's path must be short
    path = folder / "socket"
    command = [sys.executable, "-P", "-m", "tests.helpers.fork_server", TITLE_ROOM, str(path)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow"}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (folder / "log").open("wb") as log:
        # In a session of its own, so that Ctrl-C ends the tests first.
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    atexit.register(_stop, process, folder)
    assert process.stdout
    if process.stdout.readline() != b"listening\n":
        raise RuntimeError((folder / "log").read_text())
    return path


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    process.communicate()
    shutil.rmtree(folder)
