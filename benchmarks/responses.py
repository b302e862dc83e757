"""How soon `article` answers to Stop and to Pause while others keep the processor busy.

``python -m benchmarks.responses DATA_DIR REQUEST``: two processes count beside it. Stop is
answered as soon as the run says that it does something else than training, Pause when it is saved.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ann_core.runs.owners import OPERATOR
from benchmarks.data import BenchmarkData
from benchmarks.timing import N_THREADS, Benchmark, Row, Way
from benchmarks.workers import workers

_N_BATCHES = 20  # after which nothing is compiled any more


def benchmarks(data: BenchmarkData) -> list[Benchmark]:
    folder = str(data.data_dir())
    ways = tuple(
        Way(request, ("-m", "benchmarks.responses", folder, request))
        for request in ("stop", "pause")
    )
    rows = tuple(
        Row(f"`article` answers to {way.name} on a busy machine", way.name, at_most=1)
        for way in ways
    )
    return [Benchmark("responses", "s", ways, rows)]


def seconds_to_answer(data_dir: Path, request: str) -> float:
    with workers(data_dir) as at_work, busy_processors():
        run = at_work.submit("article")
        before = at_work.wait_until(run, lambda now: now.batch >= _N_BATCHES)
        started = time.perf_counter()
        if request == "stop":
            at_work.registry.commands.stop(run.id, by=OPERATOR)
            at_work.wait_until(run, lambda now: now.phase != before.phase or not now.live)
        else:
            at_work.registry.commands.pause(run.id, by=OPERATOR)
            at_work.wait_until(run, lambda now: not now.live)
        return time.perf_counter() - started


@contextmanager
def busy_processors() -> Iterator[None]:
    """Keep as many processes busy as there are processors."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: 1"]) for _ in range(N_THREADS)]
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()


if __name__ == "__main__":
    print(seconds_to_answer(Path(sys.argv[1]), sys.argv[2]))
