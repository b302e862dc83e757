"""Deleting runs, by hand and by age."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ann_core.errors import RunError
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import delete_old_runs, delete_run
from ann_core.runs.owners import OPERATOR, NotYoursError, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings
from tests.helpers.registry import RESULT, start, submit

ANN, BOB = new_owner_key(), new_owner_key()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url="", max_run_age_days=7)


def done(registry: Registry, settings: Settings, key: str, days_ago: float = 0) -> Run:
    """A run that ended, with a file."""
    run = start(registry, key, ANN)
    registry.attempts.finish(run.id, 1, "done", result=RESULT)
    folder = RunFolder.of(settings.runs_dir, run.id).path
    folder.mkdir(parents=True)
    (folder / "model.keras").write_text("a model")
    age(registry, run, days_ago)
    return run


def age(registry: Registry, run: Run, days: float) -> None:
    with registry.store.engine.begin() as db:
        for column in ("created", "claimed", "finished"):
            statement = f"UPDATE runs SET {column} = {column} - :seconds WHERE id = :id"
            db.execute(sa.text(statement), {"seconds": days * 86400, "id": run.id})


def test_a_deleted_run_leaves_no_file(registry: Registry, settings: Settings) -> None:
    run, other = done(registry, settings, "a"), done(registry, settings, "b")
    with pytest.raises(NotYoursError):
        delete_run(registry, settings, run.id, by=BOB)
    assert RunFolder.of(settings.runs_dir, run.id).path.is_dir()
    delete_run(registry, settings, run.id, by=ANN)

    assert [left.name for left in settings.runs_dir.iterdir()] == [other.id]
    assert [left.id for left in registry.recent()] == [other.id]
    with pytest.raises(RunError, match="It may have been deleted"):
        delete_run(registry, settings, run.id, by=OPERATOR)


@pytest.mark.parametrize("run_id", ["..", "../datasets", "", "."])
def test_no_other_folder_can_be_deleted(
    registry: Registry, settings: Settings, run_id: str
) -> None:
    (settings.data_dir / "datasets").mkdir(parents=True)
    with pytest.raises(RunError, match="Expected an id"):
        delete_run(registry, settings, run_id, by=OPERATOR)

    assert (settings.data_dir / "datasets").is_dir()


def test_old_runs_are_deleted_and_nothing_else(registry: Registry, settings: Settings) -> None:
    old, young = done(registry, settings, "a", 7.1), done(registry, settings, "b", 6.9)
    working, waiting = start(registry, "c"), submit(registry, "d")
    for run in (waiting, working):
        age(registry, run, 30)

    assert delete_old_runs(registry, settings) == [old.id]
    left = {run.id for run in registry.recent()}
    assert left == {young.id, waiting.id, working.id}
    assert not RunFolder.of(settings.runs_dir, old.id).path.exists()
    forever = settings.model_copy(update={"max_run_age_days": 0})
    age(registry, young, 10_000)
    assert delete_old_runs(registry, forever) == []
