"""The door of the queue on a host: nobody works on images that are not there for them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.config import Config
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import ImportOptions, import_folder
from ann_core.errors import DatasetError
from ann_core.jobs.admission import submit_job, submit_run
from ann_core.jobs.data_jobs import open_dataset
from ann_core.runs.dataset_owners import Viewer, dataset_key, run_key
from ann_core.runs.job_types import (
    AnyConfig,
    BaselinesConfig,
    ImportConfig,
    ImportJob,
    ProfileConfig,
    TableConfig,
)
from ann_core.runs.owners import OPERATOR, Filer, Submission, Visitor, owner_digest
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import NO_LIMITS
from tests.helpers.runs import PIXELS, Workshop, write_images

FIRST, SECOND = "1" * 32, "2" * 32  # fixed: they stand in the names of tests
THEIRS = "pets.abcdefgh"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "data")
    hosted = {"profile": "hosted", "limits": NO_LIMITS}
    made.settings = made.settings.model_copy(update=hosted)
    yield made
    made.close()


@pytest.fixture
def theirs(host: Workshop, tmp_path: Path) -> Dataset:
    return bring(host, tmp_path / "theirs", THEIRS, FIRST)


def bring(host: Workshop, folder: Path, name: str, owner: str, n_images: int = 20) -> Dataset:
    options = ImportOptions(source="zip file x.zip", owner=owner_digest(owner))
    catalog = Catalog(host.settings.datasets_dir)
    return import_folder(write_images(folder, n_images), name, catalog, options=options)


def run_config(dataset: Dataset, name: str = "") -> RunConfig:
    return RunConfig(
        dataset=name or dataset.name, fingerprint=dataset.fingerprint, preprocess=PIXELS
    )


def submit(host: Workshop, config: RunConfig, dataset: Dataset, filer: Filer) -> Run:
    submission = Submission(secrets.token_hex(8), filer)
    return submit_run(
        host.registry, host.settings, config, info=dataset.info, submission=submission
    )


def request(host: Workshop, config: AnyConfig, filer: Filer) -> Config:
    submission = Submission(secrets.token_hex(8), filer)
    return submit_job(host.registry, host.settings, config, submission=submission).config


def jobs_on(dataset: Dataset) -> list[AnyConfig]:
    named = {"dataset": dataset.name, "fingerprint": dataset.fingerprint}
    kinds = (ProfileConfig, TableConfig, BaselinesConfig)
    version = ImportConfig(name="mine", source="version", what=dataset.name, leave_out=(0,))
    return [*(kind.parse(named) for kind in kinds), version]


@pytest.mark.parametrize(
    "stranger",
    [SECOND, Visitor(SECOND), Visitor(owner_digest(FIRST)), Visitor(SECOND, link_keys=("x" * 32,))],
)
def test_nothing_is_filed_on_what_is_somebody_elses(
    host: Workshop, theirs: Dataset, stranger: Filer
) -> None:
    with pytest.raises(DatasetError, match="There is no data set 'pets'"):
        submit(host, run_config(theirs), theirs, stranger)
    for config in jobs_on(theirs):
        with pytest.raises(DatasetError, match="There is no data set 'pets'"):
            request(host, config, stranger)
    assert host.registry.filing.waiting() == []


def test_their_owner_files_what_they_like_and_so_does_the_operator(
    host: Workshop, theirs: Dataset
) -> None:
    for filer in (FIRST, Visitor(FIRST), OPERATOR):
        assert submit(host, run_config(theirs), theirs, filer).config.dataset == THEIRS
        for config in jobs_on(theirs):
            request(host, config, filer)


def test_a_link_to_the_data_set_lets_others_train_and_one_to_a_run_does_not(
    host: Workshop, theirs: Dataset
) -> None:
    run = submit(host, run_config(theirs), theirs, FIRST)
    with pytest.raises(DatasetError):
        key = run_key(theirs.info, run.id)
        submit(host, run_config(theirs), theirs, Visitor(SECOND, link_keys=(key,)))
    guest = Visitor(SECOND, link_keys=(dataset_key(theirs.info),))
    assert submit(host, run_config(theirs), theirs, guest).config.dataset == THEIRS


def test_the_same_images_of_ones_own_are_taken_instead(
    host: Workshop, theirs: Dataset, tmp_path: Path
) -> None:
    own = bring(host, tmp_path / "own", "mine.12345678", SECOND)
    assert own.fingerprint == theirs.fingerprint
    forged = run_config(own, name=theirs.name)
    assert submit(host, forged, own, SECOND).config.dataset == own.name
    table = TableConfig(dataset=theirs.name, fingerprint=own.fingerprint)
    assert request(host, table, SECOND).dataset == own.name  # type: ignore[attr-defined]


def test_a_queued_job_finds_a_renamed_data_set_and_rather_its_own(
    host: Workshop, theirs: Dataset, tmp_path: Path
) -> None:
    run = submit(host, run_config(theirs), theirs, FIRST)
    bring(host, tmp_path / "own", "mine.12345678", SECOND)
    renamed = Catalog(host.settings.datasets_dir).rename(THEIRS, "cats")
    opened = open_dataset(
        host.settings, run.config.dataset, run.config.fingerprint, owner=run.owner
    )
    assert opened.info == renamed


def test_two_visitors_take_the_same_name_and_learn_nothing(
    host: Workshop, theirs: Dataset, tmp_path: Path
) -> None:
    config = ImportConfig(name="pets", source="zip", what="token")
    assert request(host, config, SECOND) == config
    with pytest.raises(DatasetError, match="There is a data set 'pets' already"):
        request(host, config, FIRST)


@pytest.mark.parametrize("name", [THEIRS, "mine.abcdefgh", "a.b", ".pets", "pets."])
def test_nobody_types_a_name_with_a_dot(host: Workshop, name: str) -> None:
    for settings in (host.settings, host.settings.model_copy(update={"profile": "local"})):
        host.settings = settings
        with pytest.raises(DatasetError, match="Expected a data set name of 1 to 64 letters"):
            request(host, ImportConfig(name=name, source="zip", what="token"), SECOND)


def test_what_belongs_to_all_keeps_its_name_on_a_host(host: Workshop) -> None:
    with pytest.raises(DatasetError, match="expected 'digits', got 'my-digits'"):
        request(host, ImportConfig(name="my-digits", source="builtin", what="digits"), SECOND)
    taken = ImportConfig(name="digits", source="builtin", what="digits")
    assert request(host, taken, SECOND) == taken
    [job] = host.registry.filing.waiting()
    assert isinstance(job, ImportJob)


def test_old_ones_are_there_for_who_has_a_run_on_them(host: Workshop, theirs: Dataset) -> None:
    run = submit(host, run_config(theirs), theirs, FIRST)
    assert not host.registry.has_run_on(theirs.fingerprint, FIRST)  # as one from an archive
    assert host.registry.attempts.claim(1) == (run.id, 1)
    old = theirs.info.model_copy(update={"owner": None, "link_key": ""})
    assert Viewer.of(Visitor(FIRST), host.registry, host.settings).may_see(old)
    assert not Viewer.of(Visitor(SECOND), host.registry, host.settings).may_see(old)


def test_what_a_run_keeps_of_deleted_images_is_its_owners(host: Workshop, theirs: Dataset) -> None:
    run = submit(host, run_config(theirs), theirs, FIRST)
    first, second = (Viewer.of(Visitor(k), host.registry, host.settings) for k in (FIRST, SECOND))
    assert [v.may_see_images_of(run, host.settings) for v in (first, second)] == [True, False]
    Catalog(host.settings.datasets_dir).delete(THEIRS)
    assert [v.may_see_images_of(run, host.settings) for v in (first, second)] == [True, False]
