"""What nobody uses goes: by its age, or for want of room, what can be made again first."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ann_core import machine
from ann_core.datasets.catalog import INFO_FILE, Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.datasets.origin import ORIGIN_FILE
from ann_core.errors import LimitError
from ann_core.jobs.admission import estimate_resources, submit_job, submit_run
from ann_core.runs.ageing import expires, expiring, keep_room, remove_unused
from ann_core.runs.job_types import ProfileConfig
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from tests.helpers.runs import PIXELS, make_dataset, run_config

DAYS, HOURS = 86_400.0, 3_600.0
SPARE = 400_000
"""Bytes below the limit in these tests."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def registry(data_dir: Path) -> Iterator[Registry]:
    with Registry(Settings(data_dir=data_dir, database_url="").registry_url) as registry:
        yield registry


def hosted(data_dir: Path, **values: Any) -> Settings:
    return Settings(**{"data_dir": data_dir, "database_url": "", "profile": "hosted"} | values)


def full(data_dir: Path, spare: int = SPARE) -> Settings:
    """Settings of a host whose folder may hold hardly more than it does."""
    machine.count_again()
    most = machine.folder_bytes(data_dir) + spare
    return hosted(data_dir, max_disk_bytes=most, max_waiting_runs=0)


def unused_for(seconds: float, *files: Path) -> None:
    for file in files:
        os.utime(file, (time.time() - seconds,) * 2)


def dataset_unused_for(seconds: float, data_dir: Path, name: str, **about: str) -> Dataset:
    dataset = make_dataset(data_dir, name, n_images=20 + len(name))
    file = dataset.folder / INFO_FILE
    file.write_text(dataset.info.model_copy(update=about).model_dump_json())
    unused_for(seconds, file)
    return dataset


def names(data_dir: Path) -> set[str]:
    return {info.name for info in Catalog(data_dir / "datasets").infos()}


def test_only_what_nobody_used_for_so_long_is_removed(data_dir: Path, registry: Registry) -> None:
    settings = hosted(data_dir)
    for days, name in ((14.1, "old"), (13.9, "younger"), (15, "needed"), (15, "used-again")):
        dataset_unused_for(days * DAYS, data_dir, name)
    needed = Catalog(settings.datasets_dir).info("needed")
    config = ProfileConfig(dataset="needed", fingerprint=needed.fingerprint)
    registry.submit_data_job(config, submit_key="a")
    Catalog(settings.datasets_dir).load("used-again")
    tables = [make_table(data_dir, name) for name in ("younger", "used-again")]
    unused_for(14.1 * DAYS, tables[0] / ORIGIN_FILE)

    remove_unused(registry, hosted(data_dir, max_dataset_age_days=0))
    remove_unused(registry, Settings(data_dir=data_dir, database_url=""))
    assert len(names(data_dir)) == 4
    unused_for(13.9 * DAYS, settings.datasets_dir / "younger" / INFO_FILE)
    remove_unused(registry, settings)
    assert names(data_dir) == {"younger", "needed", "used-again"}
    assert [table.is_dir() for table in tables] == [False, True]


def make_table(data_dir: Path, name: str) -> Path:
    dataset = Catalog(data_dir / "datasets").load(name)
    folder = load_features(dataset, PIXELS, data_dir / "features").folder
    assert folder is not None
    return folder


def test_its_owner_is_told_in_time(data_dir: Path) -> None:
    settings = hosted(data_dir)
    for days, name in ((13, "next"), (11.5, "soon"), (10, "later")):
        dataset_unused_for(days * DAYS, data_dir, name)
    infos = Catalog(settings.datasets_dir).infos()
    due = expiring(infos, settings)
    assert [info.name for info, _ in due] == ["next", "soon"]
    assert abs(due[0][1] - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=1)
    assert expires(infos[0], Settings(data_dir=data_dir, database_url="")) is None


def test_for_want_of_room_goes_first_what_can_be_made_again(
    data_dir: Path, registry: Registry
) -> None:
    shipped = {"source": "built-in: Cartoon cats and dogs", "owner": ""}
    cartoons = dataset_unused_for(2 * HOURS, data_dir, "cartoons", **shipped)
    own = dataset_unused_for(2 * DAYS, data_dir, "own")
    yesterday = dataset_unused_for(23 * HOURS, data_dir, "yesterday")
    table, downloads = make_table(data_dir, "own"), data_dir / "downloads"
    downloads.mkdir()
    folders = [downloads, table, cartoons.folder, own.folder, yesterday.folder]
    for folder in folders:
        (folder / "more").write_bytes(bytes(2 * SPARE))
    unused_for(3 * HOURS, downloads / "more", table / ORIGIN_FILE)
    unused_for(2 * DAYS, own.folder / INFO_FILE)
    settings = full(data_dir)

    def left_after(n_bytes: int) -> list[Path]:
        config = ProfileConfig(dataset="another", fingerprint="0" * 32)
        submission = Submission(f"{n_bytes}")
        submit_job(registry, settings, config, submission=submission, disk_bytes=n_bytes)
        return [folder for folder in folders if (folder / "more").exists()]

    assert left_after(SPARE // 2) == folders
    for number in range(1, 5):
        assert left_after(2 * number * SPARE) == folders[number:]
    with pytest.raises(LimitError, match=r"makes room by itself, so try again tomorrow"):
        left_after(10 * SPARE)
    assert names(data_dir) == {"yesterday"}


def test_a_run_that_fits_once_room_is_made_is_not_refused(
    data_dir: Path, registry: Registry
) -> None:
    dataset = make_dataset(data_dir)
    (data_dir / "downloads").mkdir()
    large = data_dir / "downloads" / "a.zip"
    large.write_bytes(bytes(10**7))
    config = run_config(dataset)
    settings = full(data_dir, spare=1000)
    assert estimate_resources(config, dataset.info, settings).refusals
    unused_for(2 * HOURS, large)
    assert not estimate_resources(config, dataset.info, settings).refusals
    assert large.exists(), "nothing was asked for yet"
    submission = Submission("key", OPERATOR)
    submit_run(registry, settings, config, info=dataset.info, submission=submission)
    assert not large.exists()


def test_room_is_kept_before_the_folder_is_full(data_dir: Path, registry: Registry) -> None:
    for name in ("a", "bb", "ccc"):
        dataset_unused_for(2 * DAYS, data_dir, name)
    machine.count_again()
    held = machine.folder_bytes(data_dir)
    keep_room(registry, hosted(data_dir, max_disk_bytes=2 * held))
    assert names(data_dir) == {"a", "bb", "ccc"}
    keep_room(registry, hosted(data_dir, max_disk_bytes=held))
    assert len(names(data_dir)) < 3
    local = Settings(data_dir=data_dir, database_url="")
    left = names(data_dir)
    keep_room(registry, local)
    assert names(data_dir) == left


def test_files_that_versions_share_count_once(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(1000))
    os.link(tmp_path / "a", tmp_path / "b")
    machine.count_again()
    assert machine.folder_bytes(tmp_path) == 1000
