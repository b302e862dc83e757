"""Epochs 2 to 4 of the presets `article` and `small`: ours against peers, and against the machine.

``python -m benchmarks.training PRESET DATA_DIR`` trains as the command `train` does, in a worker
process with checkpoints and everything, and prints the mean seconds of an epoch.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean

from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import ROOT, Benchmark, Row, Way

N_EPOCHS = 4
ARTICLE, KERAS, XLA = "article's way", "Keras fit", "Keras fit, XLA"
PYTORCH = {
    "PyTorch": (),
    "PyTorch, fused Adam": ("--fused",),
    "PyTorch, compiled": ("--fused", "--compile"),
    "PyTorch, bfloat16": ("--fused", "--bfloat16"),
    "PyTorch, bfloat16, compiled": ("--fused", "--bfloat16", "--compile"),
}


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    article = (
        Row("`article`: an epoch", "ours", (ARTICLE,), at_least=2),
        Row("`article`: an epoch, Keras with XLA", "ours", (XLA,), at_least=1.25),
        Row("`article`: an epoch, best PyTorch", "ours", tuple(PYTORCH), at_least=1.8),
        Row("`article`: share of the machine's limit", "ours", ("limit",), at_least=0.8),
    )
    small = (
        Row("`small`: an epoch", "ours", (KERAS,), at_least=3.5),
        Row("`small`: an epoch, best peer", "ours", (ARTICLE, KERAS, XLA, *PYTORCH), at_least=2),
    )
    ours, peers = ours_by_preset(data), peers_by_network(data)
    limit = Way("limit", ("-m", "benchmarks.machine_limit", str(data.table())))
    return [
        Benchmark("training-article", "s", (ours("article"), limit, *peers("article")), article),
        Benchmark("training-small", "s", (ours("small"), *peers("small")), small),
    ]


def ours_by_preset(data: BenchmarkData):
    folder = str(data.data_dir())
    return lambda preset: Way("ours", ("-m", "benchmarks.training", preset, folder))


def peers_by_network(data: BenchmarkData):
    table = str(data.table())

    def ways(network: str) -> list[Way]:
        scripts = {ARTICLE: ("article_notebook.py",), KERAS: ("keras_fit.py",)}
        scripts[XLA] = ("keras_fit.py", "--xla")
        scripts |= {name: ("pytorch.py", *switches) for name, switches in PYTORCH.items()}
        return [
            Way(name, (f"benchmarks/peers/{script}", table, network, *switches), peer=True)
            for name, (script, *switches) in scripts.items()
        ]

    return ways


def seconds_per_epoch(preset: str, data_dir: Path, n_epochs: int = N_EPOCHS) -> float:
    """Train by the command line, and return the mean seconds of epochs 2 and later."""
    run = command("train", NAME, "--preset", preset, "--epochs", str(n_epochs), data_dir=data_dir)
    command("delete", run["id"], data_dir=data_dir)
    return mean(epoch["seconds"] for epoch in run["history"][1:])


def command(*arguments: str, data_dir: Path) -> dict:
    """Run a command of the app, and return what it says as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "ann_core", *arguments, "--json"],
        cwd=ROOT,
        env=os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_DATABASE_URL": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    print(seconds_per_epoch(sys.argv[1], Path(sys.argv[2])))
