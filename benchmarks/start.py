"""From Start to the first batch that is learned: without and with a warm process.

``python -m benchmarks.start DATA_DIR PRESET [--warm]`` files a run as pressing Start does, and
looks at the registry, as the page does, until it tells of a batch. Features are there already.
"""

import sys
import time
from pathlib import Path

from benchmarks.data import BenchmarkData
from benchmarks.timing import Benchmark, Row, Way
from benchmarks.workers import workers


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    command = ("-m", "benchmarks.start", str(data.data_dir()), "small")
    ways = (Way("cold", command), Way("warm", (*command, "--warm")))
    rows = (
        Row("start to first batch, cold", "cold", at_most=5),
        Row("start to first batch, warm process", "warm", at_most=1.5),
    )
    return [Benchmark("start", "s", ways, rows)]


def seconds_to_first_batch(data_dir: Path, preset: str, *, warm: bool) -> float:
    with workers(data_dir, warm=warm) as at_work:
        started = time.perf_counter()
        run = at_work.submit(preset)
        at_work.wait_until(run, lambda now: now.batch > 0 or now.epoch > 0)
        return time.perf_counter() - started


if __name__ == "__main__":
    print(seconds_to_first_batch(Path(sys.argv[1]), sys.argv[2], warm="--warm" in sys.argv))
