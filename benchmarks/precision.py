"""Does bfloat16 cost accuracy? Pairs of trainings that differ in the precision alone.

    ANN_DATA_DIR=folder python -m ann_core import dogs-vs-cats-180px.zip --name dogs-vs-cats
    ANN_DATA_DIR=folder python -m benchmarks.precision train small 10
    ANN_DATA_DIR=folder python -m benchmarks.precision train article 3
    ANN_DATA_DIR=folder python -m benchmarks.precision table

``train PRESET SEEDS`` trains with the seeds 1, 2, ... in both precisions by the command line, 12
epochs each (``--epochs``), and leaves out what a folder has already. ``table`` prints what
`docs/precision.md` shows.
"""

import argparse
import itertools
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np
from scipy import stats

from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import get_settings
from ann_core.training.network_config import PRESETS
from benchmarks.timing import ROOT

DATASET = "dogs-vs-cats"
PRECISIONS = ("float32", "bfloat16")
N_EPOCHS = 12
LEVEL = 0.95


@dataclass(frozen=True)
class Ended:
    """What a training gave: accuracies as shares, seconds of its epochs without the first."""

    validation: float
    test: float
    seconds: tuple[float, ...]


def main(arguments: list[str]) -> None:
    """Train what is missing, or print what is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    commands = parser.add_subparsers(required=True)
    train = commands.add_parser("train")
    train.set_defaults(
        act=lambda options: train_pairs(options.preset, options.seeds, options.epochs)
    )
    train.add_argument("preset", choices=PRESETS)
    train.add_argument("seeds", type=int)
    train.add_argument("--epochs", type=int, default=N_EPOCHS)
    commands.add_parser("table").set_defaults(act=lambda _: print_table())
    options = parser.parse_args(arguments)
    options.act(options)


def train_pairs(preset: str, n_seeds: int, n_epochs: int) -> None:
    """Train each seed in one precision and then in the other."""
    done = finished()
    for seed, precision in itertools.product(range(1, n_seeds + 1), PRECISIONS):
        name = f"{preset}, seed {seed}, {precision}"
        if name not in done:
            network = {"preset": preset, "epochs": n_epochs, "seed": seed, "precision": precision}
            options = [
                f"--{option}={value}" for option, value in (network | {"name": name}).items()
            ]
            command = [sys.executable, "-m", "ann_core", "train", DATASET, *options]
            subprocess.run(command, cwd=ROOT, check=True)


def finished() -> dict[str, Run]:
    """Read the runs that are done, by name."""
    return {run.name: run for run in registry().recent() if run.status == "done"}


@cache
def registry() -> Registry:
    """Open the registry of the data folder."""
    return Registry(get_settings().registry_url)


def print_table() -> None:
    """Print a table a preset, with all pairs and what they say together."""
    runs = finished()
    for preset in PRESETS:
        names = [name.rsplit(", ", 1)[0] for name in runs if name.startswith(f"{preset}, ")]
        seeds = sorted({name for name in names if all(f"{name}, {p}" in runs for p in PRECISIONS)})
        pairs = [[ended(runs[f"{name}, {p}"]) for p in PRECISIONS] for name in seeds]
        if len(pairs) > 1:
            print(f"\n{preset}, {len(pairs)} pairs\n")
            print("\n".join(lines(pairs)))


def ended(run: Run) -> Ended:
    """Say what a run gave; it must have computed in the precision that its name says."""
    result = run.learned
    assert run.name.endswith(result.precision)
    seconds = tuple(epoch.seconds for epoch in registry().metrics(run.id))[1:]
    return Ended(result.accuracy["validation"], result.accuracy["test"], seconds)


def lines(pairs: list[list[Ended]]) -> list[str]:
    """Write the table: shares in percent, differences in points."""
    rows = [
        "| accuracy, % | float32 | bfloat16 | bfloat16 less float32, 95 % interval |",
        "|---|---|---|---|",
    ]
    for split in ("validation", "test"):
        shares = 100 * np.array([[getattr(each, split) for each in pair] for pair in pairs])
        means, deviations = shares.mean(axis=0), shares.std(axis=0, ddof=1)
        both = [f"{m:.2f} ± {d:.2f}" for m, d in zip(means, deviations, strict=True)]
        low, high = interval(shares[:, 1] - shares[:, 0])
        difference = means[1] - means[0]
        rows.append(
            f"| {split} | {' | '.join(both)} | {difference:+.2f} ({low:+.2f} to {high:+.2f}) |"
        )
        each = ", ".join(f"{one:.2f}/{other:.2f}" for one, other in shares)
        intervals = [interval(shares[:, column]) for column in (0, 1)]
        rows.append(f"{split}, each pair: {each}")
        rows.append(
            f"{split}, intervals of the means: "
            + ", ".join(f"{low:.2f} to {high:.2f}" for low, high in intervals)
        )
    seconds = [median(s for pair in pairs for s in pair[column].seconds) for column in (0, 1)]
    rows.append(f"| median seconds an epoch | {seconds[0]:.1f} | {seconds[1]:.1f} | |")
    return rows


def interval(values: np.ndarray) -> tuple[float, float]:
    """The interval of a mean by Student's t distribution, at the level of 95 %."""
    centre, error = values.mean(), stats.sem(values)
    low, high = stats.t.interval(LEVEL, len(values) - 1, loc=centre, scale=error)
    return float(low), float(high)


if __name__ == "__main__":
    main(sys.argv[1:])
