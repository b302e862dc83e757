"""What is read from a network in training for those who watch it: answers, and some weights.

Layer by layer and without a compiled function: tracing one would take longer than the answers do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.evaluation.epoch_look import N_CHECKED, N_SHOWN, EpochLook
from ann_core.evaluation.sampling import evenly

if TYPE_CHECKING:
    import keras

MAX_COUNTED = 16_384
"""Weights of a layer that are counted: of more, an even sample."""


def look_inside(model: keras.Model, data: FeatureSet, epoch: int) -> EpochLook:
    """Ask a network of `ann_core.training.network.build` about validation images."""
    checked = evenly(data.indices("validation"), N_CHECKED)
    values = np.asarray(data.features[checked])
    dense = not any(layer.name.startswith("filters_") for layer in model.layers)
    outputs: dict[str, np.ndarray] = {}
    for layer in model.layers:
        values = layer(values, training=False)
        number = layer.name.rpartition("_")[2]
        if dense and number.isdigit():  # what stands last of a hidden layer is its answer
            outputs[number] = np.asarray(values)
    shown = evenly(np.arange(len(checked)), N_SHOWN)
    silent = [(values == 0).all(axis=0).mean() for values in outputs.values()]
    return EpochLook(
        epoch=epoch,
        rows=checked[shown],
        labels=data.labels[checked[shown]],
        probabilities=np.asarray(values)[shown],
        silent=np.array(silent, dtype=np.float32),
        n_checked=len(checked),
    )


def sampled_weights(model: keras.Model) -> list[np.ndarray]:
    """Take the weights of each layer with products, of large layers an even sample.

    The step shares no factor with the neurons of the layer, so all of them have their turn.
    """
    import keras

    sampled = []
    for kernel in (layer.kernel for layer in model.layers if hasattr(layer, "kernel")):
        step = -(-math.prod(kernel.shape) // MAX_COUNTED)
        while math.gcd(step, int(kernel.shape[-1])) > 1:
            step += 1
        sampled.append(np.asarray(keras.ops.reshape(kernel, (-1,))[::step]))
    return sampled


def weights_of_units(kernel: keras.Variable, units: np.ndarray) -> np.ndarray:
    """Take the weights of some neurons: float32 array, shape (n_inputs, len(units))."""
    import keras

    return np.asarray(keras.ops.take(kernel, units, axis=1))
