"""Measure the table of speed and memory against peers: ``make bench``.

Figures of different machines, or of a busy one, say little; ratios of the same run hold.
``make bench ARGS="training --turns 1"`` measures one group, once; with ``--add`` the turns are
added to those that the results hold already, and ``--ways`` takes only some of the ways, so that a
long run can be made in parts. ``make bench-compare A=... B=...`` compares two folders of results;
``python -m benchmarks table`` prints the stored ones.
"""

import argparse
import sys
from pathlib import Path

from benchmarks import features, importing, inside, memory_peak, responses, scale, start, training
from benchmarks.data import BenchmarkData
from benchmarks.results import AGREE_WITHIN, RESULTS, Outcome, disagreements, stored, table, write
from benchmarks.timing import Benchmark, give_equal_terms, take_turns

GROUPS = {
    "training": training.benchmarks,
    "inside": inside.benchmarks,
    "responses": responses.benchmarks,
    "start": start.benchmarks,
    "features": features.benchmarks,
    "import": importing.benchmarks,
    "scale": scale.benchmarks,
    "memory": memory_peak.benchmarks,
}


def main(arguments: list[str]) -> int:
    """Measure what is named, or all; 1 if two results that are compared disagree."""
    if arguments[:1] == ["compare"]:
        return _compare(*map(Path, arguments[1:3]))
    if arguments[:1] == ["table"]:
        print(table(stored(RESULTS)))
        return 0
    options = _parser().parse_args(arguments)
    give_equal_terms()
    data = BenchmarkData()
    rows: list[Outcome] = []
    for group in options.groups or GROUPS:
        for benchmark in GROUPS[group](data):
            if not options.only or benchmark.name in options.only:
                rows += _measure(benchmark, options)
    print(table(rows))
    return 0


def _measure(benchmark: Benchmark, options: argparse.Namespace) -> list[Outcome]:
    ways = [way for way in benchmark.ways if not options.ways or way.name in options.ways]
    print(f"{benchmark.name}, {benchmark.unit}", flush=True)
    measured = take_turns(ways, options.turns, say=lambda line: print(line, flush=True))
    return write(benchmark, measured, options.results, add=options.add)


def _compare(one: Path, other: Path) -> int:
    lines = disagreements(one, other)
    print("\n".join(lines) or f"All figures agree within {AGREE_WITHIN:.0%}.")
    return 1 if lines else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="all by default")
    parser.add_argument("--turns", type=int, default=3, help="how often each way is run")
    parser.add_argument("--only", nargs="+", help="names of benchmarks of the groups")
    parser.add_argument("--ways", nargs="+", help="names of ways, such as ours")
    parser.add_argument("--add", action="store_true", help="keep the turns of the stored results")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
