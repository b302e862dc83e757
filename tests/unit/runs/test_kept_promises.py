"""What live work needs stays; who changes their mind is heard; nothing is left behind."""

from __future__ import annotations

import io
import os
import shutil
import threading
import time
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from ann_core.datasets.importing.uploads import stored_zip
from ann_core.machine import folder_bytes
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import UPLOAD_SECONDS, delete_run, delete_unused_uploads
from ann_core.runs.job_types import ArchiveImportConfig, ImportConfig
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.helpers.registry import events, start, submit
from tests.helpers.uploads import store_zip

WEEK = 7 * 24 * 3600.0


def make_old(registry: Registry, seconds: float) -> None:
    """Let everything have happened so long ago."""
    with registry.store.engine.begin() as db:
        for table, columns in (
            ("runs", ("created", "claimed", "started", "finished")),
            ("events", ("at",)),
        ):
            for column in columns:
                db.execute(sa.text(f"UPDATE {table} SET {column} = {column} - {seconds}"))


def upload(settings: Settings) -> str:
    """Store an upload that looks as if nobody had wanted it for some time."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("cat/1.jpg", b"x")
    token = store_zip(content, settings.uploads_dir)
    past = time.time() - UPLOAD_SECONDS - 60
    os.utime(settings.uploads_dir / token, (past, past))
    return token


def test_an_upload_stays_as_long_as_a_job_names_it(registry: Registry, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    zipped, archive, nobodys = (upload(settings) for _ in range(3))
    config = ImportConfig(name="cats", source="zip", what=zipped)
    job = registry.submit_data_job(config, submit_key="a")
    registry.submit_data_job(ArchiveImportConfig(upload=archive), submit_key="b")

    delete_unused_uploads(registry, settings)
    assert stored_zip(settings.uploads_dir, zipped).is_file()
    assert stored_zip(settings.uploads_dir, archive).is_file()
    assert not (settings.uploads_dir / nobodys).exists()

    registry.commands.stop(job.id, by=OPERATOR)
    delete_unused_uploads(registry, settings)
    assert not (settings.uploads_dir / zipped).exists(), "nobody needs it any more"


def test_a_paused_run_is_as_old_as_its_pause(registry: Registry) -> None:
    run = start(registry)
    make_old(registry, WEEK + 3600)
    registry.commands.pause(run.id, by=OPERATOR)
    assert registry.attempts.release(run.id, 1)
    assert registry.get(run.id).status == "paused"
    assert registry.ended_before(WEEK) == []
    make_old(registry, WEEK + 3600)
    assert registry.ended_before(WEEK) == [run.id]


def test_a_pause_that_a_shutdown_overtook_is_a_pause(registry: Registry) -> None:
    run = start(registry)
    registry.commands.pause(run.id, by=OPERATOR)
    assert registry.attempts.release(run.id, 1)  # the server was shut down first
    assert registry.get(run.id).status == "paused"
    assert registry.get(run.id).can_resume
    registry.commands.resume(run.id, by=OPERATOR)
    assert (registry.get(run.id).status, registry.get(run.id).requested) == ("queued", "run")


def test_a_waiting_run_that_was_to_pause_can_be_continued(registry: Registry) -> None:
    """As an older Flatland left them."""
    run = start(registry)
    registry.commands.pause(run.id, by=OPERATOR)
    with registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET status = 'queued'"))
    registry.commands.resume(run.id, by=OPERATOR)
    assert (registry.get(run.id).status, registry.get(run.id).requested) == ("queued", "run")


@pytest.mark.parametrize("later", ["stop", "run"])
def test_who_changes_their_mind_while_the_worker_saves_is_heard(
    registry: Registry, later: str
) -> None:
    run = start(registry)
    registry.attempts.saved(run.id, 1, "checkpoint.npz")
    registry.commands.pause(run.id, by=OPERATOR)
    if later == "stop":
        registry.commands.stop(run.id, by=OPERATOR)
    else:
        registry.commands.resume(run.id, by=OPERATOR)
    assert registry.attempts.release(run.id, 1)
    assert (registry.get(run.id).status, registry.get(run.id).requested) == ("queued", later)
    assert events(registry, run)[-1] == "queued"


def test_a_paused_run_can_be_stopped_whatever_was_asked_before(registry: Registry) -> None:
    run = start(registry)
    with registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET status = 'paused', want = 'stop'"))
    assert registry.get(run.id).can_stop
    registry.commands.stop(run.id, by=OPERATOR)
    assert registry.get(run.id).status == "stopped"


def test_two_that_delete_at_once_leave_no_folder(registry: Registry, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    left = []
    for number in range(20):
        run = submit(registry, f"key{number}")
        registry.commands.stop(run.id, by=OPERATOR)
        folder = RunFolder.of(settings.runs_dir, run.id)
        folder.checkpoints.mkdir(parents=True)
        for file in range(60):
            (folder.checkpoints / f"{file}.npz").write_bytes(b"x")
        other = threading.Thread(target=shutil.rmtree, args=(folder.checkpoints, True))
        other.start()
        delete_run(registry, settings, run.id, by=OPERATOR)
        other.join()
        left += [folder.path] if folder.path.exists() else []
    assert left == []


def test_a_folder_is_counted_though_a_part_of_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"12345")
    assert folder_bytes(tmp_path) >= 15
