"""What owners may ask of their runs, and that nobody else may."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ann_core.errors import LimitError, RunError
from ann_core.runs.commands import MAX_NOTES, RunCommands
from ann_core.runs.owners import (
    OPERATOR,
    NotYoursError,
    is_owner_key,
    may_manage,
    new_owner_key,
    owner_digest,
)
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Limits
from tests.helpers.registry import CONFIG, RESULT, events, start, submit

ANN, BOB = new_owner_key(), new_owner_key()
UNKNOWN = "AAAAAAAAAAAAAAAA"
COMMANDS = (
    RunCommands.stop,
    RunCommands.pause,
    RunCommands.resume,
    RunCommands.describe,
    RunCommands.delete,
)


def paused(registry: Registry, owner: str = ANN, checkpoint: str | None = "c.npz") -> Run:
    """A run that rests, with or without something to go on from."""
    run = start(registry, owner=owner)
    if checkpoint:
        registry.attempts.saved(run.id, 1, checkpoint)
    registry.commands.pause(run.id, by=owner)
    assert registry.attempts.release(run.id, 1)
    return registry.get(run.id)


# Keys


def test_owner_keys_cannot_be_guessed_or_mistaken() -> None:
    keys = {new_owner_key() for _ in range(500)}

    assert len(keys) == 500
    assert all(is_owner_key(key) for key in keys)
    for other in (None, 7, "", "short", "x" * 33, "x" * 31 + "/", "x" * 31 + "\n", "é" * 32):
        assert not is_owner_key(other)


def test_the_registry_holds_no_key_and_knows_its_owner(registry: Registry) -> None:
    run = submit(registry, owner=ANN)
    with registry.store.engine.connect() as db:
        stored = str(db.execute(sa.text("SELECT * FROM runs")).mappings().all())

    assert ANN not in stored
    assert run.owner == owner_digest(ANN) != owner_digest(BOB)
    assert (may_manage(run.owner, ANN), may_manage(run.owner, BOB)) == (True, False)
    assert may_manage(run.owner, OPERATOR)
    # Runs of the computer's own operator belong to no key, the empty one included.
    assert submit(registry, "operator").owner == ""
    assert not may_manage("", "")
    assert not may_manage("", ANN)


# Strangers


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
@pytest.mark.parametrize("standing", ["queued", "running", "paused", "done"])
def test_nobody_else_can_change_a_run(registry: Registry, command, standing: str) -> None:
    if standing == "paused":
        run = paused(registry)
    elif standing == "queued":
        run = submit(registry, owner=ANN)
    else:
        run = start(registry, owner=ANN)
        if standing == "done":
            registry.attempts.finish(run.id, 1, "done", result=RESULT)
    before, noted = registry.get(run.id), events(registry, run)

    for stranger in (BOB, "", run.id, run.owner, "' OR 1=1 --"):
        with pytest.raises(NotYoursError, match="Only the browser that started this training"):
            command(registry.commands, run.id, by=stranger)
    assert registry.get(run.id) == before
    assert events(registry, run) == noted


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_run_that_is_not_there_is_refused(registry: Registry, command) -> None:
    with pytest.raises(RunError, match=f"Nothing here has the id '{UNKNOWN}'"):
        command(registry.commands, UNKNOWN, by=ANN)
    with pytest.raises(RunError, match="Expected an id of 16 letters"):
        command(registry.commands, "../../etc/passwd", by=OPERATOR)


def test_owners_see_their_own_runs(registry: Registry) -> None:
    for key, owner in (("a", ANN), ("b", BOB), ("c", OPERATOR)):
        submit(registry, key, owner)

    assert [run.owner for run in registry.recent(owner=BOB)] == [owner_digest(BOB)]
    assert len(registry.recent()) == 3


# Stop


def test_a_waiting_run_stops_at_once(registry: Registry) -> None:
    run = submit(registry, owner=ANN)
    registry.commands.stop(run.id, by=ANN)

    stopped = registry.get(run.id)
    assert (stopped.status, stopped.has_model) == ("stopped", False)
    assert stopped.finished
    assert registry.attempts.claim(1) is None
    assert events(registry, run) == ["queued", "stopped"]


def test_a_run_that_starts_or_works_is_asked_to_stop(registry: Registry) -> None:
    run = submit(registry, owner=ANN)
    registry.attempts.claim(1)
    registry.commands.stop(run.id, by=ANN)
    assert (registry.get(run.id).status, registry.get(run.id).requested) == ("starting", "stop")

    registry.attempts.start(run.id, 1, pid=1)
    assert registry.attempts.heartbeat(run.id, 1) == "stop"
    registry.commands.stop(run.id, by=OPERATOR)
    assert (registry.get(run.id).status, registry.get(run.id).requested) == ("running", "stop")


@pytest.mark.parametrize("status", ["done", "stopped", "failed"])
def test_a_wish_to_stop_leaves_an_ended_run_as_it_is(registry: Registry, status) -> None:
    run = start(registry, owner=ANN)
    registry.attempts.finish(run.id, 1, status)
    before, noted = registry.get(run.id), events(registry, run)
    registry.commands.stop(run.id, by=ANN)
    registry.commands.pause(run.id, by=ANN)

    assert registry.get(run.id) == before
    assert events(registry, run) == noted


def test_a_worker_that_does_not_listen_is_found_after_its_time(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    assert registry.attempts.unresponsive(0) == [], "nobody asked for anything"
    registry.commands.stop(run.id, by=ANN)
    assert registry.attempts.unresponsive() == []
    with registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET asked = asked - 21"))
    assert [
        (unresponsive.run_id, unresponsive.attempt, unresponsive.pid)
        for unresponsive in registry.attempts.unresponsive()
    ] == [(run.id, 1, 1234)]
    registry.attempts.heartbeat(run.id, 1, requested_at=None)
    assert registry.attempts.unresponsive() == [], "it obeys"


@pytest.mark.parametrize("checkpoint", ["c.npz", None])
def test_a_paused_run_that_is_stopped_keeps_what_it_learned(
    registry: Registry, checkpoint: str | None
) -> None:
    run = paused(registry, checkpoint=checkpoint)
    registry.commands.stop(run.id, by=ANN)

    now = registry.get(run.id)
    if checkpoint:  # somebody has to make a model of it
        assert (now.status, now.requested) == ("queued", "stop")
        assert registry.attempts.claim(1) == (run.id, 2)
    else:
        assert (now.status, registry.attempts.claim(1)) == ("stopped", None)


@pytest.mark.parametrize("checkpoint", ["c.npz", None])
def test_a_worker_lost_on_its_way_to_a_stop(registry: Registry, checkpoint: str | None) -> None:
    run = start(registry, owner=ANN)
    if checkpoint:
        registry.attempts.saved(run.id, 1, checkpoint)
    registry.commands.stop(run.id, by=ANN)

    assert registry.attempts.recover_lost(run.id, 1) == ("queued" if checkpoint else "stopped")
    assert registry.get(run.id).requested == "stop"
    assert registry.attempts.unresponsive(-1) == [], "the next one has time of its own"


# Pause and resume


def test_a_waiting_run_rests_at_once_and_goes_on(registry: Registry) -> None:
    run = submit(registry, owner=ANN)
    registry.commands.pause(run.id, by=ANN)
    assert registry.get(run.id).status == "paused"
    assert registry.attempts.claim(1) is None
    registry.commands.resume(run.id, by=ANN)

    assert registry.attempts.claim(1) == (run.id, 1)
    assert events(registry, run) == ["queued", "paused", "resumed", "claimed"]


def test_a_working_run_rests_and_goes_on_as_its_next_attempt(registry: Registry) -> None:
    run = paused(registry)
    assert (run.status, run.can_resume, run.can_pause, run.can_stop) == (
        *("paused", True, False),
        True,
    )
    assert run.finished is None
    registry.commands.resume(run.id, by=ANN)

    now = registry.get(run.id)
    assert (now.status, now.requested, now.checkpoint) == ("queued", "run", "c.npz")
    assert registry.attempts.claim(1) == (run.id, 2)


def test_who_changes_his_mind_while_the_worker_saves_goes_on(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    registry.commands.pause(run.id, by=ANN)
    registry.commands.resume(run.id, by=ANN)
    assert registry.attempts.heartbeat(run.id, 1) == "run"
    registry.commands.pause(run.id, by=ANN)
    assert registry.attempts.heartbeat(run.id, 1) == "pause"
    registry.commands.resume(run.id, by=ANN)
    assert registry.attempts.release(run.id, 1), "it has stopped working already"

    assert registry.get(run.id).status == "queued"


def test_a_worker_lost_on_its_way_to_a_pause_rests(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    registry.commands.pause(run.id, by=ANN)

    assert registry.attempts.recover_lost(run.id, 1) == "paused"


def test_a_failed_run_can_be_tried_again_with_all_its_attempts(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    registry.attempts.saved(run.id, 1, "c.npz")
    registry.attempts.fail(run.id, 1, "disk", why="The disk is full.")
    registry.commands.resume(run.id, by=ANN)

    now = registry.get(run.id)
    assert (now.status, now.error, now.error_kind, now.losses) == ("queued", None, None, 0)
    assert now.checkpoint == "c.npz"


@pytest.mark.parametrize("ending", ["done", "stopped", "diverged", "limit"])
def test_what_has_ended_for_good_cannot_go_on(registry: Registry, ending: str) -> None:
    run = start(registry, owner=ANN)
    if ending in {"done", "stopped"}:
        registry.attempts.finish(run.id, 1, ending)  # type: ignore[arg-type]
    else:
        registry.attempts.fail(run.id, 1, ending, why="why")

    with pytest.raises(RunError, match="cannot go on"):
        registry.commands.resume(run.id, by=ANN)


# Delete


def test_a_run_under_way_is_not_deleted(registry: Registry) -> None:
    waiting, working = submit(registry, "a", ANN), start(registry, "b", ANN)
    for run in (waiting, working):
        with pytest.raises(RunError, match="Stop it first"):
            registry.commands.delete(run.id, by=ANN)


def test_a_deleted_run_is_gone_with_all_that_was_known_of_it(registry: Registry) -> None:
    run, other = paused(registry), submit(registry, "other", BOB)
    registry.commands.delete(run.id, by=ANN)

    assert [left.id for left in registry.recent()] == [other.id]
    with registry.store.engine.connect() as db:
        counts = [
            db.scalar(sa.text(f"SELECT count(*) FROM {table} WHERE run = :run"), {"run": run.id})
            for table in ("metrics", "events")
        ]
    assert counts == [0, 0]


# Limits


def test_an_owner_may_have_so_many_runs_waiting(registry: Registry) -> None:
    def file(key: str, owner: str) -> Run:
        return registry.submit(CONFIG, submit_key=key, owner=owner, limits=Limits(waiting_runs=2))

    first = file("1", ANN)
    file("2", ANN)
    with pytest.raises(LimitError, match="You have 2 trainings waiting, and this server allows 2"):
        file("3", ANN)
    assert file("1", ANN) == first, "a double click is no further run"
    assert file("4", BOB).status == "queued"
    assert registry.attempts.claim(1)
    assert file("3", ANN).status == "queued"


# Name and notes


def test_owners_name_their_runs_and_write_notes(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    registry.commands.describe(run.id, by=ANN, name="  of\n two lines ", notes=" first\nsecond\0 ")
    described = registry.get(run.id)
    assert (described.name, described.notes) == ("of two lines", "first\nsecond")
    registry.commands.describe(run.id, by=ANN, notes="")
    registry.commands.describe(run.id, by=OPERATOR, name="x" * 300)
    described = registry.get(run.id)
    assert (described.name, described.notes) == ("x" * 100, "")
    registry.commands.describe(run.id, by=ANN, notes="n" * (MAX_NOTES + 1))
    assert len(registry.get(run.id).notes) == MAX_NOTES
    registry.commands.describe(run.id, by=ANN)
    assert registry.get(run.id).name == "x" * 100


def test_notes_do_not_disturb_a_run_that_works(registry: Registry) -> None:
    run = start(registry, owner=ANN)
    noted = events(registry, run)
    registry.commands.describe(run.id, by=ANN, name="named", notes="meanwhile")
    assert registry.attempts.heartbeat(run.id, 1, phase="training") == "run"
    assert registry.get(run.id).status == "running"
    assert events(registry, run) == noted
