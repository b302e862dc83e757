"""Standardising equals scikit-learn's, from training images only, and is done once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet, feature_key, load_features
from ann_core.datasets.origin import ORIGIN_FILE
from ann_core.datasets.standardizing import SCALING_FILE, load_standardiser, standardiser_of
from ann_core.errors import DatasetError, DiskFullError
from ann_core.imaging.preprocessing import PreprocessConfig
from tests.helpers.runs import small_disk, toy_features

CONFIG = PreprocessConfig(image_size=(8, 10), scaling="standard")


def features_of(values: np.ndarray) -> FeatureSet:
    """All of `values` as training images."""
    n_images = len(values)
    return replace(
        toy_features(n_images),
        features=values,
        splits=np.full(n_images, "train"),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data" / "features"


@pytest.mark.parametrize("n_images", [1, 2, 255, 256, 257, 1000])
def test_it_is_scikit_learns_standard_scaler(n_images: int) -> None:
    rng = np.random.default_rng(n_images)
    values = rng.integers(0, 256, (n_images, 40), dtype=np.uint8)
    values[:, :4] = [0, 255, 7, 200]  # pixels that never change, and one that does once
    values[-1, 3] -= n_images > 1
    standardiser = standardiser_of(features_of(values))
    oracle = StandardScaler().fit(values)

    np.testing.assert_allclose(standardiser.mean, oracle.mean_, rtol=1e-12)
    np.testing.assert_allclose(standardiser.std, oracle.scale_, rtol=1e-9)
    np.testing.assert_allclose(standardiser.apply(values), oracle.transform(values), atol=1e-9)
    assert standardiser.std[:3].tolist() == [1, 1, 1]


def test_sums_are_exact_where_fractions_would_not_be() -> None:
    # 20,000 images, one of which is a little darker: (n - 1) / n² is the variance.
    values = np.full((20_000, 8), 255, dtype=np.uint8)
    values[17_777] = 254
    standardiser = standardiser_of(features_of(values))

    np.testing.assert_allclose(standardiser.std, np.sqrt(19_999) / 20_000, rtol=1e-15)
    np.testing.assert_allclose(standardiser.mean, 255 - 5e-5, rtol=1e-15)


def test_only_training_images_count(dataset: Dataset, root: Path) -> None:
    data = load_features(dataset, CONFIG, root)
    train = np.asarray(data.features[data.indices("train")], dtype=np.float64)
    standardiser = standardiser_of(data)

    assert 0 < len(train) < len(data.features)
    np.testing.assert_allclose(standardiser.mean, train.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(standardiser.std, train.std(axis=0), rtol=1e-12)
    scaled = standardiser.apply(data.features[data.indices("train")])
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-12)
    alone = standardiser.apply(data.features[0])
    np.testing.assert_array_equal(alone, standardiser.apply(data.features)[0])


def test_it_is_computed_once_and_found_beside_the_features(dataset: Dataset, root: Path) -> None:
    assert load_standardiser(dataset.fingerprint, CONFIG, root) is None
    data = load_features(dataset, CONFIG, root)
    assert load_standardiser(dataset.fingerprint, CONFIG, root) is None
    first = standardiser_of(data)

    # Were it computed again, it would have to read what is no longer there.
    again = standardiser_of(replace(data, features=np.empty((0, data.n_features), np.uint8)))
    shown = load_standardiser(dataset.fingerprint, CONFIG, root)
    for standardiser in (again, shown):
        assert standardiser is not None
        assert standardiser.mean.tobytes() == first.mean.tobytes()
        assert standardiser.std.tobytes() == first.std.tobytes()
    names = [path.name for path in (root / feature_key(dataset.fingerprint, CONFIG)).iterdir()]
    assert sorted(names) == ["features.json", "features.npy", ORIGIN_FILE, SCALING_FILE]


def test_a_table_serves_both_ways_of_scaling(dataset: Dataset, root: Path) -> None:
    load_features(dataset, CONFIG, root)
    unit = CONFIG.model_copy(update={"scaling": "unit"})

    assert feature_key(dataset.fingerprint, unit) == feature_key(dataset.fingerprint, CONFIG)
    assert load_features(dataset, unit, root).preprocess == unit
    assert load_features(dataset, CONFIG, root).preprocess == CONFIG
    assert len(list(root.iterdir())) == 1


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [lambda _: b"", cut, flip], ids=["empty", "cut", "flipped"])
def test_a_damaged_file_is_made_anew(damage, dataset: Dataset, root: Path) -> None:
    data = load_features(dataset, CONFIG, root)
    first = standardiser_of(data)
    path = root / feature_key(dataset.fingerprint, CONFIG) / SCALING_FILE
    content = path.read_bytes()
    path.write_bytes(damage(content))

    assert load_standardiser(dataset.fingerprint, CONFIG, root) is None
    np.testing.assert_array_equal(standardiser_of(data).mean, first.mean)
    standardiser = load_standardiser(dataset.fingerprint, CONFIG, root)
    assert standardiser is not None
    np.testing.assert_array_equal(standardiser.std, first.std)


@pytest.mark.parametrize(
    ("mean", "std"),
    [
        (np.zeros(79), np.ones(79)),
        (np.zeros(80), np.zeros(80)),
        (np.full(80, np.nan), np.ones(80)),
        (np.zeros(80, np.float32), np.ones(80)),
        (np.array([None] * 80), np.ones(80)),
    ],
    ids=["other size", "std 0", "nan", "float32", "objects"],
)
def test_a_file_that_holds_something_else_is_not_used(
    mean: np.ndarray, std: np.ndarray, dataset: Dataset, root: Path
) -> None:
    load_features(dataset, CONFIG, root)
    np.savez(root / feature_key(dataset.fingerprint, CONFIG) / SCALING_FILE, mean=mean, std=std)

    assert load_standardiser(dataset.fingerprint, CONFIG, root) is None


def test_without_training_images_there_is_nothing_to_standardise_by() -> None:
    data = replace(toy_features(4), splits=np.full(4, "test"))
    with pytest.raises(DatasetError, match="the training split is empty"):
        standardiser_of(data)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4k") as folder:
        values = np.zeros((3, 4096), dtype=np.uint8)  # mean and std are 64 kB
        with pytest.raises(DiskFullError, match=f"The disk that holds '{folder}' is full"):
            standardiser_of(replace(features_of(values), folder=folder))
        assert list(folder.iterdir()) == []
