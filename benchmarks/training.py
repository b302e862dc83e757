"""Epochs 2 to 4 of the presets `article` and `small`: ours against peers, and against the machine.

``python -m benchmarks.training PRESET DATA_DIR`` trains as the command `train` does, in a worker
process with checkpoints and everything, and prints the mean seconds of an epoch.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

from benchmarks.data import NAME, BenchmarkData
from benchmarks.results import machine
from benchmarks.timing import ROOT, Benchmark, Row, Way

N_EPOCHS = 4
ARTICLE, KERAS, XLA = "article's way", "Keras fit", "Keras fit, XLA"
PYTORCH: dict[str, tuple[str, ...]] = {
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
    return [
        Benchmark("training-article", "s", (*ways("article", data), limit(data)), article),
        Benchmark("training-small", "s", ways("small", data), small),
    ]


def ways(network: str, data: BenchmarkData) -> tuple[Way, ...]:
    """Ours and all peers."""
    table = str(data.table())
    scripts: dict[str, tuple[str, ...]] = {ARTICLE: ("article_notebook.py",)}
    scripts |= {KERAS: ("keras_fit.py",), XLA: ("keras_fit.py", "--xla")}
    scripts |= {name: ("pytorch.py", *switches) for name, switches in PYTORCH.items()}
    peers = [
        Way(name, (f"benchmarks/peers/{script}", table, network, *switches), peer=True)
        for name, (script, *switches) in scripts.items()
    ]
    ours = Way("ours", ("-m", "benchmarks.training", network, str(data.data_dir())))
    return ours, *peers


def limit(data: BenchmarkData) -> Way:
    """What the machine is measured to do, in the precision that ours takes by itself."""
    switches = ("--bfloat16",) if {"avx512_bf16", "amx_bf16"} & set(machine()["flags"]) else ()
    script = "benchmarks/peers/machine_limit.py"
    return Way("limit", (script, str(data.table()), "article", *switches), peer=True)


def seconds_per_epoch(preset: str, data_dir: Path, n_epochs: int = N_EPOCHS) -> float:
    """Train by the command line, and return the mean seconds of epochs 2 and later."""
    options = ("--preset", preset, "--epochs", str(n_epochs))
    with tempfile.TemporaryDirectory() as folder:  # what an earlier run left goes on in another
        url = f"sqlite:///{folder}/registry.db"
        run = command("train", NAME, *options, data_dir=data_dir, database_url=url)
        command("delete", run["id"], data_dir=data_dir, database_url=url)
    print("seconds of each epoch: " + ", ".join(f"{e['seconds']:.2f}" for e in run["history"]))
    return float(mean(epoch["seconds"] for epoch in run["history"][1:]))


def command(*arguments: str, data_dir: Path, database_url: str = "") -> dict[str, Any]:
    """Run a command of the app, and return what it says as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "ann_core", *arguments, "--json"],
        cwd=ROOT,
        env=os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_DATABASE_URL": database_url},
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    print(seconds_per_epoch(sys.argv[1], Path(sys.argv[2])))
