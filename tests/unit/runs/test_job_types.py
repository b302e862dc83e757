"""Work on data as jobs: real processes that import, are killed, cancelled and take turns."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError, LimitError, RunError
from ann_core.files import no_progress
from ann_core.jobs.admission import submit_job
from ann_core.jobs.import_job import import_dataset
from ann_core.runs.housekeeping import delete_old_data_jobs, delete_unused_uploads
from ann_core.runs.job_results import ImportResult
from ann_core.runs.job_types import (
    ExportConfig,
    ImportConfig,
    ImportJob,
    ProfileConfig,
    ProfileJob,
    TableConfig,
)
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.run import Run
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import (
    LONG,
    PIXELS,
    Workshop,
    make_dataset,
    run_config,
    write_images,
)
from tests.helpers.uploads import store_images, store_zip

NETWORK = NetworkConfig(hidden_units=(4,), epochs=1)


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "data", checkpoint_seconds=0)
    yield made
    made.close()


def zipped(folder: Path) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, path.relative_to(folder).as_posix())
    return buffer


def zip_order(workshop: Workshop, content: io.BytesIO, name: str = "toy") -> ImportConfig:
    token = store_zip(content, workshop.settings.uploads_dir)
    return ImportConfig(name=name, source="zip", what=token, origin="zip file toy.zip")


def large_images(folder: Path, n_images: int = 400) -> Path:
    """Two classes of images that take seconds to decode and hardly any space."""
    for name, intensity in (("dark", 40), ("bright", 200)):
        (folder / name).mkdir(parents=True)
        content = io.BytesIO()
        Image.new("L", (2000, 2000), intensity).save(content, "PNG")
        for number in range(n_images):
            (folder / name / f"{number}.png").write_bytes(content.getvalue())
    return folder


def uploads(workshop: Workshop) -> list[Path]:
    return list(workshop.settings.uploads_dir.iterdir())


def model_cache(workshop: Workshop) -> Catalog:
    return Catalog(workshop.settings.datasets_dir)


def test_an_import_brings_a_survey_and_the_network_that_was_asked_for(
    workshop: Workshop, tmp_path: Path
) -> None:
    config = zip_order(workshop, zipped(write_images(tmp_path / "toy")))
    job = workshop.request(config.model_copy(update={"then": NETWORK}))
    ended = workshop.wait_for_end(job)
    dataset = model_cache(workshop).load("toy")
    assert (ended.status, ended.error) == ("done", None)
    [run] = workshop.registry.recent()
    assert ended.result == ImportResult(dataset="toy", n_images=40, n_skipped=0, run=run.id)
    assert dataset.info.source == "zip file toy.zip"
    assert uploads(workshop) == []
    assert (run.config.network, run.config.fingerprint) == (NETWORK, dataset.fingerprint)
    [profile] = [other for other in workshop.registry.data_jobs() if isinstance(other, ProfileJob)]
    assert profile.config == ProfileConfig(dataset="toy", fingerprint=dataset.fingerprint)
    assert workshop.wait_for_end(profile).status == "done"
    assert workshop.wait_for_end(run).status == "done"


def test_a_killed_import_is_done_again_and_once(workshop: Workshop, tmp_path: Path) -> None:
    job = workshop.request(zip_order(workshop, zipped(write_images(tmp_path / "toy", 1500))))
    workshop.wait(job, lambda now: now.status == "running" and now.n_batches and now.batch > 100)
    [worker] = workshop.workers(job)
    worker.kill()
    ended = workshop.wait_for_end(job)
    assert (ended.status, ended.attempt) == ("done", 2)
    assert len(model_cache(workshop).load("toy")) == 3000
    assert [info.name for info in model_cache(workshop).infos()] == ["toy"]
    assert uploads(workshop) == []


def test_what_a_lost_process_had_finished_is_found(workshop: Workshop, tmp_path: Path) -> None:
    """It was killed between the last file and the word to the registry."""
    source = write_images(tmp_path / "toy")
    job = workshop.request(ImportConfig(name="toy", source="folder", what=str(source)))
    registry = workshop.registry
    assert registry.attempts.claim(1, (ImportJob.kind,)) == (job.id, 1)
    running = registry.attempts.start(job.id, 1, pid=1)
    assert isinstance(running, ImportJob)
    made = import_dataset(running, workshop.settings, no_progress)
    registry.attempts.recover_lost(job.id, 1)
    ended = workshop.wait_for_end(job)
    assert (ended.status, ended.attempt) == ("done", 2)
    assert model_cache(workshop).load("toy").info == made.info


def test_a_cancelled_import_leaves_nothing(workshop: Workshop, tmp_path: Path) -> None:
    job = workshop.request(zip_order(workshop, zipped(large_images(tmp_path / "toy"))))
    workshop.wait(job, lambda now: now.status == "running" and now.n_batches)
    workshop.registry.commands.stop(job.id, by=OPERATOR)
    assert workshop.wait_for_end(job).status == "stopped"
    assert uploads(workshop) == []
    assert list(workshop.settings.datasets_dir.iterdir()) == []
    assert [job.kind for job in workshop.registry.data_jobs()] == ["import"], "no survey of nothing"


def test_images_from_which_nothing_can_be_learned(workshop: Workshop, tmp_path: Path) -> None:
    single = write_images(tmp_path / "toy")
    for image in (single / "dark").iterdir():
        image.unlink()
    job = workshop.request(zip_order(workshop, zipped(single)))
    ended = workshop.wait_for_end(job)
    assert (ended.status, ended.error_kind) == ("failed", "data")
    assert "found only 'bright'" in (ended.error or "")
    assert uploads(workshop) == []
    assert model_cache(workshop).infos() == []


def test_images_given_class_by_class(workshop: Workshop, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "toy")
    given = {
        name: [(path.name, path.read_bytes()) for path in sorted((folder / name).iterdir())]
        for name in ("dark", "bright")
    }
    given["dark"].append(("broken.png", b"no picture"))
    token = store_images(given, workshop.settings.uploads_dir)
    job = workshop.request(ImportConfig(name="toy", source="pictures", what=token))
    ended = workshop.wait_for_end(job)
    assert ended.result is not None, ended.error
    assert (ended.result.n_images, ended.result.n_skipped) == (40, 1)
    dataset = model_cache(workshop).load("toy")
    assert set(dataset.class_names) == {"dark", "bright"}
    [left_out] = dataset.skipped["source"]
    assert "broken.png" in left_out


def test_a_new_version_keeps_splits_and_the_old_one(workshop: Workshop) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    rows = tuple(int(row) for row in dataset.indices("train")[:3])
    config = ImportConfig(name="toy-2", source="version", what="toy", leave_out=rows)
    ended = workshop.wait_for_end(workshop.request(config))
    assert ended.result is not None, ended.error
    version = model_cache(workshop).load("toy-2")
    assert len(version) == len(dataset) - 3
    kept = dataset.images.drop(index=list(rows))
    columns = ["sha256", "class_name", "split", "source"]
    assert version.images[columns].values.tolist() == kept[columns].values.tolist()
    assert set(version.skipped["source"]) == set(dataset.images["source"].iloc[list(rows)])
    assert all(version.path(row).is_file() for row in range(len(version)))
    assert model_cache(workshop).load("toy").info == dataset.info
    assert version.fingerprint != dataset.fingerprint


def test_work_does_not_wait_for_a_training(workshop: Workshop, many_images: Path) -> None:
    dataset = make_dataset(workshop.settings.data_dir, "other", n_images=100)
    run = workshop.start(run_config(dataset, **LONG))
    job = workshop.request(ProfileConfig(dataset="other", fingerprint=dataset.fingerprint))
    assert workshop.registry.queue_position(job.id) == 1
    assert workshop.wait_for_end(job).status == "done"
    assert workshop.registry.get(run.id).live


def test_a_table_lies_with_its_job(workshop: Workshop) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    job = workshop.request(
        TableConfig(
            dataset="toy", fingerprint=dataset.fingerprint, preprocess=PIXELS, split="train"
        )
    )
    ended = workshop.wait_for_end(job)
    assert ended.result is not None, ended.error
    file = workshop.folder(job).path / ended.result.file
    assert file.stat().st_size == ended.result.bytes
    assert ended.result.n_rows == len(dataset.indices("train"))
    assert ended.result.n_columns == PIXELS.n_features + 1


def test_a_zip_file_lies_with_its_job(workshop: Workshop) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    job = workshop.request(ExportConfig(dataset="toy", fingerprint=dataset.fingerprint))
    ended = workshop.wait_for_end(job)
    assert ended.result is not None, ended.error
    file = workshop.folder(job).path / ended.result.file
    assert (file.name, ended.result.n_images) == ("toy.zip", len(dataset))
    assert file.stat().st_size == ended.result.bytes


def test_an_address_that_is_refused_leaves_no_secret_in_the_log(workshop: Workshop) -> None:
    url = "http://localhost/pets.zip?sig=hush"
    job = workshop.request(ImportConfig(name="pets", source="address", what=url))
    ended = workshop.wait_for_end(job)
    assert (ended.status, ended.error_kind) == ("failed", "data")
    assert "only public addresses" in (ended.error or "")
    assert "hush" not in (ended.error or "") + workshop.log(job)
    assert list(workshop.settings.datasets_dir.glob("*")) == []


def test_the_images_may_not_change_under_a_job(workshop: Workshop) -> None:
    make_dataset(workshop.settings.data_dir)
    ended = workshop.wait_for_end(
        workshop.request(ProfileConfig(dataset="toy", fingerprint="0" * 32))
    )
    assert (ended.status, ended.error_kind) == ("failed", "data")
    assert "have changed since this was filed" in (ended.error or "")


def test_the_door_of_the_line(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path / "data", max_waiting_runs=1, max_disk_bytes=10**9)
    dataset: Dataset = make_dataset(workshop.settings.data_dir)
    registry, settings = workshop.registry, workshop.settings
    taken = ImportConfig(name="toy", source="builtin", what="digits")
    with pytest.raises(DatasetError, match="There is a data set 'toy' already"):
        submit_job(registry, settings, taken, submission=Submission("1"))
    free = taken.model_copy(update={"name": "digits"})
    with pytest.raises(LimitError, match=r"keeps 1,000 MB of data, and this would exceed"):
        submit_job(registry, settings, free, submission=Submission("1"), disk_bytes=2 * 10**9)
    job = submit_job(registry, settings, free, submission=Submission("1"))
    assert submit_job(registry, settings, free, submission=Submission("1")).id == job.id, (
        "a double click"
    )
    with pytest.raises(LimitError, match="You have 1 import waiting"):
        submit_job(registry, settings, free, submission=Submission("2"))
    assert workshop.submit(run_config(dataset)).id != job.id, "trainings wait elsewhere"
    with pytest.raises(RunError, match="Nothing here has the id"):
        registry.get(job.id)
    assert [run.kind for run in registry.recent()] == [Run.kind]
    workshop.close()


def test_old_work_is_forgotten_with_its_files(workshop: Workshop) -> None:
    dataset = make_dataset(workshop.settings.data_dir)
    job = workshop.request(
        TableConfig(dataset="toy", fingerprint=dataset.fingerprint, preprocess=PIXELS)
    )
    assert workshop.wait_for_end(job).status == "done"
    assert delete_old_data_jobs(workshop.registry, workshop.settings) == []
    store_zip(io.BytesIO(b"abandoned"), workshop.settings.uploads_dir)
    age(workshop)
    delete_unused_uploads(workshop.registry, workshop.settings)
    assert delete_old_data_jobs(workshop.registry, workshop.settings) == [job.id]
    assert not workshop.folder(job).path.exists()
    assert uploads(workshop) == []


def age(workshop: Workshop) -> None:
    """Let everything be two days old."""
    with workshop.registry.store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET finished = finished - 172800"))
    for upload in uploads(workshop):
        os.utime(upload, (time.time() - 172800,) * 2)
