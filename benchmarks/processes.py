"""The memory of a process and all its children, watched from outside."""

import threading
from pathlib import Path
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
    own_megabytes : float
        The same without pages of files, which the system may drop at any moment.
    """

    def __init__(self, pid: int, *, watch: bool = True) -> None:
        self.megabytes = self.own_megabytes = 0.0
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
            held, own = held_megabytes(self._pid)
            self.megabytes = max(self.megabytes, held)
            self.own_megabytes = max(self.own_megabytes, own)


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
