"""The networks that come with Flatland are opened once, for everybody, and stay away if deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from ann_core.evaluation.shift_result import load_shift_tests
from ann_core.evaluation.shift_sentences import judge_shift
from ann_core.jobs import examples
from ann_core.jobs.examples import FOLDER, install_examples
from ann_core.runs.example_runs import example_runs
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import delete_old_runs, delete_run
from ann_core.runs.owners import OPERATOR, may_manage, new_owner_key
from ann_core.runs.registry import Registry
from ann_core.settings import Settings


def test_they_are_small() -> None:
    sizes = [path.stat().st_size for path in FOLDER.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) < 2_000_000


def test_they_are_opened_once_and_belong_to_nobody(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="", max_run_age_days=1)
    with Registry(settings.registry_url) as registry:
        install_examples(registry, Settings(data_dir=tmp_path, database_url="", examples=False))
        assert example_runs(registry) == []
        install_examples(registry, settings)
        runs = example_runs(registry)
        assert [run.name for run in runs] == ["Example: cartoons", "Example: handwritten digits"]
        assert registry.recent(owner=new_owner_key()) == []
        assert not may_manage(runs[0].owner, new_owner_key())
        shifts = load_shift_tests(RunFolder.of(settings.runs_dir, runs[0].id).shift_test)
        assert shifts is not None
        assert judge_shift(shifts.test) in ("gone", "mostly gone")  # what Flatland is about

        with registry.store.engine.begin() as db:
            db.execute(sa.text("UPDATE runs SET created = 0, started = 0, finished = 0"))
        assert delete_old_runs(registry, settings) == []
        delete_run(registry, settings, runs[0].id, by=OPERATOR)
        install_examples(registry, settings)
        assert [run.id for run in example_runs(registry)] == [runs[1].id]


def test_what_cannot_be_opened_is_no_failure_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "broken.zip").write_bytes(b"PK no zip")
    monkeypatch.setattr(examples, "FOLDER", tmp_path / "examples")
    settings = Settings(data_dir=tmp_path / "data", database_url="")
    settings.data_dir.mkdir()
    with Registry(settings.registry_url) as registry:
        install_examples(registry, settings)
        assert example_runs(registry) == []
    assert "could not be opened" in caplog.text
