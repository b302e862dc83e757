"""The run registry on real databases, SQLite and PostgreSQL, with competing processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Timer

import pytest
import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.database import now
from ann_core.runs.job import check_run_id, new_run_id
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import LEASE_SECONDS, LOST, Registry
from ann_core.runs.schema import runs
from ann_core.training.time_estimate import PastRun
from tests.helpers.registry import CONFIG, EPOCH, RESULT, events, expire, start, submit

ROOT = Path(__file__).resolve().parents[3]
UNKNOWN = "AAAAAAAAAAAAAAAA"


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


# Filing


def test_a_filed_run_waits_and_can_be_read_again(registry: Registry) -> None:
    run = registry.submit(CONFIG, submit_key="key", name="  first try ", owner="ann")

    assert registry.get(run.id) == run
    assert (run.status, run.requested, run.attempt, run.epoch) == ("queued", "run", 0, 0)
    assert (run.name, run.config, run.live, run.has_model) == ("first try", CONFIG, True, False)
    assert abs(run.created - datetime.now(UTC)) < timedelta(seconds=5)
    assert (run.started, run.finished, run.result, run.error) == (None, None, None, None)
    assert events(registry, run) == ["queued"]


def test_another_registry_on_the_same_file_sees_the_run(registry: Registry, url: str) -> None:
    run = submit(registry)
    other = Registry(url)

    assert other.get(run.id) == run
    other.close()


def test_the_same_key_gives_the_same_run(registry: Registry) -> None:
    first = submit(registry)
    changed = CONFIG.model_copy(update={"dataset": "other"})
    second = registry.submit(changed, submit_key="key", name="again")

    assert second == first
    assert [run.id for run in registry.recent()] == [first.id]


def test_eight_clicks_at_once_file_one_run(registry: Registry) -> None:
    together = Barrier(8)

    def click(_: int) -> str:
        together.wait()
        return submit(registry).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(click, range(8)))

    assert len(ids) == 1
    assert len(registry.recent()) == 1


def test_the_newest_run_comes_first_and_owners_see_their_own(registry: Registry) -> None:
    for key in "abc":
        registry.submit(CONFIG, submit_key=key, name=key, owner="ann" if key == "b" else "bob")
        with (
            registry.store.engine.begin() as db
        ):  # a clock of milliseconds is too slow for this test
            db.execute(sa.text("UPDATE runs SET created = created - 10"))

    assert [run.name for run in registry.recent()] == ["c", "b", "a"]
    assert [run.name for run in registry.recent(limit=2)] == ["c", "b"]
    assert [run.name for run in registry.recent(owner="ann")] == ["b"]


@pytest.mark.parametrize("name", ["nul\0byte", "half a \ud83d", "x" * 5000])
def test_any_name_can_be_stored(registry: Registry, name: str) -> None:
    run = registry.submit(CONFIG, submit_key="key", name=name)
    registry.attempts.claim(1)
    registry.attempts.start(run.id, 1, pid=1)
    assert registry.attempts.heartbeat(run.id, 1, phase=name) == "run"
    registry.attempts.fail(run.id, 1, "bug", why=name)

    now = registry.get(run.id)
    assert now.name
    assert len(now.name) <= 100
    assert now.error and now.error[:3] == name[:3]


# Ids


@pytest.mark.parametrize(
    "run_id", ["../../etc/passwd", "", "AAAAAAAAAAAAAAA/", "AAAAAAAAAAAAAAA\n", "A" * 17, "é" * 16]
)
def test_no_malformed_id_reaches_the_database(registry: Registry, run_id: str) -> None:
    statements: list[str] = []
    sa.event.listen(
        registry.store.engine, "before_cursor_execute", lambda *call: statements.append(call[2])
    )
    for ask in (
        registry.get,
        registry.metrics,
        registry.events,
        registry.queue_position,
    ):
        with pytest.raises(RunError, match="Expected a run id of 16 letters"):
            ask(run_id)
    assert not [statement for statement in statements if "runs" in statement]


def test_new_ids_are_no_options_of_a_command_and_end_where_a_link_ends() -> None:
    ids = [new_run_id() for _ in range(2000)]

    assert len(set(ids)) == 2000
    assert all(check_run_id(run_id) == run_id for run_id in ids)
    assert [i for i in ids if not (i[0].isalnum() and i[-1].isalnum())] == []
    assert any("-" in run_id for run_id in ids), "or this test proves nothing"


def test_an_unknown_id_is_refused(registry: Registry) -> None:
    with pytest.raises(RunError, match=f"There is no run '{UNKNOWN}'"):
        registry.get(UNKNOWN)
    assert registry.metrics(UNKNOWN) == []
    assert registry.events(UNKNOWN) == []
    assert registry.queue_position(UNKNOWN) == 0


# The queue


def test_the_oldest_run_is_claimed_first_and_slots_are_kept(registry: Registry) -> None:
    ids = [submit(registry, key).id for key in "abc"]
    in_line = sorted(ids, key=lambda run_id: (registry.get(run_id).created, run_id))

    assert [registry.queue_position(run_id) for run_id in in_line] == [1, 2, 3]
    assert registry.attempts.claim(2) == (in_line[0], 1)
    assert [registry.queue_position(run_id) for run_id in in_line] == [0, 1, 2]
    assert registry.attempts.claim(2) == (in_line[1], 1)
    assert registry.attempts.claim(2) is None
    assert registry.get(in_line[0]).status == "starting"
    registry.attempts.start(in_line[0], 1, pid=1)
    registry.attempts.finish(in_line[0], 1, "done")
    assert registry.attempts.claim(2) == (in_line[2], 1)
    assert registry.attempts.claim(100) is None


COMPETE = """
import json, sys, time
import sqlalchemy as sa
from ann_core.runs.registry import Registry

registry, slots = Registry(sys.argv[1]), int(sys.argv[2])
claims, most = [], 0
print("ready", flush=True)
while True:
    claimed = registry.attempts.claim(slots)
    with registry.store.engine.connect() as db:
        counts = dict(db.execute(sa.text("SELECT status, count(*) FROM runs GROUP BY 1")).all())
    most = max(most, counts.get("starting", 0) + counts.get("running", 0))
    if claimed is None:
        if not counts.get("queued"):
            break
        time.sleep(0.002)
        continue
    claims.append(claimed)
    assert registry.attempts.start(*claimed, pid=1)
    assert registry.attempts.heartbeat(*claimed) == "run"
    assert registry.attempts.finish(*claimed, "done")
print(json.dumps([claims, most]))
"""


def test_three_competing_pumps_claim_each_run_once_and_never_too_many(
    registry: Registry, url: str
) -> None:
    ids = [submit(registry, f"key {number}").id for number in range(200)]
    in_line = sorted(ids, key=lambda run_id: (registry.get(run_id).created, run_id))
    pumps = [python(COMPETE, url, "2") for _ in range(3)]
    outputs = [dispatcher.communicate(timeout=120)[0] for dispatcher in pumps]

    assert [dispatcher.returncode for dispatcher in pumps] == [0, 0, 0]
    results = [json.loads(output.splitlines()[-1]) for output in outputs]
    claims = [tuple(claim) for claimed, _ in results for claim in claimed]
    assert sorted(claims) == sorted((run_id, 1) for run_id in ids)
    assert max(most for _, most in results) <= 2
    with registry.store.engine.connect() as db:
        query = sa.text("SELECT run FROM events WHERE what = 'claimed' ORDER BY id")
        assert list(db.scalars(query)) == in_line
    assert {run.status for run in registry.recent(limit=300)} == {"done"}


# Working


def test_a_worker_starts_once(registry: Registry) -> None:
    run = submit(registry)
    assert registry.attempts.start(run.id, 0, pid=1) is None, "nobody claimed it"
    registry.attempts.claim(1)
    assert registry.attempts.start(run.id, 2, pid=1) is None, "another attempt"

    started = registry.attempts.start(run.id, 1, pid=77)
    assert started
    assert (started.status, started.pid, started.attempt) == ("running", 77, 1)
    assert started.started and started.started >= started.created
    assert registry.attempts.start(run.id, 1, pid=78) is None, "the same attempt again"
    assert registry.get(run.id).pid == 77
    assert events(registry, run) == ["queued", "claimed", "started"]


def test_a_beat_reports_progress_and_hears_the_wish_to_stop(registry: Registry) -> None:
    run = start(registry)

    assert registry.attempts.heartbeat(run.id, 1, phase="training", batch=3, n_batches=9) == "run"
    now = registry.get(run.id)
    assert (now.phase, now.batch, now.n_batches) == ("training", 3, 9)
    registry.commands.stop(run.id, by=OPERATOR)
    assert registry.attempts.heartbeat(run.id, 1) == "stop"
    assert registry.get(run.id).phase == "training", "a beat without news changes nothing"


def test_metrics_are_read_in_order_and_only_the_new_ones(registry: Registry) -> None:
    run = start(registry)
    history = [replace(EPOCH, epoch=number, loss=1 / number) for number in (1, 2, 3)]
    for epoch in history:
        assert registry.attempts.add_metrics(run.id, 1, epoch)

    assert registry.metrics(run.id) == history
    assert registry.metrics(run.id, after=2) == history[2:]
    assert registry.metrics(run.id, after=3) == []
    assert registry.get(run.id).epoch == 3


def test_an_epoch_done_again_replaces_what_followed_it(registry: Registry) -> None:
    run = start(registry)
    for number in (1, 2, 3):
        registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=number))
    again = replace(EPOCH, epoch=2, loss=0.1)
    registry.attempts.add_metrics(run.id, 1, again)

    assert registry.metrics(run.id) == [EPOCH, again]


@pytest.mark.parametrize("status", ["done", "stopped"])
def test_a_run_ends_once(registry: Registry, status) -> None:
    run = start(registry)
    registry.attempts.heartbeat(run.id, 1, phase="saving the model")

    assert registry.attempts.finish(run.id, 1, status, result=RESULT)
    ended = registry.get(run.id)
    assert (ended.status, ended.result, ended.phase) == (status, RESULT, "")
    assert not ended.live
    assert ended.has_model
    assert ended.finished and ended.finished >= run.created
    assert not registry.attempts.fail(run.id, 1, "bug", why="too late")
    assert not registry.attempts.recover_lost(run.id, 1)
    assert registry.attempts.heartbeat(run.id, 1) is None
    assert registry.get(run.id) == ended


def test_a_failure_keeps_its_kind_and_sentence(registry: Registry) -> None:
    run = start(registry)

    assert registry.attempts.fail(run.id, 1, "disk", why="The disk is full.")
    failed = registry.get(run.id)
    assert (failed.status, failed.error_kind, failed.error) == (
        *("failed", "disk"),
        "The disk is full.",
    )
    assert not failed.has_model
    assert events(registry, run)[-1] == "failed"


def test_a_replaced_worker_changes_nothing(registry: Registry) -> None:
    run = start(registry)
    registry.attempts.add_metrics(run.id, 1, EPOCH)
    with registry.store.engine.begin() as db:  # what a second attempt does
        db.execute(sa.text("UPDATE runs SET attempt = 2"))
    before = registry.get(run.id)

    assert registry.attempts.heartbeat(run.id, 1, phase="training", batch=5) is None
    assert not registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=2))
    assert not registry.attempts.finish(run.id, 1, "done", result=RESULT)
    assert not registry.attempts.fail(run.id, 1, "bug", why="why")
    assert not registry.attempts.recover_lost(run.id, 1)
    assert registry.attempts.start(run.id, 1, pid=9) is None
    assert registry.get(run.id) == before
    assert registry.metrics(run.id) == [EPOCH]
    assert registry.attempts.heartbeat(run.id, 2, batch=6) == "run", "the second attempt goes on"


# Losing


def test_a_lost_worker_is_replaced_by_another_that_goes_on(registry: Registry) -> None:
    run = start(registry)
    registry.attempts.add_metrics(run.id, 1, EPOCH)
    registry.attempts.saved(run.id, 1, "checkpoint.npz")

    assert registry.attempts.recover_lost(run.id, 1) == "queued"
    waiting = registry.get(run.id)
    assert (waiting.status, waiting.losses, waiting.interrupted) == ("queued", 1, True)
    assert (waiting.checkpoint, waiting.epoch) == ("checkpoint.npz", 1)
    assert registry.attempts.recover_lost(run.id, 1) is None, "twice"
    assert registry.attempts.claim(1) == (run.id, 2)
    second = registry.attempts.start(run.id, 2, pid=5)
    assert second
    assert second.started == run.started, "of the first attempt"
    assert registry.attempts.heartbeat(run.id, 1) is None
    assert events(registry, run)[-3:] == ["lost", "claimed", "started"]


def test_three_workers_lost_without_progress_fail_the_run(registry: Registry) -> None:
    run = start(registry)
    for attempt in (1, 2):
        assert registry.attempts.recover_lost(run.id, attempt) == "queued"
        assert registry.attempts.claim(1) == (run.id, attempt + 1)
    assert registry.attempts.recover_lost(run.id, 3) == "failed"

    recover_lost = registry.get(run.id)
    assert (recover_lost.status, recover_lost.error_kind, recover_lost.error) == (
        "failed",
        "lost",
        LOST,
    )
    assert recover_lost.can_resume
    assert registry.attempts.claim(1) is None


def test_want_of_memory_is_tried_once_more_only(registry: Registry) -> None:
    run = start(registry)

    assert registry.attempts.recover_lost(run.id, 1, "no memory", kind="memory") == "queued"
    assert registry.attempts.claim(1) == (run.id, 2)
    assert registry.attempts.recover_lost(run.id, 2, "no memory", kind="memory") == "failed"
    assert registry.get(run.id).error_kind == "memory"


@pytest.mark.parametrize("progress", ["an epoch", "a checkpoint"])
def test_progress_makes_up_for_lost_workers(registry: Registry, progress: str) -> None:
    run = start(registry)
    for attempt in range(1, 8):
        if attempt > 1:
            registry.attempts.start(run.id, attempt, pid=attempt)
        if progress == "an epoch":
            registry.attempts.add_metrics(run.id, attempt, replace(EPOCH, epoch=attempt))
        else:
            registry.attempts.saved(run.id, attempt, f"{attempt}.npz")
        assert registry.attempts.recover_lost(run.id, attempt) == "queued"
        assert registry.attempts.claim(1) == (run.id, attempt + 1)

    assert registry.get(run.id).losses == 1


def test_a_resumed_run_forgets_what_lies_beyond_its_checkpoint(registry: Registry) -> None:
    run = start(registry)
    for number in (1, 2, 3):
        registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=number))

    assert registry.attempts.rewind(run.id, 1, 1, batch=4)
    assert registry.metrics(run.id) == [EPOCH]
    assert (registry.get(run.id).epoch, registry.get(run.id).batch) == (1, 4)
    assert not registry.attempts.rewind(run.id, 2, 0), "another attempt"
    assert registry.metrics(run.id) == [EPOCH]


def test_a_worker_that_has_to_leave_gives_its_run_back(registry: Registry) -> None:
    run = start(registry)

    assert registry.attempts.release(run.id, 1)
    waiting = registry.get(run.id)
    assert (waiting.status, waiting.losses, waiting.finished) == ("queued", 0, None)
    assert registry.attempts.claim(1) == (run.id, 2)
    assert not registry.attempts.release(run.id, 1)


def test_a_silent_worker_is_replaced_after_its_lease(registry: Registry) -> None:
    silent, speaking = start(registry, "a"), start(registry, "b")
    assert registry.attempts.requeue_stalled() == []
    expire(registry, silent)
    expire(registry, speaking)
    registry.attempts.heartbeat(speaking.id, 1)

    assert registry.attempts.requeue_stalled() == [silent.id]
    assert registry.get(silent.id).status == "queued"
    assert registry.get(speaking.id).status == "running"
    assert registry.attempts.heartbeat(silent.id, 1) is None, (
        "a worker that wakes up finds itself replaced"
    )
    assert registry.attempts.requeue_stalled() == []


def test_a_claimed_run_whose_worker_never_came_is_claimed_again(registry: Registry) -> None:
    run = submit(registry)
    registry.attempts.claim(1)
    assert registry.attempts.requeue_stalled() == []
    expire(registry, run)

    assert registry.attempts.requeue_stalled() == [run.id]
    assert registry.attempts.claim(1) == (run.id, 2)


def test_a_worker_that_speaks_at_the_last_moment_is_not_given_up(
    registry: Registry, url: str
) -> None:
    run = start(registry)
    expire(registry, run)
    worker = Registry(url)

    def speak(*call) -> None:
        if call[2].startswith("SELECT runs.id, runs.attempt"):
            assert worker.attempts.heartbeat(run.id, 1) == "run"

    sa.event.listen(registry.store.engine, "after_cursor_execute", speak)

    assert registry.attempts.requeue_stalled() == []
    assert registry.get(run.id).status == "running"
    worker.close()


def test_a_lease_lasts_long_enough_for_a_busy_machine(registry: Registry) -> None:
    run = start(registry)
    with registry.store.engine.connect() as db:
        left = db.scalar(sa.select(runs.c.lease - now(registry.store.engine)))

    assert registry.get(run.id).live
    assert LEASE_SECONDS - 5 < left <= LEASE_SECONDS


# What earlier runs tell


def test_ended_runs_tell_how_long_their_epochs_took(registry: Registry) -> None:
    assert registry.past_runs() == []
    run = start(registry)
    for number, seconds in enumerate((9.0, 2.0, 3.0), start=1):
        registry.attempts.add_metrics(run.id, 1, replace(EPOCH, epoch=number, seconds=seconds))
    start(registry, "still at work")
    n_images = {"train": 80, "validation": 10, "test": 10}
    result = RESULT.model_copy(update={"n_parameters": 1234, "n_images": n_images})
    registry.attempts.finish(run.id, 1, "done", result=result)

    batch_size = CONFIG.network.batch_size
    assert registry.past_runs() == [PastRun(80, 1234, batch_size, seconds_per_epoch=3.0)]


def test_a_run_of_another_version_does_not_hide_the_others(registry: Registry) -> None:
    odd, good = submit(registry, "a"), submit(registry, "b")
    with registry.store.engine.begin() as db:
        update = sa.update(runs).where(runs.c.id == odd.id)
        db.execute(update.values(config={"of": "tomorrow"}))

    assert [run.id for run in registry.recent()] == [good.id]
    with pytest.raises(RunError, match="made by another version of Flatland"):
        registry.get(odd.id)


# The database


WRITE = """
import sys, time
from ann_core.runs.registry import Registry
from ann_core.training.history import EpochMetrics

registry = Registry(sys.argv[1])
for epoch in range(1, 151):
    time.sleep(0.005)
    metrics = EpochMetrics(epoch, 0.5, 0.5, 0.5, 0.5, 1.0)
    assert registry.attempts.add_metrics(sys.argv[2], 1, metrics)
    assert registry.attempts.heartbeat(sys.argv[2], 1, batch=epoch) == "run"
"""


def test_pages_read_while_workers_write(registry: Registry, url: str) -> None:
    run = start(registry)
    writer = python(WRITE, url, run.id)
    seen: set[int] = set()
    while writer.poll() is None:
        epochs = [epoch.epoch for epoch in registry.metrics(run.id)]
        assert epochs == list(range(1, len(epochs) + 1)), "always whole epochs, from the first"
        assert registry.get(run.id).epoch >= len(epochs)
        seen.add(len(epochs))
        registry.submit(CONFIG, submit_key=f"key {len(seen)}")

    writer.communicate()
    assert writer.returncode == 0
    assert len(seen) > 2, "or the two never met"
    assert registry.get(run.id).epoch == 150
    if registry.store.engine.dialect.name == "sqlite":
        with registry.store.engine.connect() as db:
            assert db.scalar(sa.text("PRAGMA journal_mode")) == "wal"


def test_a_new_registry_may_be_opened_twice_at_the_same_moment(tmp_path: Path) -> None:
    # SQLite refuses to change a file's mode at once, without waiting, while
    # another process that is also new to the file writes to it.
    other = sqlite3.connect(tmp_path / "new.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    Timer(0.4, other.execute, ["COMMIT"]).start()

    registry = Registry(f"sqlite:///{tmp_path / 'new.db'}")
    assert submit(registry).status == "queued"
    registry.close()
    other.close()


@pytest.mark.parametrize("kind", ["a folder", "no database", "no such driver", "no address"])
def test_a_registry_that_cannot_be_opened_says_so(tmp_path: Path, kind: str) -> None:
    (tmp_path / "text.db").write_text("This is no database. " * 100)
    url = {
        "a folder": f"sqlite:///{tmp_path}",
        "no database": f"sqlite:///{tmp_path / 'text.db'}",
        "no such driver": "postgresql+unheardof://ann:secret@localhost/runs",
        "no address": "somewhere",
    }[kind]
    with pytest.raises(RunError, match="The run registry cannot be opened: ") as caught:
        Registry(url)

    assert "ANN_DATABASE_URL" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
