"""What a process and all its children take of memory and processor, watched from outside."""

import contextlib
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_PAUSE = 0.1  # seconds; what is held for less is not seen
_PAUSES_A_LOOK = 10  # looking at gigabytes takes long, and is not to slow them down


class Watch:
    """Watch a process and its children until the end of a `with` block.

    Memory is the proportional set size where the system tells it (Linux): what processes share, as
    forked ones do, counts once.

    Attributes
    ----------
    megabytes : float
        Most that all of them held at the same moment; 0 if not watched.
    own_megabytes : float
        The same without pages of files, which the system may drop at any moment.
    """

    def __init__(self, pid: int, *, memory: bool = True) -> None:
        self.megabytes = self.own_megabytes = 0.0
        self._memory = memory
        self._busy: dict[int, float] = {}
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        took = 0.0
        while not self._over.wait(max(_PAUSE, _PAUSES_A_LOOK * took)):
            started = time.thread_time()
            self._busy |= processor_seconds(self._pid)
            if self._memory:
                held, own = held_megabytes(self._pid)
                self.megabytes = max(self.megabytes, held)
                self.own_megabytes = max(self.own_megabytes, own)
            took = time.thread_time() - started

    @property
    def processor_seconds(self) -> float:
        """Of all processes that were seen, also of those that nobody waited for."""
        return sum(self._busy.values())


def processor_seconds(pid: int) -> dict[int, float]:
    """Seconds of the processor that a process and its children have taken so far, by number."""
    taken = {}
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                taken[each.pid] = times.user + times.system
    return taken


def held_megabytes(pid: int) -> tuple[float, float]:
    """Megabytes that a process and all its children hold now, with and without pages of files."""
    try:
        process = psutil.Process(pid)
        held = [_held(each.pid) for each in (process, *process.children(recursive=True))]
    except psutil.NoSuchProcess:
        return 0.0, 0.0
    return sum(each[0] for each in held) / 1e6, sum(each[1] for each in held) / 1e6


def _held(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in map(_parted, lines)}
        return sizes["Pss"], sizes["Pss"] - sizes.get("Pss_File", 0)
    except OSError:  # it has ended, or this is not Linux
        pass
    try:
        memory = psutil.Process(pid).memory_full_info()
    except psutil.Error:
        return 0, 0
    return int(memory.uss), int(memory.uss)


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")
