"""The process that workers are forked from: it has loaded TensorFlow, and nothing else.

``python -m ann_core.jobs.warm_process`` loads what a training needs and computes nothing with
it: threads would not survive a fork. Requests come through the socket that is its standard
input, each with a socket for the answer and the log of a run; when nobody is left at the other
end, it ends. A forked process is as one that `LocalEngine` starts: in a session of its own,
with its own environment, log and name, and it outlives both this process and the server.
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
from collections.abc import Iterable
from pathlib import Path

from ann_core.jobs.priority import lower_priority
from ann_core.training.loading import load_tensorflow

WORKER = "ann_core.jobs.worker"
LOADED = (
    *(WORKER, "h5py", "ai_edge_litert.interpreter"),
    *("ann_core.runs.model_files", "ann_core.evaluation.artifacts"),
)
"""Modules of a training, with those that they import when they need them."""

TITLE_ROOM = " " * 400
"""Room for what `ps` shall say of a worker; an argument of this process."""

MAX_REQUEST_BYTES = 1 << 20
OOM_SCORE = 1000  # when memory ends, what is only faster goes before what works
GO = b"go"


class ForkServer:
    """Forks a process for each request, and tells who asked how each of them ended."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._clients: dict[int, socket.socket] = {}
        self._awake, wakeup = os.pipe()
        for end in (self._awake, wakeup):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Work until nobody is left who could ask."""
        requests = self._requests.fileno()
        while True:
            ready, _, _ = select.select([requests, self._awake], [], [])
            if self._awake in ready:
                os.read(self._awake, 4096)
            self._tell_of_the_ended()
            if requests in ready and not self._answer():
                return

    def _answer(self) -> bool:
        """Fork a process for the next request; False if there will be none any more."""
        request, (*files,), _, _ = socket.recv_fds(self._requests, MAX_REQUEST_BYTES, maxfds=2)
        if not request:
            return False
        client, log = socket.socket(fileno=files[0]), files[1]
        try:
            pid = os.fork()
        except OSError:  # no memory, or too many processes: whoever asked starts one without us
            traceback.print_exc()
            client.close()
        else:
            if pid == 0:
                for own in (self._requests, *self._clients.values()):
                    own.close()
                become(**json.loads(request), client=client, log=log)
            self._clients[pid] = client
        os.close(log)
        return True

    def _tell_of_the_ended(self) -> None:
        while self._clients:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            with self._clients.pop(pid) as client, contextlib.suppress(OSError):
                client.send(b"exit %d" % os.waitstatus_to_exitcode(status))


def become(
    command: list[str], environment: dict[str, str], folder: str, *, client: socket.socket, log: int
) -> None:
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
        if not _is_confirmed(client):
            return
        sys.argv = command[command.index("-m") + 1 :]
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _is_confirmed(client: socket.socket) -> bool:
    """Tell the own number; whoever asked may have given up, and started another process."""
    with client:
        client.send(b"pid %d" % os.getpid())
        return client.recv(len(GO)) == GO


def rename_process(command: list[str]) -> None:
    """Make this process known by another command: a worker is found by it.

    Raises
    ------
    ValueError
        If its own command had no room for it.
    """
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])  # fields 48 and 49 of proc(5)
    new = b"".join(os.fsencode(part) + b"\0" for part in command[1:])
    first = os.fsencode(command[0]).rjust(end - start - len(new) - 1, b"/")
    if not start or len(first) + 1 + len(new) != end - start:
        raise ValueError(f"no room for {command}")
    ctypes.memmove(start, first + b"\0" + new, end - start)


def load(modules: Iterable[str]) -> None:
    """Import what a worker needs, but for the worker, which each runs as its main module."""
    for name in modules:
        importlib.import_module(name)
    sys.modules.pop(WORKER, None)
    gc.collect()
    gc.freeze()  # what is shared with the forked processes stays shared


def main(modules: Iterable[str] = LOADED) -> None:
    """Load, say so, and serve."""
    if modules:
        load_tensorflow()
    with socket.socket(fileno=os.dup(0)) as requests:
        load(modules)
        print("ready", flush=True)
        ForkServer(requests).serve()


if __name__ == "__main__":
    lower_priority(OOM_SCORE)
    main()
    os._exit(0)
