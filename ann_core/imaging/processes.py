"""Call one function for many items in processes of their own, and get its results in order.

Not by `multiprocessing`: a process that it spawns runs the main script once more, one that it forks
inherits locks that other threads hold, and both stay behind when this process is killed. Here each
child reads items from a pipe, and ends when there is nobody left to write to it.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

_AHEAD = 3  # items for each process that are under way or wait to be taken
_WAIT_SECONDS = 0.2
# To start processes takes a third of a second each, so they must save more than that.
_WORTH_SECONDS = 1.5
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]

Item = TypeVar("Item")
Result = TypeVar("Result")


def call_in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    n_processes: int,
    waiting: Callable[[], None] = lambda: None,
) -> Generator[Result, None, None]:
    """Give the results of a function, in the order of its items, whoever is ready first.

    Few items are taken ahead, so it makes no difference to the memory how many there are. Close
    the iterator to end the processes at once. Until the first of them is ready, this one does the
    work.

    Parameters
    ----------
    function : callable
        Of a module, so that a child can import it; items and results can be pickled.
    n_processes : int
        With 1, it is called here.
    waiting : callable
        Called several times a second while nothing is ready; what it raises ends everything.

    Raises
    ------
    MemoryError
        If a child was killed, as systems do that run out of memory.
    RuntimeError
        If a child ended by itself.
    """
    if n_processes == 1:
        yield from map(function, items)
        return
    with _Children(function, n_processes) as children:
        pending: deque[Future[Result]] = deque()
        for item in items:
            if not children.are_ready:
                yield function(item)
                continue
            pending.append(children.submit(item))
            if len(pending) >= _AHEAD * n_processes:
                yield _result(pending.popleft(), waiting)
        while pending:
            yield _result(pending.popleft(), waiting)


def worth_starting(seconds: float) -> int:
    """As many processes as there may be, if they save more time than it takes to start them.

    Parameters
    ----------
    seconds : float
        How long the work takes in one process, about.
    """
    if seconds < _WORTH_SECONDS:
        return 1
    from ann_core.settings import get_settings  # here: it takes long to import

    return get_settings().n_threads


def _result(future: Future[Result], waiting: Callable[[], None]) -> Result:
    while not wait([future], _WAIT_SECONDS).done:
        waiting()
    return future.result()


class _Children:
    """Processes that wait for items, and a thread for each that hands them over."""

    def __init__(self, function: Callable[[Any], Any], number: int) -> None:
        self._all = [_Child(function) for _ in range(number)]
        self._free: queue.SimpleQueue[_Child] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="ask-child")
        self._starting = [self._threads.submit(self._welcome, child) for child in self._all]

    @property
    def are_ready(self) -> bool:
        """Whether any of them can be asked."""
        return any(start.done() for start in self._starting)

    def __enter__(self) -> _Children:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._all:
            child.end()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, item: Any) -> Future[Any]:
        return self._threads.submit(self._ask, item)

    def _welcome(self, child: _Child) -> None:
        try:
            child.reply()
        finally:
            self._free.put(child)

    def _ask(self, item: Any) -> Any:
        child = self._free.get()
        try:
            return child.ask(item)
        finally:
            self._free.put(child)


class _Child:
    """One process."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        name = f"{function.__module__}:{function.__qualname__}"
        environment = {"PYTHONPATH": str(_PACKAGE_PARENT), "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | environment,
        )

    def ask(self, item: Any) -> Any:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it is gone, and `reply` says why
            pickle.dump(item, self._process.stdin, protocol=pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        return self.reply()

    def reply(self) -> Any:
        """Read what it says next; that it is ready, at first."""
        assert self._process.stdout is not None
        try:
            raised, value = pickle.load(self._process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError) as error:
            code = self._process.wait()
            if code == -getattr(signal, "SIGKILL", 9):
                raise MemoryError("a process that was helping was killed") from error
            raise RuntimeError(f"a process that was helping ended with code {code}") from error
        if raised:
            raise value
        return value

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not written any more
                if pipe is not None:
                    pipe.close()


def _serve(name: str) -> None:
    """Reply until the pipe ends; a request to end is for the process that asks."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no reply
    module, _, function = name.partition(":")
    call = getattr(importlib.import_module(module), function)
    reply: tuple[bool, Any] = (False, None)
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            pickle.dump(reply, replies, protocol=pickle.HIGHEST_PROTOCOL)
            replies.flush()
            item = pickle.load(sys.stdin.buffer)
            try:
                reply = (False, call(item))
            except Exception as error:
                reply = (True, error)


if __name__ == "__main__":
    _serve(sys.argv[1])
    os._exit(0)
