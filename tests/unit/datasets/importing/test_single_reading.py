"""Every picture is decoded once, and what was imported before is not decoded at all."""

from __future__ import annotations

import contextlib
import itertools
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.features import FEATURES_FILE, feature_key, load_features
from ann_core.datasets.importing.importer import ImportOptions, import_zip
from ann_core.datasets.profile.profile import profile_dataset
from ann_core.datasets.profile.scan import MEASURES_FILE, SCAN_OPTIONS, SMALL, scan
from ann_core.datasets.split import SplitConfig
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from ann_core.imaging.processes import call_in_order
from ann_core.imaging.reading import ReadImage, ReadOptions
from tests.helpers.child_functions import rows_and_process

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder


@pytest.fixture
def features_dir(tmp_path: Path) -> Path:
    return tmp_path / "data" / "features"


@pytest.fixture
def archive(image_folder: MakeFolder, tmp_path: Path) -> Path:
    folder = image_folder({"dark": 14, "bright": 12}, size=(40, 30), suffix=".jpg")
    (folder / "dark" / "broken.jpg").write_bytes(b"no picture")
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as bundle:
        for file in sorted(folder.rglob("*.jpg")):
            bundle.write(file, file.relative_to(folder))
    return path


@contextmanager
def counted_decoding(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Formats of the images that Pillow opens in the block, one after the other."""
    opened: list[str] = []
    pillows = Image.open

    def counting(*args: Any, **kwargs: Any) -> Image.Image:
        image = pillows(*args, **kwargs)
        opened.append(image.format or "")
        return image

    with monkeypatch.context() as patch:
        patch.setattr(Image, "open", counting)
        yield opened


def all_of(archive: Path, catalog: Catalog, features_dir: Path, options: ImportOptions) -> Dataset:
    dataset = import_zip(archive, "pets", catalog, options=options)
    load_features(dataset, SMALL, features_dir)
    profile_dataset(dataset, catalog.root.parent / "profiles", features_dir=features_dir)
    return dataset


@pytest.mark.parametrize("duplicates", [False, True])
def test_a_picture_is_decoded_once_for_data_set_copies_features_and_survey(
    archive: Path,
    catalog: Catalog,
    features_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    duplicates: bool,
) -> None:
    options = ImportOptions(SplitConfig(duplicates=duplicates), features_dir=features_dir)
    with counted_decoding(monkeypatch) as opened:
        dataset = all_of(archive, catalog, features_dir, options)
    assert len(dataset) == 26
    assert opened == ["JPEG"] * 26


@pytest.mark.parametrize("balance", [None, Balance(cap=13)])
def test_what_is_kept_is_what_is_made_anew(
    archive: Path, catalog: Catalog, features_dir: Path, tmp_path: Path, balance: Balance | None
) -> None:
    options = ImportOptions(balance=balance, features_dir=features_dir)
    dataset = import_zip(archive, "pets", catalog, options=options)
    key = feature_key(dataset.fingerprint, SMALL)
    for number in (1, 2):
        root = tmp_path / f"by-{number}"
        load_features(dataset, SMALL, root, n_processes=number)
        made, kept = (folder / key / FEATURES_FILE for folder in (root, features_dir))
        assert made.read_bytes() == kept.read_bytes()
    measures = np.load(features_dir / key / MEASURES_FILE)
    np.testing.assert_array_equal(measures, scan(dataset, tmp_path).values)


def test_an_archive_that_was_imported_before_is_not_read_again(
    archive: Path, catalog: Catalog, features_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ImportOptions(owner="me", features_dir=features_dir)
    first = all_of(archive, catalog, features_dir, options)
    with counted_decoding(monkeypatch) as opened:
        again = import_zip(archive, "again", catalog, options=replace(options, source="upload"))
        load_features(again, SMALL, features_dir)
    assert opened == []
    assert again.images.equals(first.images)
    assert again.skipped.equals(first.skipped)
    assert (again.name, again.info.source) == ("again", "upload")
    assert again.info.link_key != first.info.link_key
    catalog.delete("pets")
    assert all(again.path(row).is_file() for row in range(len(again)))


@pytest.mark.parametrize("other", ["owner", "split", "edited"])
def test_what_is_not_the_same_is_read(
    archive: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    options = ImportOptions(owner="me")
    first = import_zip(archive, "pets", catalog, options=options)
    if other == "owner":  # who must not learn what somebody else has
        options = replace(options, owner="you")
    elif other == "split":
        options = replace(options, split=SplitConfig(seed=7))
    else:
        first.path(0).write_bytes(first.path(1).read_bytes())
    with counted_decoding(monkeypatch) as opened:
        again = import_zip(archive, "again", catalog, options=options)
    assert len(opened) == len(again) == 26


def test_what_is_read_in_another_process_is_the_same_to_the_byte(
    image_folder: MakeFolder,
) -> None:
    paths = sorted(image_folder(size=(150, 130), suffix=".jpg").rglob("*.jpg"))
    in_colour = PreprocessConfig(image_size=(48, 64), mode="rgb", resize="pad")
    for options in (SCAN_OPTIONS, ReadOptions(in_colour, measures=True)):
        here, mine = rows_and_process((paths, options))
        orders = itertools.repeat((paths, options))
        with contextlib.closing(call_in_order(rows_and_process, orders, n_processes=2)) as results:
            there = next(images for images, process in results if process != mine)
        assert there == here
        assert [image.row for image in here if isinstance(image, ReadImage)] == [
            preprocess(open_image(path).image, options.preprocess or SMALL).tobytes()
            for path in paths
        ]
