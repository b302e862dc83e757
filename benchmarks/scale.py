"""Import and an epoch of many small pictures: whether time is linear, and memory flat.

``python -m benchmarks.scale ZIP N_IMAGES`` imports 64-pixel pictures and trains an epoch of `small`
by the commands, in a new data folder, and prints the seconds for each 100,000 pictures.
``FLATLAND_BENCH_SCALES=10000,100000`` compares two other numbers.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.data import NAME, BenchmarkData
from benchmarks.timing import Benchmark, Row, Way
from benchmarks.training import command

_SIZE = "64"


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    text = os.environ.get("FLATLAND_BENCH_SCALES", "100000,1000000")
    few, many = (f"{int(number):,} pictures" for number in text.split(","))
    ways = tuple(_way(int(number), data) for number in text.split(","))
    rows = (
        Row(f"{many}, import and an epoch: time", many, (few,), at_most=1.1, inverse=True),
        Row(
            f"{many}, import and an epoch: memory",
            f"{many}, memory",
            (f"{few}, memory",),
            at_most=1.1,
            inverse=True,
        ),
    )
    return [Benchmark("scale", "s for each 100,000 pictures", ways, rows)]


def _way(n_images: int, data: BenchmarkData) -> Way:
    limits = {"ANN_MAX_ARCHIVE_ENTRIES": str(2 * n_images), "ANN_MAX_UNPACKED_BYTES": str(2**40)}
    command = ("-m", "benchmarks.scale", str(data.small_images(n_images)), str(n_images))
    return Way(f"{n_images:,} pictures", command, timed="both", environment=limits)


def import_and_train(archive: Path, n_images: int) -> float:
    """Seconds of both for each 100,000 pictures."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir, started = Path(folder), time.perf_counter()
        command("import", str(archive), "--name", NAME, data_dir=data_dir)
        imported = time.perf_counter() - started
        print(f"import {imported:.1f} s", flush=True)
        options = ("--preset", "small", "--epochs", "1", "--image-size", _SIZE)
        command("train", NAME, *options, data_dir=data_dir)
        seconds = time.perf_counter() - started
        print(f"training {seconds - imported:.1f} s")
    return seconds * 100_000 / n_images


if __name__ == "__main__":
    print(import_and_train(Path(sys.argv[1]), int(sys.argv[2])))
