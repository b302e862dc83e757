"""Importing: whatever the layout, what came is there, with its classes and splits."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import ImportOptions, import_zip
from ann_core.datasets.split import SplitConfig, article_split
from ann_core.errors import DatasetError
from tests.helpers.image_files import (
    PETS,
    Files,
    ImportFiles,
    every_source,
    from_folder,
    images,
    zipped,
)

if TYPE_CHECKING:
    from tests.unit.conftest import Untouched


@every_source
@pytest.mark.parametrize(
    "pattern",
    [
        "{name}/{number}.png",
        "download/PetImages/{name}/{number}.png",
        "{name}.{number}.png",
        "train/{name}.{number}.png",
    ],
)
def test_every_layout_gives_the_same_data_set(
    import_files: ImportFiles, pattern: str, catalog: Catalog, tmp_path: Path
) -> None:
    dataset = import_files(images(PETS, pattern), catalog, tmp_path)
    assert dataset.class_names == ("Cat", "Dog")
    assert dataset.info.counts == {
        "Cat": {"train": 3, "validation": 1, "test": 1},
        "Dog": {"train": 4, "validation": 1, "test": 1},
    }
    assert dataset.info.fingerprint == plain_fingerprint(catalog, tmp_path)
    assert (dataset.info.n_images, dataset.info.n_skipped) == (11, 0)


def plain_fingerprint(catalog: Catalog, tmp_path: Path) -> str:
    folder = tmp_path / "plain"
    folder.mkdir()
    return from_folder(images(PETS), catalog, folder, "plain").fingerprint


@every_source
def test_what_is_in_the_catalog_is_what_was_imported(
    import_files: ImportFiles, catalog: Catalog, tmp_path: Path
) -> None:
    files = images(PETS)
    dataset = import_files(files, catalog, tmp_path)
    for index, row in enumerate(dataset.images.itertuples()):
        content = dataset.path(index).read_bytes()
        assert content == files[row.source]
        assert hashlib.sha256(content).hexdigest() == row.sha256
        assert (row.width, row.height, row.format, row.mode) == (6, 5, "PNG", "RGB")
        assert row.bytes == len(content)
        assert row.class_name == row.source.split("/")[0]
    assert dataset.labels.tolist() == [0] * 5 + [1] * 6


@every_source
def test_the_split_is_stored_with_the_data_set(
    import_files: ImportFiles, catalog: Catalog, tmp_path: Path
) -> None:
    dataset = import_files(images(PETS), catalog, tmp_path)
    again = Catalog(catalog.root).load("pets")
    assert again.images.equals(dataset.images)
    assert again.info.split == SplitConfig(rule="stratified", seed=42)
    assert Counter(again.images["split"]) == {"train": 7, "validation": 2, "test": 2}


def test_splits_that_come_with_the_data_are_kept(catalog: Catalog, tmp_path: Path) -> None:
    files: Files = {}
    for number, split in enumerate(("train", "val", "test")):
        files |= images({"cat": 5, "dog": 6 + number}, split + "/{name}/{number}.png")
    dataset = from_folder(files, catalog, tmp_path)
    assert dataset.info.split.rule == "given"
    assert dataset.info.counts["dog"] == {"train": 6, "validation": 7, "test": 8}
    for source, split in zip(dataset.images["source"], dataset.images["split"], strict=True):
        assert split.startswith(source.split("/")[0])


def test_a_split_that_is_missing_is_drawn_from_training(catalog: Catalog, tmp_path: Path) -> None:
    files = images({"cat": 18, "dog": 18}, "train/{name}/{number}.png")
    files |= images({"cat": 7, "dog": 7}, "test/{name}/{number}.png")
    dataset = from_folder(files, catalog, tmp_path)
    assert dataset.info.counts["cat"] == {"train": 16, "validation": 2, "test": 7}


def test_the_articles_rule_throws_for_unreadable_images_too(
    catalog: Catalog, tmp_path: Path
) -> None:
    files = images({"cat": 60, "dog": 60}, "{name}.{number}.png")
    clean = from_zip_by_article(files, catalog, "clean")
    assert clean.images["split"].tolist() == 2 * article_split(60, SplitConfig())
    files["cat.3.png"] = b"broken"
    broken = from_zip_by_article(files, catalog, "broken")
    expected = clean.images[clean.images["source"] != "cat.3.png"]
    assert broken.images["split"].tolist() == expected["split"].tolist()
    assert broken.info.split.rule == "article"


def from_zip_by_article(files: Files, catalog: Catalog, name: str) -> Dataset:
    by_article = ImportOptions(SplitConfig(rule="article"))
    return import_zip(zipped(files), name, catalog, options=by_article)


def test_the_articles_rule_needs_enough_images(
    catalog: Catalog, dataset: Dataset, untouched: Untouched
) -> None:
    with (
        untouched(catalog.root.parent),
        pytest.raises(DatasetError, match=r"validation gets none of the 10\. .*stratified rule"),
    ):
        from_zip_by_article(images({"cat": 5, "dog": 5}), catalog, "few")


def test_the_photographs_of_the_shared_data(shared_data: Path, catalog: Catalog) -> None:
    archive = shared_data / "dogs-vs-cats-fullsize-400.zip"
    dataset = import_zip(archive, "dogs-vs-cats-400", catalog)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.info.n_images == 400
    assert dataset.info.n_skipped == 0
    assert set(dataset.images["format"]) == {"JPEG"}
