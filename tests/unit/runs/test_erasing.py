"""Erased pictures leave no byte in the data folder, and runs on them stay readable."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import DatasetError
from ann_core.evaluation.run_inputs import load_run_inputs
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.export.archive.archive import write_archive
from ann_core.runs.dataset_owners import NotYourDatasetError, Viewer
from ann_core.runs.erasing import (
    ERASING_PREFIX,
    BusyDatasetError,
    erase,
    finish_erasures,
    relatives,
    stop_jobs_on,
)
from ann_core.runs.job_types import (
    ArchiveImportConfig,
    BaselinesConfig,
    ImportConfig,
    TableConfig,
)
from ann_core.runs.owners import new_owner_key, owner_digest
from ann_core.runs.run import Run
from tests.helpers.runs import PIXELS, SIDE, Workshop, make_dataset, run_config
from tests.helpers.searched import files_with
from tests.helpers.uploads import store_images, store_zip

ANYBODY = Viewer()
ANN, BOB = new_owner_key(), new_owner_key()


class ImageSet:
    """Pictures whose names and pixels are nobody else's."""

    def __init__(self, name: str, seed: int, n_images: int = 12) -> None:
        rng = np.random.default_rng(seed)
        self.files: dict[str, list[tuple[str, bytes]]] = {}
        self.traces: list[bytes] = []
        for class_name in ("dark", "bright"):
            for number in range(n_images):
                pixels = rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
                buffer = io.BytesIO()
                Image.fromarray(pixels).save(buffer, "PNG")
                file = f"{name}-{class_name}-{number}"
                self.files.setdefault(class_name, []).append((f"{file}.png", buffer.getvalue()))
                self.traces += [
                    file.encode(),
                    buffer.getvalue(),
                    *(row.tobytes() for row in pixels),
                ]

    def zipped(self) -> io.BytesIO:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for class_name, files in self.files.items():
                for file, content in files:
                    archive.writestr(f"{class_name}/{file}", content)
        return buffer


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "data")
    yield made
    made.close()


def done(workshop: Workshop, config: Any) -> Any:
    job = workshop.wait_for_end(workshop.request(config))
    assert job.status == "done", job.error
    return job.result


def train(workshop: Workshop, name: str) -> Run:
    info = Catalog(workshop.settings.datasets_dir).info(name)
    config = run_config(Catalog(workshop.settings.datasets_dir).load(info.name), epochs=1)
    run = workshop.wait_for_end(workshop.start(config))
    assert run.status == "done", run.error
    return run


def use_everywhere(workshop: Workshop, info: DatasetInfo) -> Run:
    """Do with a data set all that leaves something of its pictures behind."""
    run = train(workshop, info.name)
    about: dict[str, Any] = {"dataset": info.name, "fingerprint": info.fingerprint}
    for config in (TableConfig, BaselinesConfig):
        done(workshop, config(preprocess=PIXELS, **about))
    packed = io.BytesIO()
    write_archive(run, workshop.settings, packed)
    upload = store_zip(packed, workshop.settings.uploads_dir)
    done(workshop, ArchiveImportConfig(upload=upload))
    version = ImportConfig(name=f"{info.name}-2", source="version", what=info.name, leave_out=(0,))
    done(workshop, version)
    return run


def test_no_byte_of_erased_pictures_stays(workshop: Workshop) -> None:
    settings, registry = workshop.settings, workshop.registry
    gone, other = ImageSet("secret", 1), ImageSet("other", 2)
    uploads = settings.uploads_dir
    zipped = ImportConfig(
        name="gone", source="zip", what=store_zip(gone.zipped(), uploads), origin="secret-dark-0"
    )
    done(workshop, zipped)
    by_hand = ImportConfig(
        name="by-hand", source="pictures", what=store_images(gone.files, uploads)
    )
    done(workshop, by_hand)
    done(
        workshop, ImportConfig(name="other", source="zip", what=store_zip(other.zipped(), uploads))
    )
    run = use_everywhere(workshop, Catalog(settings.datasets_dir).info("gone"))
    kept = train(workshop, "other")
    workshop.wait_for_end(registry.data_jobs()[0])
    half_written = settings.features_dir / ".incoming-killed"
    half_written.mkdir()
    (half_written / "features.npy").write_bytes(gone.traces[2])
    os.utime(half_written, (0, 0))

    before = {path.split("/")[0] for path in files_with(settings.data_dir, gone.traces)}
    assert before >= {"datasets", "features", "runs", "registry.db-wal"}
    kinds = {Path(path).name for path in files_with(settings.runs_dir, gone.traces)}
    assert kinds >= {"gone-train.parquet", "fingerprints.json", "worker.log", "pixels.npz"}
    info = Catalog(settings.datasets_dir).info("gone")
    names = [info.name, *(each.name for each in relatives(info, settings))]
    assert sorted(names) == ["by-hand", "gone", "gone-2"]
    others = files_with(settings.datasets_dir, other.traces)

    erase(registry, settings, names, by=ANYBODY)

    assert files_with(settings.data_dir, gone.traces) == set()
    assert files_with(settings.datasets_dir, other.traces) == others
    assert [info.name for info in Catalog(settings.datasets_dir).infos()] == ["other"]
    assert len(list(settings.profiles_dir.iterdir())) == 1
    assert not list(settings.baselines_dir.iterdir())
    still = registry.get(run.id)
    assert (still.status, still.result, still.error) == ("done", run.result, None)
    folder = workshop.folder(run)
    assert len(load_predictions(folder.predictions, 2)) == info.n_images
    assert load_run_inputs(folder, run.config, settings.features_dir) is None
    assert workshop.folder(kept).fingerprints.is_file()
    assert workshop.folder(kept).embeddings.is_file()


def test_only_what_is_named_goes_and_the_rest_keeps_its_pictures(workshop: Workshop) -> None:
    settings, registry = workshop.settings, workshop.registry
    make_dataset(settings.data_dir, "whole")
    done(workshop, ImportConfig(name="part", source="version", what="whole", leave_out=(0,)))
    part = Catalog(settings.datasets_dir).load("part")
    workshop.wait_for_end(registry.data_jobs()[0])
    erase(registry, settings, ["whole"], by=ANYBODY)

    left = Catalog(settings.datasets_dir).load("part")
    assert [left.path(row).is_file() for row in range(len(left))] == [True] * len(part)
    with pytest.raises(DatasetError, match="no data set 'whole'"):
        erase(registry, settings, ["part", "whole"], by=ANYBODY)
    assert Catalog(settings.datasets_dir).info("part") == left.info


def test_a_data_set_at_work_is_not_erased_until_that_is_stopped(workshop: Workshop) -> None:
    settings, registry = workshop.settings, workshop.registry
    dataset = make_dataset(settings.data_dir)
    run = workshop.submit(run_config(dataset))
    version = workshop.request(
        ImportConfig(name="new", source="version", what="toy", leave_out=(0,))
    )
    with pytest.raises(BusyDatasetError, match="Nothing was erased") as caught:
        erase(registry, settings, ["toy"], by=ANYBODY)
    assert caught.value.jobs == [run.id, version.id]
    assert Catalog(settings.datasets_dir).load("toy").info == dataset.info

    assert stop_jobs_on(registry, settings, ["toy"], by=ANYBODY) == 2
    erase(registry, settings, ["toy"], by=ANYBODY)
    assert Catalog(settings.datasets_dir).infos() == []
    assert registry.get(run.id).status == "stopped"


@pytest.mark.parametrize("killed", ["at the first", "after the pictures", "at the end"])
def test_what_a_killed_process_began_the_next_one_finishes(workshop: Workshop, killed: str) -> None:
    settings, registry = workshop.settings, workshop.registry
    for name in ("toy", "more", "stays"):
        make_dataset(settings.data_dir, name, n_images=10 if name == "stays" else 20)
    folder = settings.datasets_dir / "toy"
    more = Catalog(settings.datasets_dir).info("more")
    if killed == "at the first":
        (folder / "others.json").write_text(json.dumps([["more", more.fingerprint]]))
    elif killed == "after the pictures":
        for path in folder.glob("pictures/**/*.png"):
            path.unlink()
    else:
        (folder / "dataset.json").unlink()
    folder.rename(settings.datasets_dir / f"{ERASING_PREFIX}0123")
    assert "toy" not in [info.name for info in Catalog(settings.datasets_dir).infos()]

    workshop.dispatcher.tick()
    left = {path.name for path in settings.datasets_dir.iterdir()}
    assert left == ({"stays"} if killed == "at the first" else {"more", "stays"})
    finish_erasures(registry, settings)


def test_only_its_owner_erases_it_and_only_theirs_goes(workshop: Workshop) -> None:
    settings = workshop.settings.model_copy(update={"profile": "hosted"})
    for name, key in (("ann", ANN), ("bob", BOB)):
        make_dataset(settings.data_dir, name)
        file = settings.datasets_dir / name / "dataset.json"
        about = json.loads(file.read_text()) | {"owner": owner_digest(key)}
        file.write_text(json.dumps(about))
    ann, bob = (Viewer(key, hosted=True) for key in (ANN, BOB))
    info = Catalog(settings.datasets_dir).info("ann")
    assert relatives(info, settings) == []
    with pytest.raises((NotYourDatasetError, DatasetError)):
        erase(workshop.registry, settings, ["ann"], by=bob)
    with pytest.raises((NotYourDatasetError, DatasetError)):
        stop_jobs_on(workshop.registry, settings, ["ann"], by=bob)
    assert Catalog(settings.datasets_dir).info("ann") == info

    theirs = train(workshop, "bob")
    erase(workshop.registry, settings, ["ann"], by=ann)
    left = Catalog(settings.datasets_dir).load("bob")
    assert all(left.path(row).is_file() for row in range(len(left)))
    folder = workshop.folder(theirs)
    assert folder.fingerprints.is_file()
    assert load_run_inputs(folder, theirs.config, settings.features_dir) is not None


def test_a_version_1_table_and_profile_go_as_well(workshop: Workshop) -> None:
    settings = workshop.settings
    dataset = make_dataset(settings.data_dir)
    run = train(workshop, "toy")
    [table] = settings.features_dir.iterdir()
    (table / "origin.json").unlink()
    (settings.profiles_dir / "of-an-older-pillow").mkdir(parents=True)
    erase(workshop.registry, settings, [dataset.name], by=ANYBODY)
    assert not list(settings.features_dir.iterdir())
    assert not list(settings.profiles_dir.iterdir())
    assert workshop.registry.get(run.id).status == "done"


def test_names_in_pages_that_were_freed_long_ago_go_too(workshop: Workshop) -> None:
    settings, registry = workshop.settings, workshop.registry
    make_dataset(settings.data_dir)
    name = "from-before-deletion-was-secure"
    for statement in (
        "PRAGMA secure_delete=OFF",
        f"CREATE TABLE old AS SELECT '{name}' AS a",
        "DROP TABLE old",
    ):
        connection = registry.store.engine.raw_connection()
        connection.cursor().execute(statement)
        connection.close()
    assert files_with(settings.data_dir, [name.encode()])
    with registry.store.engine.connect() as db:
        db.execute(sa.text("SELECT 1"))
    erase(registry, settings, ["toy"], by=ANYBODY)
    assert not files_with(settings.data_dir, [name.encode()])


def test_a_failed_run_keeps_no_name_of_a_picture(workshop: Workshop) -> None:
    settings, registry = workshop.settings, workshop.registry
    dataset = make_dataset(settings.data_dir)
    dataset.path(0).unlink()
    run = workshop.wait(workshop.start(run_config(dataset)), lambda now: now.status == "failed")
    name = str(dataset.images["source"].iat[0])
    assert run.error is not None
    assert name in run.error
    erase(registry, settings, ["toy"], by=ANYBODY)
    after = registry.get(run.id)
    assert "were erased" in str(after.error)
    assert (after.status, after.error_kind) == ("failed", "data")
    assert not any(name in event.detail for event in registry.events(run.id))
