"""A process kept ready, from which workers start without loading TensorFlow first."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import psutil

from ann_core import machine
from ann_core.jobs.warm_process import GO, TITLE_ROOM

WARM_PROCESS = "ann_core.jobs.warm_process"

IDLE_SECONDS = 15 * 60.0
RETRY_SECONDS = 60.0
_FIRST_SECONDS = 15.0
_REPLY_SECONDS = 5.0
_END_SECONDS = 5.0
_ROOM_BYTES = 1_500_000_000  # free memory with which it starts by itself; it keeps 350 MB
_LEAST_BYTES = 500_000_000  # free memory below which it ends by itself

log = logging.getLogger(__name__)


class ForkedWorker:
    """A worker that another process has forked, as `subprocess.Popen` shows a process.

    That process tells how it ended. If it is gone itself, a worker that ends is taken to have
    been killed: what it has written to the registry counts more.
    """

    def __init__(self, pid: int, reports: socket.socket) -> None:
        self.pid = pid
        self.returncode: int | None = None
        reports.setblocking(False)
        self._reports = reports
        self._process = psutil.Process(pid)

    def poll(self) -> int | None:
        """Return the exit code, or None as long as the worker works."""
        if self.returncode is None:
            try:
                report = self._reports.recv(64)
            except BlockingIOError:
                return None
            except OSError:  # closed by either side
                report = b""
            if report:
                self.returncode = int(report.removeprefix(b"exit "))
            elif not is_there(self._process):
                self.returncode = -signal.SIGKILL
            if self.returncode is not None:
                self._reports.close()
        return self.returncode

    def close(self) -> None:
        """Listen no more; it goes on."""
        self._reports.close()


class WarmProcess:
    """The process that workers are forked from: when it starts, and when it ends.

    It starts once somebody is expected to train, if there is memory to spare, and ends when
    nobody has trained for a while, when memory gets short, and with the process that owns this.
    Nothing depends on it: without it, or if it does not answer, workers start by themselves.

    Parameters
    ----------
    setting : "auto", "on", "off" or int
        `Settings.warm_worker`. A number is the descriptor of the requests to one that another
        process has started.
    environment : mapping of str to str
        In which it loads TensorFlow, as a worker would.
    module : str
        What it runs.
    """

    def __init__(
        self, setting: str | int, environment: Mapping[str, str], module: str = WARM_PROCESS
    ) -> None:
        self._setting = setting if sys.platform == "linux" else "off"
        self._environment = dict(environment)
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        self._is_ready = False
        self._workers: list[ForkedWorker] = []
        self._expected_at = self._retry_at = -float("inf")
        if isinstance(self._setting, int):
            with contextlib.suppress(OSError):  # there is no such descriptor, or no socket
                self._requests = socket.socket(fileno=os.dup(self._setting))
                self._is_ready = True

    @property
    def descriptor(self) -> int:
        """Where requests go to; a process that inherits it can be given its number."""
        assert self._requests is not None
        return self._requests.fileno()

    @property
    def pid(self) -> int | None:
        """Its number, while it is there and ours."""
        return None if self._process is None else self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether it has loaded TensorFlow."""
        if not self._is_ready and self._process is not None and self._process.stdout is not None:
            readable, _, _ = select.select([self._process.stdout], [], [], 0)
            self._is_ready = bool(readable) and self._process.stdout.readline() == b"ready\n"
        return self._is_ready

    def expect(self) -> None:
        """Say that somebody may train soon; `tick` does the rest."""
        self._expected_at = time.monotonic()

    def tick(self) -> None:
        """Look once: start it, end it, or notice that it is gone."""
        self._workers = [worker for worker in self._workers if worker.poll() is None]
        if isinstance(self._setting, int):
            return
        is_expected = time.monotonic() - self._expected_at < IDLE_SECONDS
        if self._process is None:
            if is_expected and time.monotonic() >= self._retry_at and self._may_start():
                self._start()
        elif self._process.poll() is not None:
            self._give_up(f"ended (exit code {self._process.returncode})")
        elif not self._workers and (not is_expected or self._is_in_the_way()):
            self._end()

    def fork(
        self, command: list[str], environment: Mapping[str, str], output: IO[bytes]
    ) -> ForkedWorker | None:
        """Start a process that does what `command` says; None if it cannot be done so."""
        self.expect()
        if not self.is_ready:
            if self._process is None:  # the one that starts without it comes first
                self._retry_at = max(self._retry_at, time.monotonic() + _FIRST_SECONDS)
            return None
        try:
            worker = self._ask(command, environment, output)
        except (OSError, ValueError, psutil.Error) as error:
            self._give_up(f"does not answer ({error})")
            return None
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """End it; workers go on."""
        for worker in self._workers:
            worker.close()
        self._end()

    def _ask(
        self, command: list[str], environment: Mapping[str, str], output: IO[bytes]
    ) -> ForkedWorker:
        assert self._requests is not None
        request = {
            "command": command,
            "environment": dict(environment),
            "folder": str(Path.cwd()),
        }
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                files = [theirs.fileno(), output.fileno()]
                socket.send_fds(self._requests, [json.dumps(request).encode()], files)
            ours.settimeout(_REPLY_SECONDS)
            word, _, number = ours.recv(64).partition(b" ")
            if word != b"pid":
                raise OSError(f"no process could be forked: {word.decode()} {number.decode()}")
            worker = ForkedWorker(int(number), ours)
            ours.send(GO)  # only now does it begin: nothing starts twice
        except BaseException:
            ours.close()
            raise
        return worker

    def _may_start(self) -> bool:
        if self._setting == "auto":
            return machine.memory_available() >= _ROOM_BYTES
        return self._setting == "on"

    def _is_in_the_way(self) -> bool:
        return self._setting == "auto" and machine.memory_available() < _LEAST_BYTES

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-P", "-m", self._module, TITLE_ROOM]
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=self._environment,
                    start_new_session=True,  # so that Ctrl-C ends whoever asks first
                )
            except OSError as error:
                ours.close()
                self._give_up(f"cannot start ({error})")
                return
        self._requests, self._is_ready = ours, False

    def _give_up(self, what: str) -> None:
        """Do without it for a while."""
        log.warning("the process that keeps TensorFlow loaded %s; trainings start slower", what)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._end()

    def _end(self) -> None:
        """End the process, or leave one that is shared."""
        if self._requests is not None:
            self._requests.close()
        process, self._process, self._requests = self._process, None, None
        self._is_ready = False
        if process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)  # it has nobody left to work for
        if process.poll() is None:  # it loads, or is stopped
            process.kill()
        process.wait(_END_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def is_there(process: psutil.Process) -> bool:
    """Whether a process is alive: one that has ended but was not buried yet is not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
