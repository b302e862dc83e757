"""A deleted run leaves nothing behind, whoever is killed; and nobody's turn comes sooner by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs import tombstones
from ann_core.runs.adoption import FinishedTraining, adopt
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import delete_old_runs, sweep
from ann_core.runs.job import new_run_id
from ann_core.runs.owners import OPERATOR, new_owner_key, owner_digest
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings
from tests.helpers.registry import CONFIG, EPOCH, RESULT, start, submit
from tests.helpers.registry_machine import DAY, pass_time

ANN, BOB = new_owner_key(), new_owner_key()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url="", max_run_age_days=7)


def finished(registry: Registry, settings: Settings, key: str, owner: str = ANN) -> Run:
    run = start(registry, key, owner)
    assert registry.attempts.add_metrics(run.id, 1, EPOCH)
    assert registry.attempts.finish(run.id, 1, "done", result=RESULT)
    write_model(settings, run.id)
    return run


def write_model(settings: Settings, run_id: str) -> Path:
    folder = RunFolder.of(settings.runs_dir, run_id)
    folder.path.mkdir(parents=True)
    folder.litert_model.write_bytes(b"model")
    return folder.path


def n_rows(registry: Registry) -> dict[str, int]:
    tables = ("runs", "metrics", "events")
    with registry.store.reading() as db:
        return {name: db.scalar(sa.text(f"SELECT COUNT(*) FROM {name}")) for name in tables}


def test_files_go_although_the_server_that_deletes_them_is_killed(
    registry: Registry, settings: Settings
) -> None:
    run = finished(registry, settings, "a")
    folder = RunFolder.of(settings.runs_dir, run.id).path
    registry.commands.delete(run.id, by=ANN)  # and no more
    sweep(registry, settings)
    assert folder.exists(), "whoever deletes it may still be about it"
    pass_time(registry, 90)
    sweep(registry, settings)
    assert not folder.exists()

    write_model(settings, run.id)  # by a worker that was replaced, and slept until now
    sweep(registry, settings)
    assert not folder.exists()
    assert n_rows(registry) == {"runs": 1, "metrics": 0, "events": 0}
    pass_time(registry, DAY)
    sweep(registry, settings)
    assert n_rows(registry) == {"runs": 0, "metrics": 0, "events": 0}


def test_of_a_deleted_run_nothing_can_be_read(registry: Registry, settings: Settings) -> None:
    run = finished(registry, settings, "a")
    registry.commands.describe(run.id, by=ANN, name="secret", notes="secret")
    registry.commands.delete(run.id, by=ANN)

    for read in (registry.get, registry.job):
        with pytest.raises(RunError, match="It may have been deleted"):
            read(run.id)
    assert registry.recent() == registry.recent(owner=ANN) == registry.data_jobs() == []
    assert registry.metrics(run.id) == registry.events(run.id) == registry.past_runs() == []
    with registry.store.reading() as db:
        [row] = db.execute(sa.text("SELECT * FROM runs")).mappings()
    assert "secret" not in str(row)
    assert CONFIG.dataset not in str(row)
    assert submit(registry, "a", ANN).id != run.id, "its form may be filed again"


def test_who_deletes_their_runs_does_not_get_before_the_others(
    registry: Registry, settings: Settings
) -> None:
    finished(registry, settings, "b1", BOB)
    pass_time(registry, 60)
    mine = [finished(registry, settings, f"a{number}") for number in range(3)]
    pass_time(registry, 60)
    again = submit(registry, "a9", ANN)
    waiting = submit(registry, "b2", BOB)
    assert registry.queue_position(waiting.id) == 1

    for run in mine:
        registry.commands.delete(run.id, by=ANN)
    assert registry.queue_position(waiting.id) == 1
    assert registry.queue_position(again.id) == 2


def test_a_run_that_was_continued_meanwhile_is_not_too_old(
    registry: Registry, settings: Settings
) -> None:
    run = start(registry)
    registry.commands.pause(run.id, by=OPERATOR)
    registry.attempts.release(run.id, 1)
    pass_time(registry, 8 * DAY)
    assert registry.ended_before(7 * DAY) == [run.id]  # as the sweep lists them, and then

    registry.commands.resume(run.id, by=OPERATOR)
    registry.commands.pause(run.id, by=OPERATOR)
    with pytest.raises(RunError, match="worked on"):
        registry.commands.delete(run.id, by=OPERATOR, idle_seconds=7 * DAY)
    assert delete_old_runs(registry, settings) == []
    assert registry.get(run.id).status == "paused"


def test_an_import_that_is_killed_before_its_run_is_filed_leaves_no_folder(
    registry: Registry, settings: Settings
) -> None:
    killed, filed = new_run_id(), new_run_id()
    for run_id in (killed, filed):
        tombstones.reserve(registry.store, run_id, owner_digest(ANN))
        write_model(settings, run_id)
    training = FinishedTraining(
        run_id=filed, config=CONFIG, status="done", result=RESULT, history=[EPOCH]
    )
    adopt(registry.store, training, submit_key="x", owner=owner_digest(ANN))
    pass_time(registry, 90)
    sweep(registry, settings)

    assert [path.name for path in settings.runs_dir.iterdir()] == [filed]
    assert [run.id for run in registry.recent(owner=ANN)] == [filed]


def test_a_pause_that_is_not_obeyed_yet_can_be_taken_back(registry: Registry) -> None:
    run = start(registry)
    assert not registry.get(run.id).can_resume
    registry.commands.pause(run.id, by=OPERATOR)
    assert registry.get(run.id).can_resume
    registry.commands.resume(run.id, by=OPERATOR)
    assert not registry.get(run.id).can_resume
    assert registry.get(run.id).requested == "run"
