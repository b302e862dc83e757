"""Ten hostile visitors for two minutes: what an honest one waits, what the server holds.

``python -m benchmarks.hostile`` starts a server of its own with the hosted profile, in a
folder that is removed afterwards, and talks to no other computer.
"""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.runs.job import LIVE
from ann_core.runs.job_types import AnyJob, ImportConfig
from ann_core.runs.owners import Visitor, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS
from benchmarks.browser import ROOT, milliseconds, serving, wait
from benchmarks.socket_visitor import SocketVisitor

SECONDS = 120.0
CALM_SECONDS = 60.0
DISK_BYTES = 1_000_000_000
HONEST_PAGES = ("", "training", "dataset", "results", "prediction")


@dataclass
class Gauge:
    """What the web process and the data folder held, in MB, a few times a second."""

    pid: int
    folder: Path
    memory: list[float] = field(default_factory=list)
    disk: list[float] = field(default_factory=list)

    def read(self) -> tuple[float, float]:
        """Memory of the web process, size of the data folder."""
        self.memory.append(psutil.Process(self.pid).memory_info().rss / 1e6)
        self.disk.append(folder_bytes(self.folder) / 1e6)
        return self.memory[-1], self.disk[-1]

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        ended = threading.Event()

        def read_on() -> None:
            while not ended.wait(0.2):
                self.read()

        thread = threading.Thread(target=read_on)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def folder_bytes(folder: Path) -> int:
    """Add up all files; those that vanish meanwhile count nothing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total


def run(seconds: float = SECONDS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", database_url="")
        registry = Registry(settings.registry_url)
        config = prepare(settings)
        limits = {"ANN_PROFILE": "hosted", "ANN_MAX_DISK_BYTES": str(DISK_BYTES)}
        try:
            with serving(settings, **limits) as address:
                [server] = psutil.Process().children()
                finished = registry.submit(config, submit_key=secrets.token_hex(8)).id
                honest_loads(address, finished, 1)  # the first visitor starts the dispatcher
                wait(lambda: not registry.get(finished).live)
                gauge = Gauge(server.pid, settings.data_dir)
                measure(address, finished, gauge, seconds=seconds)
                newcomer = file_as_newcomer(registry, config)
                watch_calm(gauge, registry, settings)
                for job in newcomer:
                    tell_wait(registry.job(job.id))
                then = honest_loads(address, finished, 10)
                print(f"  honest visitor then     {milliseconds(then)}, {gauge.read()[0]:.0f} MB")
        finally:
            end_workers(registry)
            registry.close()


def prepare(settings: Settings) -> RunConfig:
    """Draw the cartoons; the settings of a small network on them."""
    catalog = Catalog(settings.datasets_dir)
    import_builtin("cartoons", "cartoons", catalog)
    fingerprint = catalog.load("cartoons").fingerprint
    return RunConfig(dataset="cartoons", fingerprint=fingerprint, network=PRESETS["small"])


def measure(address: str, finished: str, gauge: Gauge, *, seconds: float) -> None:
    alone = honest_loads(address, finished, 10)
    before = gauge.read()
    command = [sys.executable, "-m", "benchmarks.attacks", address, finished, str(seconds)]
    with gauge.reading(), subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as attackers:
        time.sleep(3)
        beside = honest_loads(address, finished, seconds - 6)
        heard = attackers.communicate()[0].decode()
    print(heard.rstrip(), flush=True)
    print(f"  honest visitor alone    {milliseconds(alone)} ({len(alone)} pages)")
    print(f"  honest visitor beside   {milliseconds(beside)} ({len(beside)} pages, ", end="")
    print(f"at most {max(beside):.0f} ms; wanted: p95 below 1,000)")
    print(f"  web process  {before[0]:.0f} MB before, {max(gauge.memory):.0f} MB at most (1,000)")
    print(f"  data folder  {before[1]:.0f} MB before, {max(gauge.disk):.0f} MB at most ", end="")
    print(f"(limit {DISK_BYTES / 1e6:,.0f})")


def watch_calm(gauge: Gauge, registry: Registry, settings: Settings) -> None:
    """Tell what is left of it every 20 seconds, for a minute."""
    begin = time.monotonic()
    for after in np.arange(0, CALM_SECONDS + 1, 20):
        time.sleep(max(0.0, begin + after - time.monotonic()))
        memory, disk = gauge.read()
        uploads = sum(1 for _ in settings.uploads_dir.glob("*"))
        trainings = sum(run.status in LIVE for run in registry.recent())
        data_jobs = len(registry.data_jobs(live=True))
        print(f"  {after:2.0f} s after they left: {memory:.0f} MB, folder {disk:.0f} MB, ", end="")
        print(
            f"{uploads} uploads, {trainings} trainings and {data_jobs} data jobs in line",
            flush=True,
        )


def file_as_newcomer(registry: Registry, config: RunConfig) -> list[AnyJob]:
    """File a training and an import from an address that nobody has used yet."""
    newcomer = Visitor(new_owner_key(), "newcomer", "198.51.100.2")
    digits = ImportConfig(name="digits", source="builtin", what="digits")
    return [
        registry.submit(config, submit_key=secrets.token_hex(8), owner=newcomer),
        registry.submit_data_job(digits, submit_key=secrets.token_hex(8), owner=newcomer),
    ]


def tell_wait(job: AnyJob) -> None:
    """Tell how long a job waited that a newcomer filed when they left."""
    what = "training" if isinstance(job, Run) else "import"
    if job.started is None:
        print(f"  {what} of a newcomer has not begun")
        return
    seconds = (job.started - job.created).total_seconds()
    print(
        f"  {what} that a newcomer filed when they left: began after {seconds:.0f} s, {job.status}"
    )


def honest_loads(address: str, finished: str, seconds: float) -> list[float]:
    """Open pages like one who reads, each in a session of its own; milliseconds a page."""
    return asyncio.run(_loads(address, finished, time.monotonic() + seconds))


async def _loads(address: str, finished: str, until: float) -> list[float]:
    times: list[float] = []
    while time.monotonic() < until or not times:
        for page in HONEST_PAGES:
            query = f"run={finished}" if page in {"results", "prediction", "training"} else ""
            begin = time.perf_counter()
            async with SocketVisitor(address, "198.51.100.1") as visitor:
                await visitor.open(page, query)
                times.append(1000 * (time.perf_counter() - begin))
            await asyncio.sleep(0.5)
    return times


def end_workers(registry: Registry) -> None:
    """End the trainings that are still under way: workers outlive their server."""
    for job in (*registry.recent(), *registry.data_jobs(live=True)):
        if job.live and job.pid is not None:
            with contextlib.suppress(psutil.Error):
                worker = psutil.Process(job.pid)
                if job.id in worker.cmdline():
                    worker.kill()
                    worker.wait(10)


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
