"""Nearest images equal scikit-learn's; what rests on them is found again in its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.errors import RunError
from ann_core.evaluation.embeddings import (
    MAX_BYTES,
    Embeddings,
    kept_rows,
    load_embeddings,
    save_embeddings,
)
from ann_core.evaluation.knn import nearest
from ann_core.evaluation.ood import (
    OodThresholds,
    fit_ood_thresholds,
    load_ood_thresholds,
    save_ood_thresholds,
)
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs, save_run_inputs
from ann_core.runs.folder import RunFolder
from tests.helpers.runs import PIXELS, make_dataset, run_config, toy_features


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 12))
def test_the_nearest_are_those_of_scikit_learn(seed: int, n_rows: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 256, (60, 30), dtype=np.uint8)
    queries = rng.integers(0, 256, (4, 30), dtype=np.uint8)
    feature_rows = np.sort(rng.choice(60, n_rows, replace=False))
    oracle = NearestNeighbors(n_neighbors=min(k, n_rows), algorithm="brute")
    expected, _ = oracle.fit(table[feature_rows].astype(float)).kneighbors(queries.astype(float))

    found, distances = nearest(queries, table, feature_rows, k=k)

    assert distances == pytest.approx(expected)
    assert set(found.ravel()) <= set(feature_rows.tolist())
    true = np.sqrt(np.square(table[found].astype(float) - queries[:, np.newaxis]).sum(axis=2))
    assert distances == pytest.approx(true)


def test_more_rows_than_a_block_and_activations_of_floats() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(2500, 6)).astype(np.float32)
    found, distances = nearest(table[[2400, 3]], table, np.arange(2500), k=1)
    assert found.tolist() == [[2400], [3]]
    assert distances == pytest.approx(np.zeros((2, 1)))


def test_bright_images_that_differ_by_one_value_are_told_apart() -> None:
    table = np.full((50, 9216), 255, dtype=np.uint8)
    table[np.arange(50), np.arange(50)] = 254 - np.arange(50)
    table[30, 30] = 254
    _, distances = nearest(np.full((1, 9216), 255, dtype=np.uint8), table, np.arange(50), k=2)
    assert distances[0].tolist() == [1.0, 1.0]


def test_activations_survive_their_file(tmp_path: Path) -> None:
    embeddings = Embeddings(
        np.random.default_rng(0).normal(size=(7, 3)).astype(np.float32), np.arange(7) * 2
    )
    save_embeddings(embeddings, tmp_path / "hidden.npz")
    again = load_embeddings(tmp_path / "hidden.npz")
    assert again is not None
    assert np.array_equal(again.values, embeddings.values)
    assert np.array_equal(again.feature_rows, embeddings.feature_rows)
    assert load_embeddings(tmp_path / "none.npz") is None
    (tmp_path / "hidden.npz").write_bytes(b"PK not a zip file")
    with pytest.raises(RunError, match=r"hidden\.npz of this run is damaged"):
        load_embeddings(tmp_path / "hidden.npz")


def test_of_very_many_activations_an_even_sample_is_kept() -> None:
    feature_rows = np.arange(10_000) * 3
    assert kept_rows(feature_rows, 8) is feature_rows
    kept = kept_rows(feature_rows, MAX_BYTES // 4 // 100)
    assert (len(kept), kept[0], kept[-1]) == (100, 0, 29_997)
    assert (np.diff(kept) > 0).all()


def test_reach_is_measured_on_the_validation_images(tmp_path: Path) -> None:
    data = toy_features(500)
    sure = np.linspace(0.5, 1, len(data.indices("validation")))
    thresholds = fit_ood_thresholds(data, np.stack([sure, 1 - sure], axis=1))
    assert thresholds.confidence_floor == pytest.approx(0.525)
    _, distances = nearest(
        data.features[data.indices("validation")], data.features, data.indices("train"), k=1
    )
    inside = distances <= thresholds.distance_limit
    assert 0.98 <= inside.mean() < 1

    save_ood_thresholds(thresholds, tmp_path / "reach.json")
    assert load_ood_thresholds(tmp_path / "reach.json") == thresholds
    for damaged in ("{}", "[]", "no JSON", '{"confidence_floor": NaN, "distance_limit": 1}'):
        (tmp_path / "reach.json").write_text(damaged)
        assert load_ood_thresholds(tmp_path / "reach.json") is None
    assert load_ood_thresholds(tmp_path / "none.json") is None


def test_doubts_are_told_by_their_rule() -> None:
    thresholds = OodThresholds(confidence_floor=0.6, distance_limit=1000)
    assert thresholds.warnings(0.6, 1000) == []
    assert thresholds.warnings(0.9, None) == []
    [unsure] = thresholds.warnings(0.55, 10)
    assert "60%" in unsure
    assert "55%" in unsure
    [far] = thresholds.warnings(0.9, 2500)
    assert "2,500" in far
    assert len(thresholds.warnings(0.5, 2500)) == 2


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path]:
    """40 images of 8x8 with their table; its folder."""
    data_dir = tmp_path_factory.mktemp("pixels")
    dataset = make_dataset(data_dir)
    load_features(dataset, PIXELS, data_dir / "features")
    return dataset, data_dir


def test_pixels_are_those_of_the_table_also_when_the_data_set_is_gone(
    toy: tuple[Dataset, Path],
) -> None:
    dataset, data_dir = toy
    config, folder = run_config(dataset), RunFolder(data_dir / "runs" / "one")
    data = load_features(dataset, PIXELS, data_dir / "features")
    Catalog(data_dir / "datasets").delete(dataset.name)
    pixels = load_run_inputs(folder, config, data_dir / "features")
    assert pixels is not None
    feature_rows = np.array([5, 0, 5])
    images = pixels.images(feature_rows)
    assert images.shape == (3, 8, 8, 1)
    assert np.array_equal(images.reshape(3, 64), data.features[feature_rows])
    assert load_run_inputs(folder, config, data_dir / "nowhere") is None


def test_a_run_from_elsewhere_has_its_test_images_only(tmp_path: Path) -> None:
    data = toy_features(60)
    feature_rows = data.indices("test")
    folder = RunFolder(tmp_path)
    save_run_inputs(RunInputs(data.features[feature_rows], feature_rows, PIXELS), folder.pixels)
    config = run_config(make_dataset(tmp_path))
    pixels = load_run_inputs(folder, config, tmp_path / "features")
    assert pixels is not None
    assert np.array_equal(pixels.of(feature_rows[[3, 1]]), data.features[feature_rows[[3, 1]]])
    for missing in (data.indices("train")[:1], np.array([10_000])):
        with pytest.raises(RunError, match="brought from elsewhere"):
            pixels.of(missing)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"table": np.zeros((12, 63), dtype=np.uint8)}, "does not fit"),
        ({"table": np.zeros((12, 64), dtype=np.float32)}, "is damaged"),
        ({"feature_rows": np.arange(12)[::-1]}, "does not fit"),
        ({"feature_rows": np.arange(11)}, "does not fit"),
    ],
    ids=["size", "kind", "order", "number"],
)
def test_pixels_that_do_not_fit_are_refused(
    tmp_path: Path, wrong: dict[str, np.ndarray], sentence: str
) -> None:
    pixels = RunInputs(np.zeros((12, 64), dtype=np.uint8), np.arange(12), PIXELS)
    folder, config = RunFolder(tmp_path), run_config(make_dataset(tmp_path))
    save_run_inputs(replace(pixels, **wrong), folder.pixels)
    with pytest.raises(RunError, match=sentence):
        load_run_inputs(folder, config, tmp_path / "features")
    folder.pixels.write_bytes(b"PK")
    with pytest.raises(RunError, match="is damaged"):
        load_run_inputs(folder, config, tmp_path / "features")
