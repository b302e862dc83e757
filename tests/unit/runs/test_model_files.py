"""What a run leaves in its folder, and what happens when the disk is full."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ann_core.errors import DiskFullError
from ann_core.evaluation.artifacts import save_evaluation
from ann_core.evaluation.metrics import evaluate
from ann_core.runs.folder import RunFolder
from ann_core.runs.model_files import save_model
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


def test_class_names_with_commas_and_umlauts_survive_the_csv(tmp_path: Path) -> None:
    names = ('cat, "tame"', "Käfer", "dog")
    labels = np.array([0, 0, 1, 1, 2])
    evaluation = evaluate(np.eye(3)[[0, 1, 1, 1, 0]] * 0.8 + 0.1, labels, names)
    folder = RunFolder(tmp_path)
    save_evaluation(evaluation, folder)

    table = pd.read_csv(folder.confusion_matrix, index_col=0)
    assert tuple(table.columns) == tuple(table.index) == names
    assert table.to_numpy().tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert json.loads(folder.evaluation.read_text())["class_names"] == list(names)
