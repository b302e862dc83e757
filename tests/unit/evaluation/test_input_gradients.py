"""Gradients by NumPy are those of TensorFlow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import DamagedFileError, RunError
from ann_core.evaluation.input_gradients import input_gradients
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig

DENSE = NetworkConfig(hidden_units=(20, 12))
CONVOLUTION = NetworkConfig(kind="convolution", hidden_units=(6, 8, 10))
COLOUR = PreprocessConfig(image_size=(10, 13), mode="rgb")


def images() -> np.ndarray:
    """Noise, and a part without anything in it, where many values are equally large."""
    made = np.random.default_rng(0).integers(0, 256, (70, *COLOUR.image_shape), dtype=np.uint8)
    made[:, :5, :6] = 200
    return made


@pytest.mark.parametrize("network", [DENSE, CONVOLUTION], ids=["dense", "convolution"])
def test_gradients_are_those_of_tensorflow(network: NetworkConfig, tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    folder, labels = RunFolder(tmp_path), np.arange(70) % 3
    config = RunConfig(dataset="toy", fingerprint="f", preprocess=COLOUR, network=network)
    folder.write_config(config, ["cat", "dog", "cow"])
    model = build(network, COLOUR.n_features, 3, image_shape=COLOUR.image_shape)
    model.save(folder.keras_model)
    values = pixels = tf.constant(images().reshape(70, -1), tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        for layer in model.layers:
            values = layer(values)
        loss = keras.losses.sparse_categorical_crossentropy(labels, values)
    expected = tape.gradient(loss, pixels).numpy().reshape(images().shape)

    computed = input_gradients(folder, images(), labels)

    largest = np.abs(expected).max()
    assert largest > 1e-5, "or this test shows little"
    assert np.abs(computed - expected).max() < 1e-4 * largest


def test_other_networks_are_refused(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    config = RunConfig(dataset="toy", fingerprint="f", preprocess=COLOUR, network=CONVOLUTION)
    folder.write_config(config, ["cat", "dog"])
    with pytest.raises(DamagedFileError, match="missing or damaged"):
        input_gradients(folder, images(), np.zeros(70, int))

    for network in (DENSE, CONVOLUTION):
        normalised = network.model_copy(update={"batch_normalization": True})
        folder.write_config(config.model_copy(update={"network": normalised}), ["cat", "dog"])
        with pytest.raises(RunError, match="without normalisation"):
            input_gradients(folder, images(), np.zeros(70, int))
