"""Workers without the seconds in which TensorFlow loads: forked from a process that has it.

``python -m tests.helpers.fork_server SOCKET`` loads TensorFlow once, computes nothing with
it, and forks a worker (or any module, run as a program) for each request on the socket. It
ends when its input does. A worker is as one that `LocalEngine` starts, in a session of its
own, with its own environment and its own log; only its low priority is off, so that a busy
computer does not starve it.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import traceback
from pathlib import Path

from ann_core.jobs import priority
from ann_core.jobs.engine import WORKER

# What the modules of the worker import when they need it.
LOADED_LATE = (
    *("tensorflow", "keras", "h5py", "ai_edge_litert.interpreter"),
    *("ann_core.training.network", "ann_core.runs.model_files", "ann_core.evaluation.artifacts"),
    *("ann_core.datasets.profile.profile", "ann_core.evaluation.baseline_fitting"),
    *("ann_core.datasets.parquet", "ann_core.jobs.import_job", "sklearn.neighbors"),
)
# Room for what `ps` shall say of a worker; it is the first argument of the server.
TITLE_ROOM = "-" * 400


class Server:
    """Forks workers on request, and tells who asked how each of them ended."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._clients: dict[int, socket.socket] = {}
        self._awake, wakeup = os.pipe()
        os.set_blocking(wakeup, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Work until the input ends."""
        while True:
            ready, _, _ = select.select([sys.stdin, self._listener, self._awake], [], [])
            if sys.stdin in ready:
                return
            if self._listener in ready:
                self._fork()
            if self._awake in ready:
                os.read(self._awake, 4096)
            self._tell_of_the_ended()

    def _fork(self) -> None:
        client, _ = self._listener.accept()
        message, (log,), _, _ = socket.recv_fds(client, 1 << 20, maxfds=1)
        pid = os.fork()
        if pid == 0:
            for own in (client, self._listener, *self._clients.values()):
                own.close()
            become_worker(**json.loads(message), log=log)
        os.close(log)
        self._clients[pid] = client
        client.send(str(pid).encode())

    def _tell_of_the_ended(self) -> None:
        while self._clients:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._clients.pop(pid) as client, contextlib.suppress(OSError):
                client.send(str(os.waitstatus_to_exitcode(status)).encode())


def become_worker(command: list[str], environment: dict[str, str], folder: str, log: int) -> None:
    """Be, in a forked process, what `command` would be; never returns."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.chdir(folder)
        for output in (1, 2):
            os.dup2(log, output)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for unused in (log, nothing):
            os.close(unused)
        os.environ.clear()
        os.environ.update(environment)
        rename_process(command)
        sys.argv = command[command.index("-m") + 1 :]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def rename_process(command: list[str]) -> None:
    """Make this process known by another command: engine and tests find a worker by it."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # fields 48 and 49 of proc(5)
    new = b"".join(os.fsencode(part) + b"\0" for part in command[1:])
    first = os.fsencode(command[0]).rjust(end - start - len(new) - 1, b"/")
    if len(first) + 1 + len(new) != end - start:
        raise ValueError(f"no room for {command}")
    ctypes.memmove(start, first + b"\0" + new, end - start)


def load() -> None:
    """Import all that workers do, and compute nothing: threads would not survive a fork."""
    for name in (WORKER, *LOADED_LATE):
        importlib.import_module(name)
    del sys.modules[WORKER]  # each worker runs it as its own main module
    priority.lower_priority = lambda: None


def main(path: str) -> None:
    """Load, then listen."""
    load()
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen(16)
        print("listening", flush=True)
        Server(listener).serve()


if __name__ == "__main__":
    main(sys.argv[-1])
