"""What a run leaves in its folder, and what happens when the disk is full."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ann_core.errors import DiskFullError
from ann_core.evaluation.artifacts import save_evaluation
from ann_core.evaluation.metrics import evaluate
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.folder import RunFolder
from ann_core.runs.model_files import keras_versions, save_model
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import small_disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Room for the small model, not for the large one."""
    with small_disk(tmp_path / "disk", "300k") as folder:
        yield folder


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize(
    ("hidden_units", "cause"),
    [((1200,), "OSError"), ((600,), "ResourceExhaustedError")],  # in Keras, in TensorFlow
)
def test_a_full_disk_is_told_and_the_old_model_stays(
    disk: Path, hidden_units: tuple[int, ...], cause: str
) -> None:
    folder = RunFolder(disk)
    save_model(build(NetworkConfig(hidden_units=(8,)), 64, 2), folder)
    before = folder.keras_model.read_bytes(), folder.litert_model.read_bytes()
    usual = tempfile.gettempdir()

    with pytest.raises(DiskFullError, match=f"The disk that holds '{disk}' is full") as caught:
        save_model(build(NetworkConfig(hidden_units=hidden_units), 64, 2), folder)

    assert type(caught.value.__cause__).__name__ == cause
    assert (folder.keras_model.read_bytes(), folder.litert_model.read_bytes()) == before
    assert files(disk) == ["model.keras", "model.tflite"]
    assert tempfile.gettempdir() == usual


def test_a_model_is_saved_again_over_the_old_one(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for hidden_units in ((4,), (8,)):
        save_model(build(NetworkConfig(hidden_units=hidden_units), 64, 2), folder)

    import keras

    assert files(tmp_path) == ["model.keras", "model.tflite"]
    model = keras.models.load_model(folder.keras_model, compile=False)
    assert model.get_layer("hidden_1").units == 8


def test_the_confusion_matrix_is_for_a_spreadsheet(tmp_path: Path) -> None:
    names = ('cat, "tame"', "Käfer", "=1+1")
    labels = np.array([0, 0, 1, 1, 2])
    evaluation = evaluate(np.eye(3)[[0, 1, 1, 1, 0]] * 0.8 + 0.1, labels, names)
    folder = RunFolder(tmp_path)
    save_evaluation(evaluation, folder)

    assert folder.confusion_matrix.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(folder.confusion_matrix, index_col=0)
    assert tuple(table.columns) == tuple(table.index) == (*names[:2], "'=1+1")
    assert table.to_numpy().tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert json.loads(folder.evaluation.read_text())["class_names"] == list(names)


# What each part of a model may be described by in Keras 3.8.0, the oldest that opens it, as it
# describes such a model itself; and two keys that it takes and does not write.
KNOWN_KEYS = {
    name: set(keys.split())
    for name, keys in {
        "Activation": "activation dtype name trainable",
        "BatchNormalization": "axis beta_constraint beta_initializer beta_regularizer center dtype "
        "epsilon gamma_constraint gamma_initializer gamma_regularizer momentum name scale "
        "moving_mean_initializer moving_variance_initializer synchronized trainable",
        "DTypePolicy": "name",
        "Dense": "activation bias_constraint bias_initializer bias_regularizer dtype name "
        "kernel_constraint kernel_initializer kernel_regularizer trainable units use_bias",
        "Dropout": "dtype name noise_shape rate seed trainable",
        "GlorotUniform": "seed",
        "InputLayer": "batch_shape dtype name sparse optional ragged",
        "L2": "l2",
        "Normalization": "axis dtype invert mean name trainable variance",
        "Ones": "",
        "Rescaling": "dtype name offset scale trainable",
        "Zeros": "",
        "__keras_tensor__": "dtype keras_history shape",
        "__numpy__": "dtype value",
    }.items()
}


def described(value: Any) -> Iterator[tuple[str, set[str]]]:
    """Give the class and the keys of each part of a model."""
    if isinstance(value, dict):
        if "class_name" in value and isinstance(value.get("config"), dict):
            yield value["class_name"], set(value["config"])
        for each in value.values():
            yield from described(each)
    elif isinstance(value, list):
        for each in value:
            yield from described(each)


@pytest.mark.parametrize("is_old", [False, True])
def test_the_model_says_nothing_that_older_kerases_do_not_know(
    tmp_path: Path, is_old: bool
) -> None:
    folder = RunFolder(tmp_path)
    standardiser = Standardiser(mean=np.arange(64) + 0.3, std=np.ones(64))
    options = {"batch_normalization": True, "dropout_rate": 0.2, "l2": 0.1, "activation": "gelu"}
    model = build(NetworkConfig(hidden_units=(4,), **options), 64, 2, standardiser=standardiser)
    if is_old:  # as earlier versions saved it
        model.save(folder.keras_model)
    else:
        save_model(model, folder)
    with zipfile.ZipFile(folder.keras_model) as bundle:
        layers = json.loads(bundle.read("config.json"))["config"]["layers"]
    unknown = {
        f"{name}.{key}" for name, keys in described(layers) for key in keys - KNOWN_KEYS[name]
    }
    assert bool(unknown) == is_old
    assert keras_versions(folder.keras_model).startswith("3.15." if is_old else "3.8 to 3.15")
