"""A version of a data set: images that were edited do not become the images of another set."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.edits import LeaveOut
from ann_core.datasets.editing.versions import make_version
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.integrity import changed_images
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, no_progress
from tests.unit.conftest import MakeFolder


@pytest.fixture
def bitmaps(image_folder: MakeFolder, catalog: Catalog) -> Dataset:
    """Files that have the same size whatever they show."""
    return import_folder(image_folder(name="bitmaps", suffix=".bmp"), "bitmaps", catalog)


def smaller(
    dataset: Dataset,
    catalog: Catalog,
    rows: tuple[int, ...],
    progress: ProgressCallback = no_progress,
) -> Dataset:
    options = VersionOptions("smaller")
    return make_version(dataset, [LeaveOut(rows=rows)], catalog, options=options, progress=progress)


def edit(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_an_image_that_was_edited_before_is_noticed(bitmaps: Dataset, catalog: Catalog) -> None:
    edit(bitmaps.path(3))
    with pytest.raises(DatasetError, match="were changed or removed") as refused:
        smaller(bitmaps, catalog, (0,))
    assert f"'{bitmaps.images['source'].iat[3]}'" in str(refused.value)
    assert [info.name for info in catalog.infos()] == ["bitmaps"]


def test_an_image_that_was_edited_can_be_left_out(bitmaps: Dataset, catalog: Catalog) -> None:
    edit(bitmaps.path(3))
    assert changed_images(smaller(bitmaps, catalog, (3,))) == []


def test_an_image_that_is_edited_afterwards_is_noticed_in_both(
    bitmaps: Dataset, catalog: Catalog
) -> None:
    began = datetime.fromisoformat(bitmaps.info.created).timestamp()

    def edit_meanwhile(done: int, total: int) -> None:
        if done == 0:
            edit(bitmaps.path(5))
            assert bitmaps.path(5).stat().st_mtime > began

    version = smaller(bitmaps, catalog, (0,), edit_meanwhile)
    name = bitmaps.images["source"].iat[5]
    assert changed_images(bitmaps) == changed_images(version) == [name]
    os.utime(version.path(4), None)
    assert changed_images(version) == [name]
