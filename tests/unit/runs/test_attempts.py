"""Claimed, worked on, lost: a run and its workers, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ann_core.runs.attempts import SILENT
from ann_core.runs.database import now
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import LEASE_SECONDS, LOST, Registry
from ann_core.runs.schema import runs
from tests.helpers.registry import EPOCH, RESULT, events, expire, python, start, submit

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


def test_memory_is_not_blamed_for_a_worker_of_another_computer(registry: Registry) -> None:
    near, far = start(registry, "a"), start(registry, "b")
    with registry.store.engine.begin() as db:
        db.execute(sa.update(runs).where(runs.c.id == far.id).values(host="elsewhere"))
    expire(registry, near)
    expire(registry, far)

    assert set(registry.attempts.requeue_stalled()) == {near.id, far.id}
    details = {run.id: registry.events(run.id)[-1].detail for run in (near, far)}
    assert details == {near.id: LOST, far.id: SILENT}
    assert "memory" not in SILENT


def test_a_worker_is_silent_once_its_lease_is_half_over(registry: Registry) -> None:
    run = start(registry)
    assert registry.attempts.silent() == []
    with registry.store.engine.begin() as db:
        later = runs.c.lease - LEASE_SECONDS / 2
        db.execute(sa.update(runs).values(lease=later))
    (silent,) = registry.attempts.silent()
    assert (silent.run_id, silent.attempt, silent.pid) == (run.id, 1, 1234)

    registry.attempts.renew(run.id, 2)
    assert registry.attempts.silent() == [silent], "of another attempt"
    registry.attempts.renew(run.id, 1)
    assert registry.attempts.silent() == []
    registry.attempts.finish(run.id, 1, "done")
    registry.attempts.renew(run.id, 1)
    with registry.store.engine.connect() as db:
        assert db.scalar(sa.select(runs.c.lease)) is None, "it has ended"


def test_a_clock_that_was_set_back_does_not_make_a_dead_worker_live_on(
    registry: Registry,
) -> None:
    run = start(registry)
    with registry.store.engine.begin() as db:  # the clock is set back by an hour
        db.execute(sa.update(runs).values(lease=runs.c.lease + 3600))
    assert registry.attempts.requeue_stalled() == []
    with registry.store.engine.begin() as db:  # and goes on
        db.execute(sa.update(runs).values(lease=runs.c.lease - LEASE_SECONDS - 1))

    assert registry.attempts.requeue_stalled() == [run.id]


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
