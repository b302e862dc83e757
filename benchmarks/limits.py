"""Limits of time and memory that we allow ourselves, each measured and held against its limit.

``python -m benchmarks.limits`` prints every figure beside its limit and ends with 1 if one does
not hold. None of them is a test: on a computer that others keep busy, a clock says little.
"""

import io
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.archives import ArchiveLimits, unpack
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.errors import ArchiveError, ImageError
from ann_core.evaluation.knn import nearest
from ann_core.imaging.images import open_image
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS
from benchmarks.browser import ROOT, SETTLED, chromium, server_process, serving, wait
from benchmarks.versions import N_IMAGES, version_cost
from tests.helpers.image_files import png_header

PAGES = ("", "dataset", "pixels", "training", "results", "comparison", "prediction")
NEW_EPOCH = """epoch => parseInt(document.querySelector('[aria-label^="loss. After epoch"]')
?.ariaLabel.match(/epoch (\\d+)/)[1]) >= epoch"""


@dataclass(frozen=True)
class Figure:
    """What was measured, and the most that it may be."""

    what: str
    measured: float
    limit: float
    unit: str = "s"

    @property
    def holds(self) -> bool:
        return self.measured <= self.limit

    def __str__(self) -> str:
        verdict, limit = "" if self.holds else "  TOO MUCH", f"{self.limit:.3g}"
        return f"  {self.what:58} {self.measured:7.2f} {self.unit} (at most {limit}){verdict}"


def refusals(folder: Path) -> Iterator[Figure]:
    """Hostile files are refused before the work that they would make."""
    yield Figure(
        "a picture of 10,000 megapixels is refused after",
        _refused(lambda: open_image(png_header(100_000, 100_000)), ImageError),
        limit=1,
    )
    content, limits = io.BytesIO(), ArchiveLimits()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(2 * limits.max_entries):
            archive.writestr(f"{number}.jpg", b"")
    yield Figure(
        f"a zip file of {2 * limits.max_entries:,} entries is refused after",
        _refused(lambda: unpack(content, folder, limits), ArchiveError),
        limit=30,
    )


def nearest_images(folder: Path) -> Iterator[Figure]:
    """What was read of a feature table once is not kept as memory of the process."""
    path = folder / "table.npy"
    np.save(path, np.zeros((30_000, 4096), np.uint8))
    table, query = np.load(path, mmap_mode="r"), np.zeros((1, 4096), np.uint8)
    nearest(query, table, np.arange(2000))
    before = psutil.Process().memory_info().rss
    nearest(query, table, np.arange(len(table)), k=3)
    grown = (psutil.Process().memory_info().rss - before) / 1e6
    yield Figure("nearest pictures in a table of 123 MB hold", grown, limit=60, unit="MB")


def versions(folder: Path) -> Iterator[Figure]:
    """A version of many photographs shares their files."""
    seconds, _, n_bytes = version_cost(Catalog(folder / "versions"))
    yield Figure(f"a version of {N_IMAGES:,} pictures without three takes", seconds, limit=2)
    yield Figure("and on the disk", n_bytes / 1e6, limit=5, unit="MB")


def networks(folder: Path) -> Iterator[Figure]:
    """Trainings take what was estimated, and an open network what its file takes."""
    estimate, taken = _in_a_process("training", folder)
    yield Figure("peak of a training against its estimate", taken / estimate, 1.6, "times")
    yield Figure("estimate of a training against its peak", estimate / taken, 1 / 0.6, "times")
    _in_a_process("save", folder / "0")
    paths = [folder / "0", *(shutil.copytree(folder / "0", folder / name) for name in "12")]
    one, again, *_, three, after_many = _in_a_process("networks", *paths)
    size = next(paths[0].glob("*.tflite")).stat().st_size
    yield Figure("a network opened twice takes anew", (again - one) / size, 0.1, "files")
    yield Figure("two further networks take", (three - one) / size, 2.2, "files")
    left = (after_many - one) / size
    yield Figure("after many pictures at once, there are left of three", left, 0.4, "files")


def pages(folder: Path) -> Iterator[Figure]:
    """A server, its pages and a training that is watched and stopped."""
    settings = Settings(data_dir=folder / "data", database_url="")
    catalog = Catalog(settings.datasets_dir)
    import_builtin("cartoons", "cartoons", catalog)
    dataset = catalog.load("cartoons")
    with (
        Registry(settings.registry_url) as registry,
        serving(settings) as address,
        chromium() as page,
    ):
        small = _submit(registry, dataset, epochs=3)
        _open(page, f"{address}/training?run={small.id}")
        wait(lambda: not registry.get(small.id).live)
        for name in PAGES:
            _open(page, f"{address}/{name}?run={small.id}")
        used = server_process(address).memory_info().rss / 1e6
        yield Figure("the web process, after every page, holds", used, limit=300, unit="MB")
        long = _submit(registry, dataset, epochs=1000)
        yield from _watched(page, address, registry, run=long)
        starting = _submit(registry, dataset, epochs=1000)
        wait(lambda: registry.get(starting.id).phase == "loading TensorFlow")
        seconds = _seconds_to_stop(registry, starting)
        yield Figure("a stop while TensorFlow loads is obeyed after", seconds, limit=5)


def _watched(page: Page, address: str, registry: Registry, *, run: Run) -> Iterator[Figure]:
    wait(lambda: registry.get(run.id).epoch >= 1)
    seconds = []
    for _ in range(3):  # the quickest counts: other programs of this computer slow it down
        page.goto(f"{address}/training?run={run.id}")
        page.get_by_test_id("stApp").wait_for()
        started = time.monotonic()
        page.get_by_text(re.compile(r"^training: epoch \d+ of 1000$")).wait_for()
        seconds.append(time.monotonic() - started)
    yield Figure("the page of a training that goes on is there after", min(seconds), limit=3)
    epoch, started = registry.get(run.id).epoch, time.monotonic()
    page.wait_for_function(NEW_EPOCH, arg=epoch)
    yield Figure("an epoch that ended is drawn after", time.monotonic() - started, limit=1.5)
    yield Figure("a stop is obeyed after", _seconds_to_stop(registry, run), limit=5)


def _seconds_to_stop(registry: Registry, run: Run) -> float:
    phase = registry.get(run.id).phase
    registry.commands.stop(run.id, by=OPERATOR)
    started = time.monotonic()
    wait(lambda: not registry.get(run.id).live or registry.get(run.id).phase != phase)
    seconds = time.monotonic() - started
    wait(lambda: not registry.get(run.id).live)
    return seconds


def _submit(registry: Registry, dataset: Dataset, *, epochs: int) -> Run:
    network = PRESETS["small"].model_copy(update={"epochs": epochs})
    config = RunConfig(dataset=dataset.name, fingerprint=dataset.fingerprint, network=network)
    return registry.submit(config, submit_key=secrets.token_hex(8))


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(SETTLED).wait_for()
    page.get_by_role("heading", level=1).first.wait_for()


def _refused(work: Callable[[], object], error: type[Exception]) -> float:
    started = time.perf_counter()
    try:
        work()
    except error:
        return time.perf_counter() - started
    raise RuntimeError("it was not refused")


def _in_a_process(what: str, *folders: Path) -> list[int]:
    command = [sys.executable, "-m", "benchmarks.memory", what, *map(str, folders)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [int(value) for value in json.loads(done.stdout.splitlines()[-1])]


def main() -> int:
    """Measure everything; 1 if a limit does not hold."""
    figures = []
    for measure in (refusals, nearest_images, versions, networks, pages):
        print((measure.__doc__ or "").splitlines()[0])
        with tempfile.TemporaryDirectory() as folder:
            for figure in measure(Path(folder)):
                print(figure, flush=True)
                figures.append(figure)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
