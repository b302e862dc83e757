"""The folder of a run whose network has learned nothing: random weights, real files."""

from __future__ import annotations

from pathlib import Path

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.batch import MAX_CLASSES
from ann_core.runs.folder import RunFolder, write_json
from ann_core.runs.model_files import save_model
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig

SIDE = 8
N_CLASSES = MAX_CLASSES + 2
CLASS_NAMES = tuple(f"={number}" if number == 1 else f"k{number}" for number in range(N_CLASSES))


def save_untrained_run(path: Path) -> RunFolder:
    """Write a network for coloured images of 8x8 into an empty folder."""
    folder = RunFolder(path)
    config = PreprocessConfig(image_size=(SIDE, SIDE), mode="rgb", resize="pad")
    save_model(build(NetworkConfig(hidden_units=(4,)), config.n_features, N_CLASSES), folder)
    write_json(folder.preprocessing, config.model_dump(mode="json"))
    write_json(folder.class_names, list(CLASS_NAMES))
    return folder
