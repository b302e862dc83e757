"""An import by a job: what a second try takes for its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import display_name
from ann_core.errors import DatasetError
from ann_core.files import no_progress
from ann_core.jobs.import_job import import_dataset, owner_of
from ann_core.runs.job_types import ImportConfig, ImportJob
from ann_core.runs.owners import new_owner_key, owner_digest
from ann_core.settings import Profile
from tests.helpers.runs import Workshop, make_dataset, write_images


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "data")
    yield made
    made.close()


def started(workshop: Workshop, config: ImportConfig, *, attempt: int = 1) -> ImportJob:
    """A job whose first processes were lost, if `attempt` is not the first."""
    attempts = workshop.registry.attempts
    job = workshop.request(config)
    for number in range(1, attempt + 1):
        assert attempts.claim(1, (ImportJob.kind,)) == (job.id, number)
        running = attempts.start(job.id, number, pid=number)
        assert isinstance(running, ImportJob)
        if number < attempt:
            attempts.recover_lost(job.id, number)
    return running


def test_a_second_try_leaves_the_set_of_somebody_else_alone(
    workshop: Workshop, tmp_path: Path
) -> None:
    folder = write_images(tmp_path / "mine")
    config = ImportConfig(name="toy", source="folder", what=str(folder))
    again = started(workshop, config, attempt=2)
    make_dataset(workshop.settings.data_dir)  # of the same name, since the first try began
    with pytest.raises(DatasetError, match="There is a data set 'toy' already"):
        import_dataset(again, workshop.settings, no_progress)


@pytest.mark.parametrize("source", ["folder", "version"])
def test_a_second_try_finds_what_the_first_had_finished(
    workshop: Workshop, tmp_path: Path, source: str
) -> None:
    make_dataset(workshop.settings.data_dir, "whole")
    folder = write_images(tmp_path / "mine")
    configs = {
        "folder": ImportConfig(name="toy", source="folder", what=str(folder)),
        "version": ImportConfig(name="toy", source="version", what="whole", leave_out=(0,)),
    }
    first = started(workshop, configs[source])
    made = import_dataset(first, workshop.settings, no_progress)
    assert made.info.job == first.id
    again = import_dataset(first, workshop.settings, no_progress)
    assert again.info == Catalog(workshop.settings.datasets_dir).load("toy").info == made.info


@pytest.mark.parametrize("profile", ["local", "hosted"])
def test_what_is_brought_in_belongs_to_who_filed_it(
    workshop: Workshop, tmp_path: Path, profile: Profile
) -> None:
    settings = workshop.settings.model_copy(
        update={"profile": profile, "allow_server_folders": True}
    )
    folder, key = write_images(tmp_path / "mine"), new_owner_key()
    config = ImportConfig(name="toy", source="folder", what=str(folder))
    job = workshop.request(config, key)
    made = import_dataset(job, settings, no_progress)
    assert made.info.owner == owner_digest(key)
    assert display_name(made.name) == "toy"
    assert (made.name != "toy") == (profile == "hosted")
    assert import_dataset(job, settings, no_progress).info == made.info
    if profile == "hosted":
        again = workshop.request(config, key)
        with pytest.raises(DatasetError, match="There is a data set 'toy' already"):
            import_dataset(again, settings, no_progress)
        another = workshop.request(config, new_owner_key())
        assert import_dataset(another, settings, no_progress).name != made.name


def test_what_flatland_brings_along_belongs_to_all(workshop: Workshop) -> None:
    config = ImportConfig(name="digits", source="builtin", what="digits")
    assert owner_of(workshop.request(config, new_owner_key())) == ""
