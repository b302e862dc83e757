"""The images of a run as its network saw them, from the feature table or from its own folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.errors import RunError
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs, save_run_inputs
from ann_core.runs.folder import RunFolder
from tests.helpers.runs import PIXELS, make_dataset, run_config, toy_features


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
