"""Images that were edited, removed or cannot be read: noticed by all that is made of them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.datasets.integrity import changed_images, check_unchanged, open_unchanged
from ann_core.datasets.parquet import write_table
from ann_core.datasets.profile.profile import profile_dataset
from ann_core.errors import DatasetError
from ann_core.evaluation.baseline_fitting import make_baselines
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings

if TYPE_CHECKING:
    from tests.unit.conftest import Untouched

SMALL = PreprocessConfig(image_size=(8, 10))


def test_images_as_they_were_imported_are_unchanged(dataset: Dataset) -> None:
    assert changed_images(dataset) == []
    os.utime(dataset.path(0), None)  # touched, and still the same
    assert changed_images(dataset) == []
    check_unchanged(dataset)


@pytest.mark.parametrize("change", ["another size", "same size", "removed", "a folder"])
def test_a_changed_image_is_named(dataset: Dataset, change: str) -> None:
    file = dataset.path(3)
    content = file.read_bytes()
    if change == "another size":
        file.write_bytes(content + b"x")
    elif change == "same size":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    else:
        file.unlink()
        if change == "a folder":
            file.mkdir()

    name = dataset.images["source"].iat[3]
    assert changed_images(dataset) == [name]
    with pytest.raises(DatasetError, match="were changed or removed") as refused:
        check_unchanged(dataset)
    assert f"'{name}'" in str(refused.value)
    assert "Import them again" in str(refused.value)


def test_of_many_changed_images_three_are_named(dataset: Dataset) -> None:
    for number in range(5):
        dataset.path(number).unlink()

    with pytest.raises(DatasetError, match="and 2 more"):
        check_unchanged(dataset)


Make = Callable[[Dataset, Path, ProgressCallback], object]


def _table(dataset: Dataset, root: Path, progress: ProgressCallback) -> object:
    target = root / "table.parquet"
    return write_table(
        dataset, SMALL, "all", features_root=root / "features", target=target, progress=progress
    )


MAKERS: dict[str, Make] = {
    "features": lambda d, root, progress: load_features(
        d, SMALL, root / "features", progress=progress
    ),
    "table": _table,
    "baselines": lambda d, root, progress: make_baselines(
        d, SMALL, Settings(data_dir=root), progress=progress
    ),
    "profile": lambda d, root, progress: profile_dataset(d, root / "surveys", progress),
}


@pytest.fixture(params=MAKERS)
def make(request: pytest.FixtureRequest) -> Make:
    return MAKERS[request.param]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data folder with all that is made there, and nothing in it yet."""
    root = tmp_path / "made"
    for name in ("features", "surveys", "baselines"):
        (root / name).mkdir(parents=True)
    return root


def edit(dataset: Dataset, row: int, *, older: bool = False) -> None:
    """Change one byte; `older` gives the file a time before the import, as some programs do."""
    file = dataset.path(row)
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    if older:
        os.utime(file, (0, 0))


@pytest.mark.parametrize("older", [False, True])
def test_nothing_is_made_of_an_edited_image(
    make: Make, dataset: Dataset, root: Path, untouched: Untouched, older: bool
) -> None:
    edit(dataset, 3, older=older)
    with untouched(root), pytest.raises(DatasetError, match="were changed or removed") as refused:
        make(dataset, root, no_progress)
    assert f"'{dataset.images['source'].iat[3]}'" in str(refused.value)


def test_an_image_that_is_edited_meanwhile_is_noticed(
    make: Make, dataset: Dataset, root: Path, untouched: Untouched
) -> None:
    def meanwhile(done: int, total: int) -> None:
        if done == 0:
            edit(dataset, 20)

    with untouched(root), pytest.raises(DatasetError, match="were changed or removed"):
        make(dataset, root, meanwhile)


def test_a_moment_without_images_leaves_nothing_and_the_next_try_is_whole(
    make: Make, dataset: Dataset, root: Path, catalog: Catalog, untouched: Untouched
) -> None:
    away = catalog.root / "away"

    def unplugged(done: int, total: int) -> None:
        if done == 0:
            dataset.folder.rename(away)

    with untouched(root), pytest.raises(DatasetError, match="were changed or removed"):
        make(dataset, root, unplugged)
    away.rename(dataset.folder)
    make(dataset, root, no_progress)


def test_what_the_system_cannot_open_is_not_called_changed(
    make: Make, dataset: Dataset, root: Path, untouched: Untouched
) -> None:
    """A loop of links stands for any trouble of the system, such as too many open files."""

    def trouble(done: int, total: int) -> None:
        if done == 0:
            dataset.path(20).unlink()
            dataset.path(20).symlink_to(dataset.path(20).name)

    for progress in (trouble, no_progress):
        with untouched(root), pytest.raises(DatasetError, match="cannot be read at the mo") as no:
            make(dataset, root, progress)
        assert "Too many levels of symbolic links. Nothing was stored. Try again" in str(no.value)


def test_bytes_that_no_decoder_takes_any_more_are_told(dataset: Dataset, tmp_path: Path) -> None:
    shutil.copy(dataset.folder / "dataset.json", dataset.path(5))
    images = dataset.images.copy()
    content = dataset.path(5).read_bytes()
    images.loc[5, ["sha256", "bytes"]] = (hashlib.sha256(content).hexdigest(), len(content))
    with pytest.raises(DatasetError, match=r"cannot be read at the moment: it is text.* again"):
        open_unchanged(replace(dataset, images=images), 5)
