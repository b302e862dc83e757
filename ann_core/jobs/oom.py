"""How Linux tells that it ended a process because memory was at its end."""

from __future__ import annotations

from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")
_WHOLE_COMPUTER = Path("/proc/vmstat")


def counter_of(pid: int) -> Path | None:
    """Find the file that counts such ends among the processes around `pid`; None beyond Linux.

    That of its control group, as a container has one, else that of the computer.
    """
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        _, controllers, path = line.split(":", 2)
        group = path.lstrip("/")
        if "memory" in controllers.split(","):
            files = [_GROUPS / "memory" / group / "memory.oom_control"]
        elif not controllers:  # the second version has one tree for all
            files = [_GROUPS / group / name for name in ("memory.events.local", "memory.events")]
        else:
            continue
        for file in files:
            if _read(file) is not None:
                return file
    return _WHOLE_COMPUTER


def count(counter: Path) -> int:
    """Read a counter; 0 if it cannot be read."""
    return _read(counter) or 0


def _read(counter: Path) -> int | None:
    try:
        lines = counter.read_text().splitlines()
    except OSError:
        return None
    counts = (int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return next(counts, None)
