"""A network that is trained in a moment, for tests of pages that need one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.registry import Registry
from ann_core.runs.run import RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import NetworkConfig
from tests.helpers.shared import made_once
from tests.helpers.warm_engine import WorkerEngine

CARTOONS = "cartoons"
N_CARTOONS = 60
SIDE = 16
N_FEATURES = SIDE * SIDE
NETWORK = NetworkConfig(hidden_units=(8,), epochs=3, batch_size=16)
SECONDS = 120


def draw_cartoons(data_dir: Path, name: str = CARTOONS) -> DatasetInfo:
    """Put 60 of the built-in cartoons on the shelf: 48 to train on, 6 and 6 to check and test."""
    few = CartoonConfig(n_images=N_CARTOONS)
    return import_builtin("cartoons", name, Catalog(data_dir / "datasets"), cartoons=few).info


def run_config(info: DatasetInfo) -> RunConfig:
    """Settings of a network of 2,074 parameters."""
    return RunConfig(
        dataset=info.name,
        fingerprint=info.fingerprint,
        preprocess=PreprocessConfig(image_size=(SIDE, SIDE)),
        network=NETWORK,
    )


def small_installation(factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Train the small network, once a test session.

    Returns
    -------
    folder : Path
        The data folder, for copies.
    run_id : str
        Its one run, which is done.
    """
    folder = made_once(factory, "small-run", train_small)
    [run] = (folder / "runs").iterdir()
    return folder, run.name


def train_small(data_dir: Path) -> None:
    """Draw the cartoons, and train a network on them in its own process."""
    settings = Settings(data_dir=data_dir, database_url="")
    registry = Registry(settings.registry_url)
    run = registry.submit(run_config(draw_cartoons(data_dir)), submit_key="small run")
    engine = WorkerEngine(settings)
    claimed = registry.attempts.claim(slots=1)
    assert claimed is not None
    engine.launch(*claimed)
    give_up = time.monotonic() + SECONDS
    while registry.get(run.id).live or not engine.poll():
        assert time.monotonic() < give_up, f"still {registry.get(run.id).phase}"
        time.sleep(0.05)
    run = registry.get(run.id)
    registry.close()
    assert run.status == "done", run.error
