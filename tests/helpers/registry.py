"""Rows for the tests of the registry, which run on SQLite and on PostgreSQL."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ann_core.evaluation.metrics import evaluate
from ann_core.runs.owners import OPERATOR, Caller
from ann_core.runs.registry import Registry
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run, RunConfig
from ann_core.training.history import EpochMetrics
from ann_core.training.network_config import NetworkConfig
from tests.helpers.databases import PostgresServer

ROOT = Path(__file__).resolve().parents[2]

CONFIG = RunConfig(dataset="toy", fingerprint="0" * 32, network=NetworkConfig(epochs=7))
TEST = evaluate(np.eye(2)[[0, 1, 1, 1]], np.array([0, 1, 0, 1]), ("cat", "dog"))
RESULT = RunResult(
    test=TEST,
    best_epoch=1,
    kept_epoch=1,
    n_parameters=7,
    n_images={"train": 5, "validation": 4, "test": 4},
    seconds=1.5,
)
"""What came of a small training: three of four test images right."""

EPOCH = EpochMetrics(1, loss=0.7, accuracy=0.5, val_loss=0.8, val_accuracy=0.4, seconds=1.5)


@functools.cache
def new_file() -> bytes:
    """A registry without rows, as a file of SQLite. Making its tables takes most of a test."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "registry.db"
        Registry(f"sqlite:///{file}").close()
        return file.read_bytes()


@functools.cache
def new_template(server: PostgresServer) -> str:
    """The name of a database with a registry without rows."""
    name = "registry_without_rows"
    server.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY FILE_COPY")
    Registry(server.url(name)).close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a registry without rows; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "folder" / "registry.db"
        file.parent.mkdir()
        file.write_bytes(new_file())
        yield f"sqlite:///{file}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.database(new_template(server)) as url:
        yield url


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    """A registry in it."""
    registry = Registry(url)
    yield registry
    registry.close()


def submit(registry: Registry, key: str = "key", owner: Caller = OPERATOR) -> Run:
    return registry.submit(CONFIG, submit_key=key, owner=owner)


def start(registry: Registry, key: str = "key", owner: Caller = OPERATOR) -> Run:
    """File a run and begin its first attempt."""
    submit(registry, key, owner)
    claimed = registry.attempts.claim(100)
    assert claimed
    run = registry.attempts.start(*claimed, pid=1234)
    assert run
    return run


def expire(registry: Registry, run: Run) -> None:
    """Let the lease of a run end, as if its worker had been silent for long."""
    with registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET lease = lease - 1000 WHERE id = :id"), {"id": run.id})


def events(registry: Registry, run: Run) -> list[str]:
    return [event.what for event in registry.events(run.id)]


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a process of its own, whose output can be read."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
