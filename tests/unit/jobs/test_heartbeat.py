"""The worker's line to the registry, while the registry is locked or away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ann_core.errors import LimitError
from ann_core.jobs.heartbeat import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_REPLACED,
    EndRequestedError,
    Heartbeat,
    WorkerRequest,
    retry,
)
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.run import RunConfig
from tests.helpers.registry import new_file
from tests.helpers.runs import wait_for

ROOT = Path(__file__).resolve().parents[3]

# A worker without a training: it beats, adds one epoch and ends at the wish to
# stop. It gives up on a lock after 50 ms, so that the test need not wait 15 s.
WORKER = """
import sys, time
import sqlalchemy as sa
from ann_core.errors import LimitError
from ann_core.jobs.heartbeat import Heartbeat, retry
from ann_core.runs.registry import Registry
from ann_core.training.history import EpochMetrics

registry = Registry(sys.argv[1])
registry.close()
sa.event.listen(
    registry.store.engine, "connect", lambda db, _: db.execute("PRAGMA busy_timeout=50").close()
)
heartbeat = Heartbeat(registry, sys.argv[2], 1)
heartbeat.begin()
heartbeat.phase("waiting for the lock")
print("beating", flush=True)
sys.stdin.readline()
epoch = EpochMetrics(1, 0.5, 0.5, 0.5, 0.5, 1.0)
assert retry(lambda: registry.attempts.add_metrics(sys.argv[2], 1, epoch))
heartbeat.progress = {"phase": "past the lock"}
while heartbeat.requested == "run":
    time.sleep(0.05)
assert heartbeat.end(lambda: registry.attempts.finish(sys.argv[2], 1, "stopped"))
time.sleep(1.2)  # a beat after the end finds no row, and means nothing
sys.exit(42)
"""


# Work on data whose decoder is busy: it holds a staged folder, and checks nothing.
BUSY = """
import sys, time
from pathlib import Path
from ann_core.files import remove_staged_folders, staged_folder
from ann_core.jobs import heartbeat as module
from ann_core.runs.registry import Registry

module.GRACE_SECONDS = 0.1
heartbeat = module.Heartbeat(Registry(sys.argv[1]), sys.argv[2], 1)
heartbeat.begin()

def clean_up(goes_on):
    remove_staged_folders()
    print("begun again" if goes_on else "over", flush=True)

with staged_folder(Path(sys.argv[3])), heartbeat.expendable(float(sys.argv[4]), clean_up):
    print("busy", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    (tmp_path / "registry.db").write_bytes(new_file())
    return f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def registry(url: str) -> Iterator[Registry]:
    registry = Registry(url)
    yield registry
    registry.close()


@pytest.fixture
def run_id(registry: Registry) -> str:
    """A run that has begun."""
    run = registry.submit(RunConfig(dataset="toy", fingerprint="0"), submit_key="key")
    registry.attempts.claim(1)
    registry.attempts.start(run.id, 1, pid=1)
    return run.id


@pytest.fixture
def worker(url: str, run_id: str) -> Iterator[subprocess.Popen[str]]:
    """The process above, once it has beaten for the first time."""
    command = [sys.executable, "-c", WORKER, url, run_id]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout
        assert process.stdout.readline() == "beating\n"
        yield process
        process.kill()


def test_a_locked_registry_is_waited_for(
    worker: subprocess.Popen[str], registry: Registry, run_id: str, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "registry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert worker.stdin
    worker.stdin.write("go\n")
    worker.stdin.flush()
    time.sleep(1.5)
    assert registry.metrics(run_id) == [], "nothing can be written"
    assert worker.poll() is None
    other.execute("COMMIT")
    other.close()

    wait_for(lambda: registry.get(run_id).phase == "past the lock", 5, "a beat")
    assert [epoch.epoch for epoch in registry.metrics(run_id)] == [1]
    registry.commands.stop(run_id, by=OPERATOR)
    _, log = worker.communicate(timeout=10)
    assert worker.returncode == 42, log
    assert registry.get(run_id).status == "stopped"
    assert "the registry does not answer: database is locked" in log


def test_a_worker_whose_run_was_given_to_another_ends(
    worker: subprocess.Popen[str], registry: Registry, run_id: str
) -> None:
    with registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET attempt = 2"))

    assert worker.wait(5) == EXIT_REPLACED
    assert registry.metrics(run_id) == []


def test_the_wish_to_stop_is_heard_and_passed_on(registry: Registry, run_id: str) -> None:
    heartbeat = Heartbeat(registry, run_id, 1)
    heartbeat.phase("reading the pictures")
    heartbeat.check()
    registry.commands.stop(run_id, by=OPERATOR)
    heartbeat.phase("still reading")

    with pytest.raises(EndRequestedError):
        heartbeat.check()
    with pytest.raises(EndRequestedError), heartbeat.uninterruptible():
        pass
    assert registry.get(run_id).phase == "still reading"


class Changing(Heartbeat):
    """One that hears of another wish between any two looks."""

    @property
    def request(self) -> WorkerRequest:
        self.requested = "pause" if self.requested == "run" else "run"
        return self.requested


def test_a_change_of_mind_is_never_taken_for_the_end(registry: Registry, run_id: str) -> None:
    heartbeat = Changing(registry, run_id, 1)
    for request in ("pause", "run") * 2:
        if request == "run":
            heartbeat.check()
        else:
            with pytest.raises(EndRequestedError) as caught:
                heartbeat.check()
            assert caught.value.request == "pause"


def test_patience_has_an_end(registry: Registry, run_id: str, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "registry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    registry.close()
    sa.event.listen(
        registry.store.engine, "connect", lambda db, _: db.execute("PRAGMA busy_timeout=50").close()
    )

    with pytest.raises(sa.exc.OperationalError, match="locked"):
        retry(lambda: registry.attempts.heartbeat(run_id, 1), patience=0.2)
    other.execute("COMMIT")
    other.close()
    assert retry(lambda: registry.attempts.heartbeat(run_id, 1), patience=0.2) == "run"


ENDINGS = {
    "stop": (0.0, "stopped", "over"),
    "pause": (0.0, "paused", "begun again"),
    "limit": (1.0, "failed", "over"),
}


@pytest.mark.parametrize("order", ENDINGS)
def test_work_on_data_that_does_not_listen_is_ended(
    registry: Registry, url: str, run_id: str, tmp_path: Path, order: str
) -> None:
    limit, status, what = ENDINGS[order]
    command = [sys.executable, "-c", BUSY, url, run_id, str(tmp_path / "sets"), str(limit)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == "busy\n"
        assert list((tmp_path / "sets").iterdir())
        if order != "limit":
            getattr(registry.commands, order)(run_id, by=OPERATOR)
        rest, _ = process.communicate(timeout=30)
    assert rest == f"{what}\n"
    assert process.returncode == (EXIT_FAILED if status == "failed" else EXIT_DONE)
    assert not list((tmp_path / "sets").iterdir()), "what it staged is gone"
    run = registry.get(run_id)
    assert run.status == status
    if status == "failed":
        assert run.error_kind == "limit"
        assert "minutes that work on data may take here" in str(run.error)


def test_work_on_data_hears_its_limit_where_it_listens(registry: Registry, run_id: str) -> None:
    heartbeat = Heartbeat(registry, run_id, 1)
    with heartbeat.expendable(20 * 60, lambda _: None):
        heartbeat.check()
        heartbeat._deadline = time.monotonic()
        with pytest.raises(LimitError, match="It has taken the 20 minutes"):
            heartbeat.check()
    heartbeat.check()


def test_the_first_batch_is_told_at_once_and_others_with_the_beat(
    registry: Registry, run_id: str
) -> None:
    heartbeat = Heartbeat(registry, run_id, 1)  # it does not beat
    heartbeat.phase("training", batch=0, n_batches=9)
    for batch in (1, 2, 3):
        heartbeat.advance({"phase": "training", "batch": batch, "n_batches": 9})
        assert registry.get(run_id).batch == 1
