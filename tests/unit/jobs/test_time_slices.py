"""A long training makes room for somebody else's, and for nobody else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.jobs.engine import LocalEngine
from ann_core.jobs.time_slices import TRAINING, TimeSlices
from ann_core.runs.attempts import Worker
from ann_core.runs.owners import new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from tests.helpers.registry import EPOCH, submit
from tests.helpers.runs import LONG, Workshop, run_config

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals, in POSIX words")

ANN, BOB, EVE = new_owner_key(), new_owner_key(), new_owner_key()


class RememberingEngine(LocalEngine):
    """An engine whose workers are rows of the registry, and that notes whom it asks."""

    signalled: list[str]

    def ask_to_leave(self, worker: Worker) -> None:
        self.signalled.append(worker.run_id)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with Registry(f"sqlite:///{tmp_path / 'registry.db'}") as registry:
        yield registry


@pytest.fixture
def engine() -> RememberingEngine:
    engine = RememberingEngine.__new__(RememberingEngine)
    engine.signalled = []
    return engine


def at_work(registry: Registry, key: str, owner: str, phase: str = TRAINING) -> Run:
    submit(registry, key, owner)
    claimed = registry.attempts.claim(100)
    assert claimed
    run = registry.attempts.start(*claimed, pid=1)
    assert run
    registry.attempts.heartbeat(run.id, run.attempt, phase=phase)
    return run


def signalled_by(registry: Registry, engine: RememberingEngine, *, n_slots: int = 1) -> list[str]:
    """Whom the second look asks, where every turn is over at once."""
    slices = TimeSlices(registry, engine, seconds=1e-9)
    slices.tick(n_slots)
    slices.tick(n_slots)
    assert engine.signalled == [], "it has not got on yet"
    for run in registry.store.trainings_at_work():
        registry.attempts.heartbeat(run.id, run.attempt, batch=run.batch + 1)
    slices.tick(n_slots)
    return engine.signalled


def test_it_makes_room_for_another_visitor(registry: Registry, engine: RememberingEngine) -> None:
    run = at_work(registry, "ann", ANN)
    submit(registry, "bob", BOB)

    assert signalled_by(registry, engine) == [run.id]


def test_it_makes_no_room_for_its_own_visitor(
    registry: Registry, engine: RememberingEngine
) -> None:
    at_work(registry, "ann", ANN)
    submit(registry, "ann again", ANN)

    assert signalled_by(registry, engine) == []


def test_it_makes_no_room_where_a_slot_is_free(
    registry: Registry, engine: RememberingEngine
) -> None:
    at_work(registry, "ann", ANN)
    submit(registry, "bob", BOB)

    assert signalled_by(registry, engine, n_slots=2) == []


def test_only_what_can_go_on_where_it_was_makes_room(
    registry: Registry, engine: RememberingEngine
) -> None:
    at_work(registry, "ann", ANN, phase="reading the pictures")
    submit(registry, "bob", BOB)

    assert signalled_by(registry, engine) == []


@pytest.mark.parametrize(("seconds", "leaves"), [(1e-9, True), (24.0, True), (30.0, False)])
def test_what_is_nearly_done_is_let_finish(
    registry: Registry, engine: RememberingEngine, seconds: float, leaves: bool
) -> None:
    run = at_work(registry, "ann", ANN)
    submit(registry, "bob", BOB)
    slices = TimeSlices(registry, engine, seconds)
    slices.tick(1)
    slices._first_seen = {key: (-1e9, run) for key, (_, run) in slices._first_seen.items()}
    registry.attempts.add_metrics(run.id, run.attempt, EPOCH)  # six of 1.5 s are left
    slices.tick(1)

    assert engine.signalled == [run.id] * leaves


def test_a_turn_is_not_over_before_its_time(registry: Registry, engine: RememberingEngine) -> None:
    at_work(registry, "ann", ANN)
    submit(registry, "bob", BOB)
    slices = TimeSlices(registry, engine, seconds=3600.0)
    slices.tick(1)
    slices.tick(1)

    assert engine.signalled == []


def test_one_at_a_time_is_told(registry: Registry, engine: RememberingEngine) -> None:
    first = at_work(registry, "ann", ANN)
    at_work(registry, "bob", BOB)
    submit(registry, "eve", EVE)

    assert signalled_by(registry, engine, n_slots=2) == [first.id]


def test_a_worker_that_made_room_goes_on_later(tmp_path: Path, many_images: Path) -> None:
    shutil.copytree(many_images, tmp_path / "data")
    workshop = Workshop(tmp_path / "data", turn_seconds=0.5)
    try:
        dataset = Catalog(workshop.settings.datasets_dir).load("toy")
        config = run_config(dataset, **LONG)
        long = workshop.registry.submit(config, submit_key="long", owner=ANN)
        workshop.wait_for_phase(long, TRAINING)
        short = run_config(dataset, epochs=1, batch_size=400)
        other = workshop.registry.submit(short, submit_key="short", owner=BOB)

        assert workshop.wait_for_end(other).status == "done"
        again = workshop.wait(long, lambda run: run.attempt == 2 and run.phase == TRAINING)
        assert (again.losses, again.interrupted) == (0, False)
        assert again.checkpoint is not None
    finally:
        workshop.close()
