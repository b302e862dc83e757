"""The memory of a process and all its children, watched from outside."""

import threading
from types import TracebackType
from typing import Self

import psutil

_PAUSE = 0.1  # seconds; what is held for less is not seen


class PeakMemory:
    """Watch a process and its children until the end of a `with` block.

    Counted is the proportional set size where the system tells it (Linux): what processes share,
    as forked ones do, counts once.

    Attributes
    ----------
    megabytes : float
        Most that all of them held at the same moment; 0 if not watched.
    """

    def __init__(self, pid: int, *, watch: bool = True) -> None:
        self.megabytes = 0.0
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True) if watch else None

    def __enter__(self) -> Self:
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE):
            self.megabytes = max(self.megabytes, held_megabytes(self._pid))


def held_megabytes(pid: int) -> float:
    """Megabytes that a process and all its children hold now; 0 if it has ended."""
    try:
        process = psutil.Process(pid)
        return sum(map(_held, (process, *process.children(recursive=True)))) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def _held(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.Error:  # it has ended, or is another account's
        return 0
    return int(getattr(memory, "pss", memory.uss))
