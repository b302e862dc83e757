"""Small trainings for the tests of networks, runs and workers: 8x8 pixels, seconds."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet
from ann_core.datasets.importing.importer import import_folder
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import Job
from ann_core.runs.job_types import AnyConfig
from ann_core.runs.owners import OPERATOR, Filer
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import NetworkConfig
from tests.helpers.warm_engine import WorkerEngine

SIDE = 8
PIXELS = PreprocessConfig(image_size=(SIDE, SIDE))
CLASSES = ("dark", "bright")

# On `many_images`, long enough to be met in the middle of an epoch: 400 batches of one.
LONG = {"epochs": 1000, "batch_size": 1}

Result = TypeVar("Result")
AJob = TypeVar("AJob", bound=Job)


def write_images(
    folder: Path, n_images: int = 20, classes: tuple[str, ...] = CLASSES, *, bits: int = 8
) -> Path:
    """Draw noise, a folder a class, each class brighter than the one before.

    With more than 8 `bits`, in files of 16 bits a value.
    """
    rng = np.random.default_rng(0)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        darkest = 160 * number // (len(classes) - 1)
        for index in range(n_images):
            pixels = rng.integers(darkest, darkest + 96, (SIDE, SIDE), dtype=np.uint8)
            values = pixels if bits == 8 else pixels.astype(np.uint16) << bits - 8
            Image.fromarray(values).save(folder / name / f"{index}.png")
    return folder


def make_dataset(
    data_dir: Path, name: str = "toy", n_images: int = 20, *, bits: int = 8
) -> Dataset:
    """Put two classes of `n_images` images each on the shelf of `data_dir`."""
    images = write_images(data_dir / "sources" / name, n_images, bits=bits)
    return import_folder(images, name, Catalog(data_dir / "datasets"))


@pytest.fixture(scope="session")
def many_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 500 images, for trainings that last; copy it."""
    data_dir = tmp_path_factory.mktemp("many") / "data"
    make_dataset(data_dir, n_images=250)
    return data_dir


def run_config(dataset: Dataset, **network: object) -> RunConfig:
    """Settings of a run on 8x8 pixels; small unless `network` says otherwise."""
    values = {"hidden_units": (8,), "batch_size": 8, "epochs": 3, "learning_rate": 0.01} | network
    return RunConfig(
        dataset=dataset.name,
        fingerprint=dataset.fingerprint,
        preprocess=PIXELS,
        network=NetworkConfig.parse(values),
    )


def toy_features(n_images: int = 60, n_classes: int = 2, *, overlap: float = 0.0) -> FeatureSet:
    """Noise of 64 values an image, brighter from class to class, in memory.

    Without `overlap` a network can tell the classes apart; with 1 it cannot.
    """
    rng = np.random.default_rng(1)
    labels = np.arange(n_images) % n_classes
    background = 160 * labels / (n_classes - 1) * (1 - overlap)
    noise = rng.integers(0, 96, (n_images, SIDE * SIDE))
    thirds = np.arange(n_images) * 5 // n_images
    return FeatureSet(
        features=(background[:, np.newaxis] + noise).astype(np.uint8),
        labels=labels.astype(np.int64),
        splits=np.array(["train", "train", "train", "validation", "test"])[thirds],
        class_names=tuple(f"class {number}" for number in range(n_classes)),
        preprocess=PIXELS,
    )


def wait_for(look: Callable[[], Result], seconds: float, what: str) -> Result:
    """Look until there is something to see, and return it; fail after `seconds`."""
    give_up = time.monotonic() + seconds
    while not (value := look()):
        assert time.monotonic() < give_up, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)
    return value


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Lay a disk of `size` over a new folder; skip the test where that cannot be."""
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only root on Linux can make a small disk")
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("this computer (a container?) does not let us mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class Workshop:
    """A registry, a dispatcher and real worker processes over one data folder.

    With `real_start`, they load TensorFlow themselves, and work at low priority.
    """

    def __init__(
        self, data_dir: Path, slots: int = 1, *, real_start: bool = False, **settings: Any
    ) -> None:
        given = {"data_dir": data_dir, "slots": slots, "database_url": ""} | settings
        self.settings = Settings(**given)
        self.registry = Registry(self.settings.registry_url, self.settings.lease_seconds)
        self._real_start = real_start
        self._engines: list[WorkerEngine] = []
        self.dispatcher = self.another_dispatcher()

    def another_dispatcher(self) -> Dispatcher:
        """Make the dispatcher of a server that knows no worker yet."""
        self._engines.append(WorkerEngine(self.settings, real_start=self._real_start))
        return Dispatcher(self.registry, self._engines[-1], self.settings)

    def submit(self, config: RunConfig) -> Run:
        return self.registry.submit(config, submit_key=secrets.token_hex(8))

    def start(self, config: RunConfig) -> Run:
        """File a run and start its worker."""
        run = self.submit(config)
        self.dispatcher.tick()
        return self.registry.get(run.id)

    def request(self, config: AnyConfig, owner: Filer = OPERATOR) -> Any:
        """File work on data."""
        key = secrets.token_hex(8)
        return self.registry.submit_data_job(config, submit_key=key, owner=owner)

    def folder(self, run: Job) -> RunFolder:
        return RunFolder.of(self.settings.runs_dir, run.id)

    def log(self, run: Job) -> str:
        log = self.folder(run).log
        return log.read_text() if log.exists() else ""

    def wait(self, run: AJob, until: Callable[[AJob], object], seconds: float = 300) -> AJob:
        """Dispatch until `until` is true of the run, and return it as it is then.

        A training that goes another way is not waited for. Workers take what other
        programs leave, so on a busy computer they may need long.
        """

        def look() -> AJob | None:
            self.dispatcher.tick()
            now: Any = self.registry.job(run.id)
            if until(now):
                return now
            assert now.live, f"{now.status}: {now.error}\n{self.log(now)}"
            return None

        return wait_for(look, seconds, "what the test waits for")

    def wait_for_phase(self, run: AJob, phase: str) -> AJob:
        return self.wait(run, lambda now: now.phase.startswith(phase))

    def wait_for_end(self, run: AJob) -> AJob:
        return self.wait(run, lambda now: not now.live)

    def workers(self, run: Job) -> list[psutil.Process]:
        """Processes that work on the run, as the operating system sees them."""
        return [
            process
            for process in psutil.process_iter()
            if run.id in _command(process) and _alive(process)
        ]

    def wait_for_exit(self, run: Job, seconds: float = 30) -> None:
        """Wait until the run's process is gone, and all its files are closed."""
        pid = self.registry.job(run.id).pid
        assert pid

        def gone() -> bool:
            self.dispatcher.tick()
            return not psutil.pid_exists(pid)

        wait_for(gone, seconds, "the end of the worker")

    def close(self) -> None:
        """End what still runs, and let the engine know."""
        for run in [*self.registry.recent(), *self.registry.data_jobs()]:
            for process in self.workers(run):
                process.kill()
        for engine in self._engines:
            wait_for(engine.has_ended, 20, "the end of all workers")
        self.registry.close()


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
