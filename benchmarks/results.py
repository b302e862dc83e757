"""What benchmarks gave: held against the goals, written to files, and two runs compared."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from benchmarks.timing import PEERS_PYTHON, Benchmark, Measured, Row

RESULTS = Path(__file__).parent / "results"
AGREE_WITHIN = 0.15
FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16")
_PACKAGES = (
    *("tensorflow-cpu", "tensorflow", "keras", "numpy", "pandas", "pillow"),
    *("torch", "simplejpeg", "scikit-learn"),
)


@dataclass(frozen=True)
class Outcome:
    """A row of the table, measured.

    Attributes
    ----------
    measured : float
        Ratio, or the figure of ours in the unit of the benchmark.
    met : bool
        Whether it is as good as the goal.
    """

    what: str
    compared_with: str
    goal: str
    measured: float
    unit: str
    met: bool


def outcomes(benchmark: Benchmark, measured: dict[str, Measured]) -> list[Outcome]:
    """Hold what was measured against the goals; rows that lack a figure are left out."""
    held = []
    for row in benchmark.rows:
        peers = [name for name in row.peers if name in measured]
        if row.ours in measured and bool(peers) == bool(row.peers):
            held.append(_outcome(row, benchmark.unit, measured, peers=peers))
    return held


def _outcome(
    row: Row, unit: str, measured: dict[str, Measured], *, peers: Sequence[str]
) -> Outcome:
    figure, best = measured[row.ours].median, ""
    if peers:
        best = min(peers, key=lambda name: measured[name].median)
        figure = measured[best].median / figure
        if row.inverse:
            figure = 1 / figure
        unit = "times"
    met = all(
        (
            row.at_least is None or figure >= row.at_least,
            row.at_most is None or figure <= row.at_most,
        )
    )
    goal = f"at least {row.at_least:g}" if row.at_least is not None else f"at most {row.at_most:g}"
    return Outcome(row.what, best, f"{goal} {unit}", figure, unit, met)


def table(rows: Iterable[Outcome]) -> str:
    """Draw rows as a table that Markdown understands too."""
    lines = ["| what | compared with | goal | measured | met |", "|---|---|---|---|---|"]
    for row in rows:
        figure = f"{row.measured:.2f} {row.unit}"
        cells = (row.what, row.compared_with, row.goal, figure, "yes" if row.met else "**no**")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write(
    benchmark: Benchmark, measured: dict[str, Measured], folder: Path, *, add: bool
) -> list[Outcome]:
    """Write a benchmark's file, with what its file holds already if `add`; return its rows."""
    path = folder / f"{benchmark.name}.json"
    if add and path.exists():
        measured = _added(read(path)["ways"], measured)
    held = outcomes(benchmark, measured)
    content = {
        "benchmark": benchmark.name,
        "date": datetime.now(UTC).date().isoformat(),
        "unit": benchmark.unit,
        "machine": machine(),
        "versions": versions(),
        "ways": {
            name: {
                "median": round(each.median, 4),
                "spread": round(each.spread, 3),
                "figures": [round(figure, 4) for figure in each.figures],
                "processor_seconds": [round(seconds, 2) for seconds in each.processor_seconds],
                "notes": each.notes,
            }
            for name, each in measured.items()
        },
        "rows": [asdict(row) | {"measured": round(row.measured, 4)} for row in held],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return held


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def stored(folder: Path) -> list[Outcome]:
    """All rows of a folder of results."""
    return [Outcome(**row) for path in sorted(folder.glob("*.json")) for row in read(path)["rows"]]


def _added(earlier: dict[str, Any], measured: dict[str, Measured]) -> dict[str, Measured]:
    both = {
        name: Measured(each["figures"], each["processor_seconds"], each["notes"])
        for name, each in earlier.items()
    }
    for name, each in measured.items():
        known = both.setdefault(name, Measured())
        known.figures += each.figures
        known.processor_seconds += each.processor_seconds
        known.notes = each.notes
    return both


def disagreements(one: Path, other: Path) -> list[str]:
    """Rows of two folders of results, or two files, that differ by more than they may."""
    first, second = ({row.what: row for row in _rows(path)} for path in (one, other))
    missing = [f"{what}: only in one of the two" for what in first.keys() ^ second.keys()]
    return missing + [
        f"{what}: {first[what].measured:.3f} and {second[what].measured:.3f}"
        for what in sorted(first.keys() & second.keys())
        if _apart(first[what].measured, second[what].measured) > AGREE_WITHIN
    ]


def _rows(path: Path) -> list[Outcome]:
    if path.is_dir():
        return stored(path)
    return [Outcome(**row) for row in read(path)["rows"]]


def _apart(one: float, other: float) -> float:
    return abs(one - other) / min(one, other)


def machine() -> dict[str, Any]:
    """Describe this computer, by nothing that names it."""
    model, flags = platform.processor(), ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line.partition(":") for line in cpuinfo.read_text().splitlines()]
        about = {key.strip(): value.strip() for key, _, value in reversed(lines)}
        model, flags = about.get("model name", model), about.get("flags", "")
    return {
        "processor": model or platform.machine(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in flags.split()],
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
        "system": f"{platform.system()} {platform.machine()}",
    }


def versions() -> dict[str, str]:
    """Versions of Python and of what is compared, in our environment and in the peers'."""
    installed = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            folders = PEERS_PYTHON.parents[1].glob(
                f"lib/python*/site-packages/{package}-*.dist-info"
            )
            for folder in folders:
                installed[package] = folder.name.removesuffix(".dist-info").rpartition("-")[2]
    return installed
