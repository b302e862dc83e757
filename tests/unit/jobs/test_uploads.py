"""What is refused is never written, what is pressed twice is written once, what is over goes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.datasets.importing.uploads import Upload, upload_token, zip_upload
from ann_core.errors import DatasetError, LimitError
from ann_core.jobs.admission import room_left, submit_upload
from ann_core.runs.housekeeping import delete_unused_uploads, stop_job
from ann_core.runs.job_types import AnyJob, ArchiveImportConfig, ImportConfig
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

MEGABYTE = 1 << 20


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, max_waiting_runs=2, max_disk_bytes=10 * MEGABYTE)


@pytest.fixture
def registry(settings: Settings) -> Iterator[Registry]:
    with Registry(settings.registry_url) as opened:
        yield opened


def zip_config(token: str, name: str) -> ImportConfig:
    return ImportConfig(name=name, source="zip", what=token)


def press(registry: Registry, settings: Settings, name: str, size: int = MEGABYTE) -> AnyJob:
    """Press Import on an upload, as the forms do."""
    upload = zip_upload(io.BytesIO(bytes(size)), "the file")
    config = zip_config(upload_token("form", upload.identity, name), name)
    submission = Submission(f"form:{config.key()}", "k" * 32)
    return submit_upload(registry, settings, config, upload=upload, submission=submission)


def stored(settings: Settings) -> int:
    """Bytes of all that lies in the folder of uploads."""
    return sum(path.stat().st_size for path in settings.uploads_dir.rglob("*") if path.is_file())


def test_what_is_refused_is_not_written(registry: Registry, settings: Settings) -> None:
    def write(folder: Path) -> None:
        raise AssertionError("it must be refused before")

    upload = Upload("large", 6 * MEGABYTE, write)
    config = ArchiveImportConfig(upload=upload_token("large"))
    with pytest.raises(LimitError, match="keeps 10 MB of data"):
        submit_upload(registry, settings, config, upload=upload, submission=Submission("a"))
    taken = settings.datasets_dir / "taken"
    taken.mkdir(parents=True)
    upload = Upload("small", 1, write)
    with pytest.raises(DatasetError, match="There is a data set 'taken' already"):
        submit_upload(
            registry,
            settings,
            zip_config(upload_token("small"), "taken"),
            upload=upload,
            submission=Submission("b"),
        )
    for number in range(2):
        press(registry, settings, f"set-{number}", 1000)
    submission = Submission("c", "k" * 32)
    with pytest.raises(LimitError, match="You have 2 imports waiting"):
        submit_upload(registry, settings, config, upload=upload, submission=submission)


def test_uploads_count_at_once_for_the_folder(registry: Registry, settings: Settings) -> None:
    press(registry, settings, "first", 4 * MEGABYTE)
    with pytest.raises(LimitError, match="would exceed that"):
        press(registry, settings, "second", 4 * MEGABYTE)
    assert stored(settings) == 4 * MEGABYTE
    assert room_left(settings) < 6 * MEGABYTE


def test_a_second_press_files_and_writes_nothing(registry: Registry, settings: Settings) -> None:
    first = press(registry, settings, "cats")
    assert press(registry, settings, "cats") == first
    assert stored(settings) == MEGABYTE
    assert len(registry.data_jobs()) == 1


def test_a_disk_that_fails_leaves_nothing(registry: Registry, settings: Settings) -> None:
    def write(folder: Path) -> None:
        (folder / "half").write_bytes(b"half")
        raise ConnectionError("the visitor is gone")

    token = upload_token("half")
    upload = Upload("half", 4, write)
    config = ArchiveImportConfig(upload=token)
    with pytest.raises(ConnectionError):
        submit_upload(registry, settings, config, upload=upload, submission=Submission("a"))
    assert stored(settings) == 0
    assert registry.data_jobs() == []


def test_who_cancels_in_the_line_lets_go_of_the_upload(
    registry: Registry, settings: Settings
) -> None:
    for number in range(4):
        job = press(registry, settings, f"set-{number}")
        stop_job(registry, settings, job.id, by="k" * 32)
        assert stored(settings) == 0


def test_an_upload_under_way_stays_when_it_is_cancelled(
    registry: Registry, settings: Settings
) -> None:
    job = press(registry, settings, "cats")
    registry.attempts.claim(1, (job.kind,))
    stop_job(registry, settings, job.id, by=OPERATOR)
    assert stored(settings) == MEGABYTE, "its worker may be reading it, and removes it"
    assert registry.attempts.recover_lost(job.id, 1) == "stopped"
    delete_unused_uploads(registry, settings)
    assert stored(settings) == MEGABYTE, "too young to be swept"
