"""The images of a run as its network saw them, from the feature table or from its own folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ann_core import stored_names
from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import (
    ABOUT_FILE,
    FEATURES_FILE,
    FeatureSet,
    feature_key,
    load_features,
)
from ann_core.errors import RunError
from ann_core.evaluation.embeddings import Embeddings
from ann_core.evaluation.nearest_images import nearest_embeddings, nearest_inputs
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs, save_run_inputs
from ann_core.evaluation.stored_predictions import Predictions, save_predictions
from ann_core.runs.folder import RunFolder
from tests.helpers.runs import PIXELS, make_dataset, run_config

LACKING = np.array([0, 7, 30])
"""Images that could not be read for a moment, when an earlier version trained a run."""


@pytest.fixture
def toy(tmp_path: Path) -> tuple[Dataset, FeatureSet]:
    """40 images of 8x8, and their table in `tmp_path`."""
    dataset = make_dataset(tmp_path)
    return dataset, load_features(dataset, PIXELS, tmp_path / "features")


def predictions_of(data: FeatureSet, rows: np.ndarray) -> Predictions:
    """Of a run that was trained on a table with some of the images."""
    return Predictions(
        probabilities=np.full((len(rows), 2), 0.5, dtype=np.float32),
        labels=data.labels[rows],
        splits=data.splits[rows],
        rows=rows,
        feature_rows=np.arange(len(rows)),
    )


def leave_out(data: FeatureSet, root: Path, fingerprint: str, rows: np.ndarray) -> None:
    """Make of a table what an earlier version stored when it could not read all images."""
    folder = root / feature_key(fingerprint, PIXELS)
    table = np.asarray(data.features[rows])
    (folder / FEATURES_FILE).unlink()  # others have it mapped into memory
    np.save(folder / FEATURES_FILE, table)
    about = json.loads((folder / ABOUT_FILE).read_text())
    about |= {"rows": rows.tolist(), "skipped": [("bright/a.png", "it is damaged")]}
    (folder / ABOUT_FILE).write_text(json.dumps(about))


def test_they_are_those_of_the_table_also_when_the_data_set_is_gone(
    toy: tuple[Dataset, FeatureSet], tmp_path: Path
) -> None:
    dataset, data = toy
    config, folder = run_config(dataset), RunFolder(tmp_path / "runs" / "one")
    Catalog(tmp_path / "datasets").delete(dataset.name)
    inputs = load_run_inputs(folder, config, tmp_path / "features")
    assert inputs is not None
    rows = np.array([5, 0, 5])
    images = inputs.images(rows)
    assert images.shape == (3, 8, 8, 1)
    assert np.array_equal(images.reshape(3, 64), data.features[rows])
    assert load_run_inputs(folder, config, tmp_path / "nowhere") is None


@pytest.mark.parametrize("made_anew", [True, False], ids=["table made anew", "table as it was"])
def test_a_run_on_some_of_the_images_is_shown_its_own_images(
    toy: tuple[Dataset, FeatureSet], tmp_path: Path, made_anew: bool
) -> None:
    dataset, data = toy
    rows = np.setdiff1d(np.arange(len(dataset)), LACKING)
    predictions = predictions_of(data, rows)
    if not made_anew:
        leave_out(data, tmp_path / "features", dataset.fingerprint, rows)
    inputs = load_run_inputs(RunFolder(tmp_path), run_config(dataset), tmp_path / "features")
    assert inputs is not None
    assert np.array_equal(inputs.of(predictions.rows), data.features[rows])
    train = predictions.of("train")
    seen = np.asarray(data.features[train.rows[4]])
    embeddings = Embeddings(seen[np.newaxis].astype(np.float32), train.feature_rows[4:5])
    for nearest in (
        nearest_inputs(seen, inputs, predictions, k=1),
        nearest_embeddings(seen.astype(np.float32), embeddings, predictions, k=1),
    ):
        assert np.array_equal(inputs.of(nearest.rows), [seen])


def test_images_that_an_earlier_table_lacks_are_refused(
    toy: tuple[Dataset, FeatureSet], tmp_path: Path
) -> None:
    dataset, data = toy
    leave_out(data, tmp_path / "features", dataset.fingerprint, np.arange(1, 40))
    inputs = load_run_inputs(RunFolder(tmp_path), run_config(dataset), tmp_path / "features")
    assert inputs is not None
    with pytest.raises(RunError, match=r"made by an earlier version.* Train a network"):
        inputs.images(np.array([1, 0]))


@pytest.fixture
def elsewhere(toy: tuple[Dataset, FeatureSet], tmp_path: Path) -> tuple[RunFolder, Predictions]:
    """A run from elsewhere that lacks some images; folder and predictions."""
    dataset, data = toy
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    folder.write_config(run_config(dataset), dataset.class_names)
    predictions = predictions_of(data, np.setdiff1d(np.arange(len(dataset)), LACKING))
    save_predictions(predictions, folder.predictions)
    test = predictions.of("test")
    inputs = RunInputs(np.asarray(data.features[test.rows]), test.rows, PIXELS)
    save_run_inputs(inputs, predictions, folder.pixels)
    return folder, predictions


def test_a_run_from_elsewhere_has_its_test_images_only(
    elsewhere: tuple[RunFolder, Predictions], toy: tuple[Dataset, FeatureSet], tmp_path: Path
) -> None:
    folder, predictions = elsewhere
    dataset, data = toy
    inputs = load_run_inputs(folder, run_config(dataset), tmp_path / "nowhere")
    assert inputs is not None
    rows = predictions.of("test").rows[[2, 0]]
    assert np.array_equal(inputs.of(rows), data.features[rows])
    for missing in (data.indices("train")[:1], np.array([10_000])):
        with pytest.raises(RunError, match="brought from elsewhere"):
            inputs.of(missing)


@pytest.mark.parametrize("wrong", ["size", "kind", "order", "number"])
def test_pixels_that_do_not_fit_are_refused(
    elsewhere: tuple[RunFolder, Predictions],
    toy: tuple[Dataset, FeatureSet],
    tmp_path: Path,
    wrong: str,
) -> None:
    folder, predictions = elsewhere
    test = predictions.of("test").feature_rows
    tables = {"size": np.zeros((len(test), 63), np.uint8), "kind": np.zeros((len(test), 64))}
    table = tables.get(wrong, np.zeros((len(test), 64), np.uint8))
    rows = {"order": test[::-1], "number": test[1:]}.get(wrong, test)
    np.savez_compressed(folder.pixels, table=table, **{stored_names.FEATURE_ROWS: rows})  # type: ignore[arg-type]
    sentence = "is damaged" if wrong == "kind" else "does not fit"
    with pytest.raises(RunError, match=sentence):
        load_run_inputs(folder, run_config(toy[0]), tmp_path / "nowhere")
    folder.pixels.write_bytes(b"PK")
    with pytest.raises(RunError, match="is damaged"):
        load_run_inputs(folder, run_config(toy[0]), tmp_path / "nowhere")
