"""The table of bytes: made once, found again by content, never half written."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL
import pytest

from ann_core.config import content_key
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import (
    ABOUT_FILE,
    FEATURES_FILE,
    feature_key,
    find_table,
    load_features,
)
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.origin import ORIGIN_FILE
from ann_core.imaging.images import process_image
from ann_core.imaging.preprocessing import PreprocessConfig, scale, unflatten

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, RunOnSmallDisk, Untouched

SMALL = PreprocessConfig(image_size=(8, 10))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data" / "features"


@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_a_row_is_what_process_image_gives(mode: str, dataset: Dataset, root: Path) -> None:
    config = PreprocessConfig.parse({"image_size": (8, 10), "mode": mode})
    data = load_features(dataset, config, root)
    assert data.features.shape == (24, config.n_features)
    assert data.n_features == config.n_features
    for index in range(24):
        expected = process_image(dataset.path(index), config)
        np.testing.assert_array_equal(scale(data.features[index]), expected)


def test_the_table_is_bytes_mapped_from_the_disk_read_only(dataset: Dataset, root: Path) -> None:
    data = load_features(dataset, SMALL, root)
    assert isinstance(data.features, np.memmap)
    assert data.features.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        data.features[0, 0] = 1


def test_the_file_is_numpys_own(dataset: Dataset, root: Path) -> None:
    data = load_features(dataset, SMALL, root)
    path = root / feature_key(dataset.fingerprint, SMALL) / FEATURES_FILE
    np.testing.assert_array_equal(np.load(path), data.features)
    assert path.stat().st_size == 128 + 24 * 80


def test_labels_and_splits_are_those_of_the_data_set(dataset: Dataset, root: Path) -> None:
    data = load_features(dataset, SMALL, root)
    assert data.class_names == dataset.class_names == ("bright", "dark")
    np.testing.assert_array_equal(data.labels, dataset.labels)
    assert data.labels.dtype == np.int64
    assert data.splits.tolist() == dataset.images["split"].tolist()
    for split, n_images in (("train", 20), ("validation", 2), ("test", 2)):
        assert len(data.indices(split)) == n_images
        np.testing.assert_array_equal(data.indices(split), dataset.indices(split))
    # The folder's images are told apart by brightness.
    means = [unflatten(data.features[data.labels == label], SMALL).mean() for label in (0, 1)]
    assert means[0] > 200 > 60 > means[1]


def test_a_table_is_found_again_and_not_written_again(
    dataset: Dataset, root: Path, catalog: Catalog, untouched: Untouched
) -> None:
    first = load_features(dataset, SMALL, root)
    reported: list[tuple[int, int]] = []
    with untouched(root):
        again = load_features(
            Catalog(catalog.root).load("existing"),
            PreprocessConfig.parse(SMALL.model_dump(mode="json")),
            root,
            progress=lambda *at: reported.append(at),
        )
    assert reported == []
    np.testing.assert_array_equal(again.features, first.features)


def test_the_name_is_that_of_the_content(
    dataset: Dataset, root: Path, catalog: Catalog, image_folder: MakeFolder
) -> None:
    key = feature_key(dataset.fingerprint, SMALL)
    for change in (
        {"image_size": (10, 8)},
        {"mode": "rgb"},
        {"resize": "pad"},
        {"resample": "box"},
    ):
        assert feature_key(dataset.fingerprint, SMALL.model_copy(update=change)) != key
    assert feature_key(dataset.fingerprint, SMALL.model_copy(update={"scaling": "standard"})) == key
    twin = import_folder(image_folder(name="of-dataset-too"), "twin", catalog)
    assert feature_key(twin.fingerprint, SMALL) == key
    smaller = image_folder({"dark": 12, "bright": 11}, name="smaller")
    other = import_folder(smaller, "smaller", catalog)
    assert feature_key(other.fingerprint, SMALL) != key


def test_tables_made_before_there_was_a_choice_of_scaling_are_found(dataset: Dataset) -> None:
    pixels = {"image_size": [8, 10], "mode": "gray", "resize": "squash", "resample": "bicubic"}

    assert feature_key(dataset.fingerprint, SMALL) == content_key(
        [dataset.fingerprint, pixels, 1, PIL.__version__]
    )


def test_progress_counts_the_images(dataset: Dataset, root: Path) -> None:
    reported: list[tuple[int, int]] = []
    load_features(dataset, SMALL, root, progress=lambda *at: reported.append(at))
    assert reported == [(done, 24) for done in range(25)]


def test_a_table_of_an_earlier_version_that_lacks_images_is_made_anew(
    dataset: Dataset, root: Path
) -> None:
    whole = load_features(dataset, SMALL, root)
    folder = root / feature_key(dataset.fingerprint, SMALL)
    rows = [row for row in range(24) if row not in {3, 20}]
    (folder / FEATURES_FILE).unlink()  # it is mapped into memory
    np.save(folder / FEATURES_FILE, np.asarray(whole.features[rows]))
    about = json.loads((folder / ABOUT_FILE).read_text())
    skipped = [("bright/a.png", "there is no file"), ("dark/b.png", "it is damaged")]
    (folder / ABOUT_FILE).write_text(json.dumps(about | {"rows": rows, "skipped": skipped}))
    stored = find_table(dataset.fingerprint, SMALL, root)
    assert stored is not None
    assert stored.rows.tolist() == rows

    again = load_features(dataset, SMALL, root)
    np.testing.assert_array_equal(again.features, whole.features)
    np.testing.assert_array_equal(again.labels, dataset.labels)


def test_what_is_stopped_leaves_nothing(dataset: Dataset, root: Path, untouched: Untouched) -> None:
    def stop(done: int, total: int) -> None:
        if done == 7:
            raise KeyboardInterrupt

    root.mkdir(parents=True)
    with untouched(root.parent), pytest.raises(KeyboardInterrupt):
        load_features(dataset, SMALL, root, progress=stop)
    assert len(load_features(dataset, SMALL, root).features) == 24


@pytest.mark.parametrize("damage", [None, b"", b"[]", b'{"rows": {}}'])
def test_a_folder_without_its_description_is_made_anew(
    dataset: Dataset, root: Path, damage: bytes | None
) -> None:
    load_features(dataset, SMALL, root)
    folder = root / feature_key(dataset.fingerprint, SMALL)
    (folder / ABOUT_FILE).unlink()
    if damage is not None:
        (folder / ABOUT_FILE).write_bytes(damage)
    (folder / FEATURES_FILE).write_bytes(b"half")
    assert find_table(dataset.fingerprint, SMALL, root) is None
    assert load_features(dataset, SMALL, root).features.shape == (24, 80)
    assert [path.name for path in root.iterdir()] == [folder.name]


def test_many_writers_at_once_agree(dataset: Dataset, root: Path) -> None:
    meet = threading.Barrier(4)
    shapes: list[tuple[int, ...]] = []

    def work() -> None:
        # All have decided to write before one of them has finished.
        data = load_features(
            dataset, SMALL, root, progress=lambda done, _: done == 12 and meet.wait(30)
        )
        shapes.append(data.features.shape)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shapes == [(24, 80)] * 4
    assert [path.name for path in root.iterdir()] == [feature_key(dataset.fingerprint, SMALL)]
    assert sorted(path.name for path in next(root.iterdir()).iterdir()) == sorted(
        [ABOUT_FILE, FEATURES_FILE, ORIGIN_FILE]
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_others_may_read_the_table_as_far_as_the_rights_of_new_files_say(
    dataset: Dataset, root: Path, tmp_path: Path
) -> None:
    load_features(dataset, SMALL, root)
    plain = tmp_path / "plain"
    plain.mkdir()
    assert (root / feature_key(dataset.fingerprint, SMALL)).stat().st_mode == plain.stat().st_mode


def test_a_full_disk_loses_nothing_and_a_freed_one_goes_on(
    small_disk: RunOnSmallDisk, dataset: Dataset, catalog: Catalog
) -> None:
    results = small_disk(
        """
        from ann_core.datasets.catalog import Catalog
        from ann_core.errors import DiskFullError
        from ann_core.datasets.features import load_features
        from ann_core.imaging.preprocessing import PreprocessConfig
        dataset = Catalog(Path(sys.argv[1])).load("existing")
        small = PreprocessConfig(image_size=(8, 10))
        large = PreprocessConfig(image_size=(224, 224), mode="rgb")
        root = disk / "features"
        first = load_features(dataset, small, root)
        before = listing()
        try:
            load_features(dataset, large, root)
        except DiskFullError as error:
            results["sentence"] = str(error)
        results["same"] = listing() == before
        fill()
        before = listing()
        for config in (large, small.model_copy(update={"mode": "rgb"})):
            try:
                load_features(dataset, config, root)
            except DiskFullError:
                results["full"] = results.get("full", 0) + 1
        results["still the same"] = listing() == before
        again = load_features(dataset, small, root)
        results["found again"] = again.features.tolist() == first.features.tolist()
        (disk / "filling").unlink()
        results["after"] = load_features(dataset, config, root).features.shape
        """,
        catalog.root,
    )
    assert "is full. Nothing that existed was changed; free some space" in results["sentence"]
    assert results["same"]
    assert results["full"] == 2
    assert results["still the same"]
    assert results["found again"]
    assert results["after"] == [24, 240]
