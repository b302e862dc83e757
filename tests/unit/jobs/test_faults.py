"""What each fault does to a run: real workers, real signals, real memory."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from ann_core.datasets.catalog import Catalog
from ann_core.jobs.engine import KILLED_FOR_MEMORY
from ann_core.jobs.heartbeat import EXIT_REPLACED
from ann_core.prediction.classifier import Classifier
from ann_core.runs.owners import OPERATOR
from ann_core.runs.run import Run, RunConfig
from tests.helpers.runs import LONG, Workshop, make_dataset, run_config, wait_for
from tests.unit.conftest import listing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals, in POSIX words")


@pytest.fixture
def workshop(tmp_path: Path, many_images: Path) -> Iterator[Workshop]:
    """One that saves often, and whose workers may be silent for three seconds."""
    shutil.copytree(many_images, tmp_path / "data")
    workshop = Workshop(tmp_path / "data", checkpoint_seconds=0.2, lease_seconds=3)
    yield workshop
    workshop.close()


@pytest.fixture
def long_run(workshop: Workshop) -> RunConfig:
    return run_config(Catalog(workshop.settings.datasets_dir).load("toy"), **LONG)


def in_training(workshop: Workshop, config: RunConfig) -> Run:
    """A run with something to go on from."""
    run = workshop.start(config)
    return workshop.wait(run, lambda now: now.phase == "training" and now.checkpoint is not None)


def freeze(workshop: Workshop, worker: psutil.Process) -> None:
    """Suspend a worker, but not in the middle of a write: on SQLite it would keep the lock."""
    file = workshop.settings.data_dir / "registry.db"
    while True:
        worker.suspend()
        wait_for(partial(is_suspended, worker), 10, "the rest of all its threads")
        try:
            with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError:
            worker.resume()
            time.sleep(0.02)


def is_suspended(worker: psutil.Process) -> bool:
    """Whether all threads have stopped: on a busy computer each needs its moment."""
    tasks = Path(f"/proc/{worker.pid}/task")
    if not tasks.exists():
        return bool(worker.status() == psutil.STATUS_STOPPED)
    return all(
        (task / "stat").read_text().rpartition(") ")[2][0] == "T" for task in tasks.iterdir()
    )


def test_a_frozen_worker_that_wakes_writes_nothing(workshop: Workshop, long_run: RunConfig) -> None:
    run = in_training(workshop, long_run)
    (old,) = workshop.workers(run)
    freeze(workshop, old)
    with workshop.registry.store.engine.begin() as db:  # where this dispatcher cannot end it
        db.execute(sa.text("UPDATE runs SET host = 'elsewhere'"))
    try:
        second = workshop.wait(
            run,
            lambda now: now.attempt == 2 and now.phase == "training" and now.epoch > run.epoch,
        )
        (new,) = [worker for worker in workshop.workers(run) if worker.pid != old.pid]
        assert new.pid == second.pid
        freeze(workshop, new)  # so that whatever is written now is written by the old one
        before = listing(workshop.folder(run).path)
        log = workshop.folder(run).log
        row = workshop.registry.get(run.id)
        metrics = workshop.registry.metrics(run.id)
        old.resume()
        ended = wait_for(workshop.dispatcher.engine.poll, 10, "the end of the old worker")
    finally:
        old.resume() if old.is_running() else None

    assert [(e.run_id, e.attempt) for e in ended] == [(run.id, 1)]
    assert f"exit code {EXIT_REPLACED}" in ended[0].why
    after = listing(workshop.folder(run).path)
    for files in (before, after):  # it may say in the log that it was replaced
        files.pop(str(log.relative_to(workshop.folder(run).path)))
    assert after == before
    assert workshop.registry.get(run.id) == row
    assert workshop.registry.metrics(run.id) == metrics
    assert "another attempt has taken over" in workshop.log(run)
    new.resume()


def test_a_worker_that_hears_nothing_is_killed_and_the_run_keeps_what_it_had(
    workshop: Workshop, long_run: RunConfig
) -> None:
    run = workshop.wait(
        in_training(workshop, long_run), lambda now: "epoch1-" not in (now.checkpoint or "epoch1-")
    )
    (worker,) = workshop.workers(run)
    freeze(workshop, worker)
    workshop.registry.commands.stop(run.id, by=OPERATOR)
    with workshop.registry.store.engine.begin() as db:  # 21 seconds go by
        db.execute(sa.text("UPDATE runs SET asked = asked - 21, lease = lease + 100"))
    # The server that started it is gone; another one finds it by its number.
    first, workshop.dispatcher = workshop.dispatcher, workshop.another_dispatcher()
    workshop.dispatcher.tick()
    wait_for(first.engine.poll, 10, "the end of the deaf worker")
    now = workshop.registry.get(run.id)
    assert (now.live, now.attempt, now.requested) == (True, 2, "stop"), "it makes a model"

    stopped = workshop.wait_for_end(run)
    assert (stopped.status, stopped.error) == ("stopped", None)
    assert stopped.has_model
    assert stopped.epoch >= 1
    predictions = Classifier(workshop.folder(run)).predict_features(np.zeros((1, 64), np.uint8))
    assert predictions.shape == (1, 2)


def test_a_computer_that_is_shut_down_gives_the_run_back(
    workshop: Workshop, long_run: RunConfig
) -> None:
    run = in_training(workshop, long_run)
    (worker,) = workshop.workers(run)
    worker.terminate()
    wait_for(lambda: workshop.registry.get(run.id).status == "queued", 10, "the return")
    back = workshop.registry.get(run.id)
    assert (back.losses, back.error) == (0, None), "it was not lost"
    assert back.checkpoint and back.checkpoint != run.checkpoint, "saved at the last moment"

    again = workshop.wait(run, lambda now: now.attempt == 2 and now.phase == "training")
    assert again.epoch >= back.epoch


def test_a_paused_run_that_is_stopped_has_the_model_of_its_checkpoint(
    workshop: Workshop, long_run: RunConfig
) -> None:
    run = in_training(workshop, long_run)
    workshop.registry.commands.pause(run.id, by=OPERATOR)
    paused = wait_for(
        lambda: (now := workshop.registry.get(run.id)).status == "paused" and now, 10, "the pause"
    )
    workshop.registry.commands.stop(run.id, by=OPERATOR)

    stopped = workshop.wait_for_end(run)
    assert (stopped.status, stopped.has_model) == ("stopped", True)
    assert stopped.epoch == paused.epoch, "nothing more was learned"


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    workshop: Workshop, long_run: RunConfig
) -> None:
    run = in_training(workshop, long_run)
    workshop.wait(run, lambda now: now.checkpoint and "-epoch1-" not in now.checkpoint)
    workshop.registry.commands.pause(run.id, by=OPERATOR)
    paused = wait_for(
        lambda: (now := workshop.registry.get(run.id)).status == "paused" and now, 10, "the pause"
    )
    assert paused.checkpoint
    files = sorted(file.name for file in workshop.folder(run).checkpoints.iterdir())
    assert len(files) == 2
    assert paused.checkpoint in files
    (workshop.folder(run).checkpoints / paused.checkpoint).write_bytes(b"no checkpoint")
    workshop.registry.commands.resume(run.id, by=OPERATOR)

    again = workshop.wait(run, lambda now: now.phase == "training")
    assert again.epoch >= 1, "not from the beginning"
    assert f"cannot go on from '{paused.checkpoint}'" in workshop.log(run)


def memory_group(n_bytes: int) -> Path:
    """Make a control group that may have so much memory; skip where that cannot be."""
    for root, limit in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        group = root / f"flatland-test-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(n_bytes))
            return group
        except OSError:
            if group.is_dir():
                group.rmdir()
    pytest.skip("no control group of memory can be made here (a container, or no root)")


@contextmanager
def little_memory(n_bytes: int) -> Iterator[Path]:
    """Give the file into which the numbers of processes are written that get so much memory."""
    group = memory_group(n_bytes)
    processes = group / "cgroup.procs"
    try:
        yield processes
    finally:
        wait_for(lambda: not processes.read_text().split(), 20, "the end of all that are in it")
        group.rmdir()


@pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
def test_when_memory_ends_the_kernel_takes_the_worker_and_one_retry_is_made(
    tmp_path: Path,
) -> None:
    workshop = Workshop(tmp_path / "data", real_start=True)
    dataset = make_dataset(workshop.settings.data_dir)
    # TensorFlow fits in, and the weights, 270 MB, do not.
    run = workshop.submit(run_config(dataset, hidden_units=(8192, 8192)))
    with little_memory(400_000_000) as group:
        workshop.dispatcher.tick()
        for attempt in (1, 2):
            now = workshop.wait(
                run, lambda now, n=attempt: now.attempt == n and now.status == "running"
            )
            group.write_text(str(now.pid))
            if attempt == 1:
                wait_for(
                    lambda: (
                        workshop.dispatcher.tick() or workshop.registry.get(run.id).attempt == 2
                    ),
                    60,
                    "the second attempt",
                )
        failed = wait_for(
            lambda: (
                workshop.dispatcher.tick()
                or ((now := workshop.registry.get(run.id)).status == "failed" and now)
            ),
            60,
            "the failure",
        )

    assert (failed.error_kind, failed.attempt) == ("memory", 2)
    assert failed.error == KILLED_FOR_MEMORY
    assert failed.can_resume
    workshop.close()
