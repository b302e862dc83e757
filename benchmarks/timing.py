"""Time ways of doing the same in turns, each in a fresh process, and hold them against goals.

A module with rows of the table has a function ``benchmarks(data)`` that lists them, and stands in
`benchmarks.__main__.GROUPS`::

    def benchmarks(data: BenchmarkData) -> list[Benchmark]:
        folder = data.full_size()
        ways = (
            Way("ours", ("-m", "benchmarks.features", str(folder))),
            Way("article's loop", ("benchmarks/peers/decode_loop.py", str(folder)), peer=True),
        )
        rows = (Row("pictures to features", "ours", ("article's loop",), at_least=2.5),)
        return [Benchmark("features", "s", ways, rows)]

A way is what follows the name of a Python interpreter: the app's own or, with ``peer=True``, that
of the peers' environment. It begins in the root of the project. Its figure is the last number on
the last line that it prints, in the unit of its benchmark; smaller is better (seconds, megabytes).
With ``timed="outside"`` the figure is the time of the whole process, start of Python included, and
with ``timed="peak"`` the memory that it and all its children held at most. ``timed="both"`` gives
the number that it prints, and under the name of the way and ", memory" the megabytes that all held
at most, pages of files aside. What it prints before its last line goes into the results, as notes.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

from ann_core.jobs.priority import NICENESS
from benchmarks.processes import Watch

ROOT = Path(__file__).resolve().parents[1]
PEERS_PYTHON = ROOT / os.environ.get("PEERS_VENV", ".venv-peers") / "bin/python"
N_THREADS = 2
_MAX_NOTES = 10


@dataclass(frozen=True)
class Way:
    """One way of doing what a benchmark measures: what a fresh Python is started with."""

    name: str
    command: tuple[str, ...]
    peer: bool = False
    timed: Literal["inside", "outside", "peak", "both"] = "inside"
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the table: what is compared with what, and the goal.

    With `peers`, the ratio is that of the best of them to ours (how many times faster, or
    smaller, ours is). Without, the figure of ours itself is held against the goal, as with
    ``inverse=True`` the ratio of ours to the best peer (at most so many times as long).
    """

    what: str
    ours: str
    peers: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None
    inverse: bool = False


@dataclass(frozen=True)
class Benchmark:
    """Ways that are measured in turns, and the rows that they give."""

    name: str
    unit: str
    ways: tuple[Way, ...]
    rows: tuple[Row, ...]


@dataclass
class Measured:
    """What the turns of a way gave.

    Attributes
    ----------
    figures : list of float
        In the unit of the benchmark, a figure a turn.
    processor_seconds : list of float
        Of the process and all its children, start of Python included.
    notes : list of str
        What the last turn said beside its figure.
    """

    figures: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.figures)

    @property
    def spread(self) -> float:
        """Largest less smallest, as a share of the median."""
        return (max(self.figures) - min(self.figures)) / self.median


def take_turns(
    ways: Sequence[Way], turns: int, *, say: Callable[[str], None] = print
) -> dict[str, Measured]:
    """Run each way once, then each again, so that all meet the same noise."""
    measured: dict[str, Measured] = {}
    for number in range(1, turns + 1):
        for way in ways:
            figures, busy, notes = run(way)
            for name, figure in figures.items():
                each = measured.setdefault(name, Measured())
                each.figures.append(figure)
                each.processor_seconds.append(busy)
                each.notes = notes
                say(f"  turn {number}: {name}: {figure:.3f} ({busy:.1f} s of the processor)")
    return measured


def run(way: Way) -> tuple[dict[str, float], float, list[str]]:
    """Run a way in a fresh process; return its figures by name, processor seconds, and notes.

    Raises
    ------
    RuntimeError
        If it fails or says no number, with what it said.
    """
    python = str(PEERS_PYTHON) if way.peer else sys.executable
    if way.peer and not PEERS_PYTHON.exists():
        raise RuntimeError("The peers' environment is not there: make it with 'make peers'.")
    started = time.perf_counter()
    process = subprocess.Popen(
        [python, *way.command],
        cwd=ROOT,
        env=_environment(way),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with Watch(process.pid, memory=way.timed in {"peak", "both"}) as watch:
        output, errors = process.communicate()
    seconds, busy = time.perf_counter() - started, watch.processor_seconds
    if process.returncode:
        raise RuntimeError(f"{way.name} failed:\n{output[-2000:]}{errors[-4000:]}")
    notes = output.strip().splitlines()[:-1][-_MAX_NOTES:]
    if way.timed == "outside":
        return {way.name: seconds}, busy, notes
    if way.timed == "peak":
        return {way.name: watch.megabytes}, busy, notes
    figures = {way.name: _last_number(way, output)}
    if way.timed == "both":
        figures[f"{way.name}, memory"] = watch.own_megabytes
    return figures, busy, notes


def _environment(way: Way) -> dict[str, str]:
    """Two threads for everybody, and nothing that slows NumPy down."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        environment[name] = str(N_THREADS)
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(ROOT)}
    return environment | dict(way.environment)


def _last_number(way: Way, output: str) -> float:
    lines = output.strip().splitlines() or [""]
    numbers = re.findall(r"\d+(?:\.\d+)?(?:e[-+]?\d+)?", lines[-1])
    if not numbers:
        raise RuntimeError(f"{way.name}: expected a number on the last line, got {lines[-1]!r}.")
    return float(numbers[-1])


def give_equal_terms() -> None:
    """Let this process and its children have two processors, and the priority of our workers.

    A worker steps back behind everything else (`ann_core.jobs.priority`). On a computer that others
    use as well, peers with a higher priority would be measured on another computer.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:N_THREADS])
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        os.nice(NICENESS)


def compare(ours: Callable[[], object], peer: Callable[[], object], repeats: int = 5) -> None:
    """Print the median seconds of two functions of this process, in turns, and the ratio."""
    measured = {"ours": Measured(), "peer": Measured()}
    for _ in range(repeats):
        for name, function in (("ours", ours), ("peer", peer)):
            started = time.perf_counter()
            function()
            measured[name].figures.append(time.perf_counter() - started)
    mine, theirs = measured["ours"], measured["peer"]
    print(
        f"  ours {mine.median:.3f} s, peer {theirs.median:.3f} s, "
        f"ratio {mine.median / theirs.median:.2f}, spread {mine.spread:.0%}"
    )
