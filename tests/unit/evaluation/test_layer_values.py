"""Values of every layer by NumPy, against Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.errors import DamagedFileError, RunError
from ann_core.evaluation.layer_values import describe_layer, describe_strongest, layer_values
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import PIXELS

ACTIVATIONS = ("relu", "elu", "gelu", "tanh", "sigmoid")


def saved(folder: Path, network: NetworkConfig) -> tuple[Any, RunFolder]:
    """Make a network with weights of all signs, and save it as a run does, for Keras only."""
    model = build(network, PIXELS.n_features, 3, image_shape=PIXELS.image_shape)
    rng = np.random.default_rng(0)
    for variable in model.variables:
        if variable.path.endswith(("bias", "beta", "moving_mean")):
            variable.assign(rng.normal(size=variable.shape) / 4)
        if variable.path.endswith("moving_variance"):
            variable.assign(rng.uniform(0.5, 2, variable.shape))
    run = RunFolder(folder)
    folder.mkdir(exist_ok=True)
    run.write_config(
        RunConfig(dataset="toy", fingerprint="0" * 64, preprocess=PIXELS, network=network),
        ["cat", "dog", "owl"],
    )
    model.save(run.keras_model)
    return model, run


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_all_layers_are_as_keras_computes_them(tmp_path: Path, activation: Any) -> None:
    import keras

    normalised = activation in {"relu", "tanh"}
    network = NetworkConfig(
        hidden_units=(8, 5), activation=activation, batch_normalization=normalised, dropout_rate=0.2
    )
    model, run = saved(tmp_path, network)
    features = np.random.default_rng(1).integers(0, 256, (1, PIXELS.n_features), dtype=np.uint8)
    last = f"{activation}_" if normalised else "hidden_"
    outputs = [model.get_layer(f"{last}{number}").output for number in (1, 2)]
    expected = keras.Model(model.inputs[0], [*outputs, model.outputs[0]])(features)

    inside = layer_values(run, features[0] / 255)

    for ours, theirs in zip([*inside.hidden, inside.probabilities], expected, strict=True):
        np.testing.assert_allclose(ours, np.asarray(theirs)[0], atol=1e-5)
    kernel = np.asarray(model.get_layer("probabilities").kernel)
    np.testing.assert_array_equal(inside.last_weights, kernel)
    strongest = inside.strongest()
    assert np.abs(inside.hidden[-1]).max() == abs(inside.hidden[-1][strongest[0]])
    unit = int(strongest[0])
    sentence = describe_strongest(inside, ("cat", "dog", "owl"))
    counts = inside.hidden[-1][unit] * kernel[unit]
    assert f"Neuron {unit + 1} " in sentence
    assert f"to '{['cat', 'dog', 'owl'][int(counts.argmax())]}' and" in sentence


def test_a_silent_layer_is_said_to_be_silent(tmp_path: Path) -> None:
    model, run = saved(tmp_path, NetworkConfig(hidden_units=(4,)))
    model.get_layer("hidden_1").bias.assign([-100.0] * 4)
    model.save(run.keras_model)
    inside = layer_values(run, np.ones(PIXELS.n_features))
    assert describe_layer(inside.hidden[0]) == (
        "4 neurons, 4 of them answer 0; the largest value is 0"
    )
    assert "anything but 0" in describe_strongest(inside, ("cat", "dog", "owl"))


def test_without_hidden_layers_there_is_the_last_one(tmp_path: Path) -> None:
    _, run = saved(tmp_path, NetworkConfig(hidden_units=()))
    inside = layer_values(run, np.ones(PIXELS.n_features))
    assert inside.hidden == []
    assert inside.probabilities.sum() == pytest.approx(1)
    assert inside.strongest().tolist() == []


def test_what_cannot_be_asked_says_so(tmp_path: Path) -> None:
    _, run = saved(tmp_path, NetworkConfig(kind="convolution", hidden_units=(2,)))
    with pytest.raises(RunError, match="convolution"):
        layer_values(run, np.ones(PIXELS.n_features))
    _, run = saved(tmp_path, NetworkConfig(hidden_units=(4,)))
    run.keras_model.write_bytes(b"PK")
    with pytest.raises(DamagedFileError):
        layer_values(run, np.ones(PIXELS.n_features))
    run.keras_model.unlink()
    with pytest.raises(RunError, match="not here"):
        layer_values(run, np.ones(PIXELS.n_features))
