"""The dense network: its settings, its size, and the Keras model.

Everything but `build` works without TensorFlow, so a page can show the number of
parameters while a slider moves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ann_core.config import Config

if TYPE_CHECKING:
    import keras

    from ann_core.datasets.standardizing import Standardiser

MAX_LAYERS = 16
MAX_UNITS = 8192
CHECK_BATCH = 1024
"""Pictures at once where nothing is learned: validation and test."""

ANSWER, HIDDEN = "answer", "hidden"
"""Outputs of an exported network: probabilities, and the values of its last hidden layer."""

_BYTES = 4  # float32
_COPIES_IN_EXPORT = 8

Units = Annotated[int, Field(ge=1, le=MAX_UNITS)]


class NetworkConfig(Config):
    """Which network, and how it learns.

    Attributes
    ----------
    hidden_units : tuple of int
        Nodes of each hidden layer; empty for a linear classifier.
    activation : str
        What a hidden node does with its sum.
    dropout_rate : float
        Share of each hidden layer's outputs that is silenced in training, 0..0.9.
    batch_normalization : bool
        Whether each hidden layer's sums are normalised over the batch first.
    l2 : float
        Strength of the pull of all weights towards 0.
    optimizer : str
        How a gradient becomes a step.
    learning_rate : float
        Length of the step, in the first epoch.
    schedule : str
        How the learning rate changes from epoch to epoch, see `learning_rate_at`.
    batch_size : int
        Pictures a step.
    epochs : int
        Walks through the training pictures.
    seed : int
        First weights, dropout and the order of pictures follow from it.
    early_stopping_patience : int
        Stop after so many epochs without a lower validation loss, and keep the
        weights of the best epoch; 0 trains to the end and keeps the last.
    """

    hidden_units: Annotated[tuple[Units, ...], Field(max_length=MAX_LAYERS)] = (256, 128)
    activation: Literal["relu", "elu", "gelu", "tanh", "sigmoid"] = "relu"
    dropout_rate: float = Field(default=0.0, ge=0.0, le=0.9)
    batch_normalization: bool = False
    l2: float = Field(default=0.0, ge=0.0, le=1.0)
    optimizer: Literal["adam", "sgd", "rmsprop"] = "adam"
    learning_rate: float = Field(default=0.001, ge=1e-6, le=1.0)
    schedule: Literal["constant", "cosine", "exponential"] = "constant"
    batch_size: int = Field(default=128, ge=1, le=4096)
    epochs: int = Field(default=20, ge=1, le=1000)
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    early_stopping_patience: int = Field(default=0, ge=0, le=1000)


PRESETS: dict[str, NetworkConfig] = {
    "small": NetworkConfig(hidden_units=(128, 32), epochs=10, batch_size=32),
    "article": NetworkConfig(hidden_units=(2048, 1024, 1024, 128), epochs=100, batch_size=128),
    "linear": NetworkConfig(hidden_units=(), epochs=20, batch_size=128),
}


def learning_rate_at(config: NetworkConfig, epoch: int) -> float:
    """Length of the step in one epoch: long ones find the valley, short ones its bottom.

    With r = ``learning_rate``, e = `epoch` (from 1) and n = ``epochs``:

    - constant: r
    - cosine: r * (1 + cos(pi * (e - 1) / n)) / 2, slowly at first and at last, never
      down to 0 (Loshchilov and Hutter 2017, SGDR, without restarts)
    - exponential: r * 0.01 ** ((e - 1) / (n - 1)), by the same factor each time, down
      to a hundredth in the last epoch
    """
    done = epoch - 1
    if config.schedule == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * done / config.epochs)) / 2
    if config.schedule == "exponential":
        return float(config.learning_rate * 0.01 ** (done / max(1, config.epochs - 1)))
    return config.learning_rate


@dataclass(frozen=True)
class LayerSize:
    """A layer by its numbers: nodes, and what there is to learn in it."""

    name: str
    units: int
    n_parameters: int


def layer_sizes(config: NetworkConfig, n_features: int, n_classes: int) -> list[LayerSize]:
    """Count nodes and parameters of each dense layer.

    A dense layer has a weight for each pair of nodes and a bias for each of its
    own: ``(n_inputs + 1) * units``. Batch normalisation adds four numbers a node
    (two learned, two measured).
    """
    sizes = []
    n_inputs = n_features
    extra = 4 if config.batch_normalization else 0
    for number, units in enumerate(config.hidden_units, start=1):
        sizes.append(LayerSize(f"hidden {number}", units, (n_inputs + 1 + extra) * units))
        n_inputs = units
    return [*sizes, LayerSize("output", n_classes, (n_inputs + 1) * n_classes)]


def parameter_count(config: NetworkConfig, n_features: int, n_classes: int) -> int:
    """All parameters of the network, as Keras' ``count_params`` gives them."""
    return sum(size.n_parameters for size in layer_sizes(config, n_features, n_classes))


def memory_estimate(config: NetworkConfig, n_features: int, n_classes: int) -> int:
    """Bytes that a run needs at its peak, on top of TensorFlow itself.

    The peak is not in training, where each weight has a gradient and the
    optimizer's own numbers (Adam keeps two, RMSprop one), but in saving: the
    export to LiteRT holds the weights eight times over (measured on networks of
    5 to 38 million parameters; the estimate is within a fifth of the truth).
    To that come the values of all layers for a batch, forward and backward.
    """
    slots = {"adam": 2, "rmsprop": 1, "sgd": 0}[config.optimizer]
    copies = 1 + slots + _COPIES_IN_EXPORT
    weights = parameter_count(config, n_features, n_classes) * copies
    values = n_features + n_classes + sum(config.hidden_units)
    return _BYTES * (weights + 2 * max(config.batch_size, CHECK_BATCH) * values)


def build(
    config: NetworkConfig,
    n_features: int,
    n_classes: int,
    *,
    standardiser: Standardiser | None = None,
) -> keras.Model:
    """Make the compiled Keras model. Imports Keras: for the worker only.

    Its input is bytes, shape (n_images, n_features). What comes first divides them
    by 255 or, with a `standardiser`, does as that does; there is nothing to learn in
    it. Its output is a probability a class (softmax). Seeds of all layers follow from
    ``config.seed``.
    """
    import keras
    import numpy as np

    seeds = iter(np.random.default_rng(config.seed).integers(2**31, size=2 * MAX_LAYERS + 1))
    regularizer = keras.regularizers.L2(config.l2) if config.l2 else None

    def dense(units: int, activation: str | None, name: str) -> keras.layers.Layer:
        return keras.layers.Dense(
            units,
            activation=activation,
            kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
            kernel_regularizer=regularizer,
            name=name,
        )

    layers = [
        keras.Input((n_features,), dtype="uint8", name="pixels"),
        *_scaling(standardiser),
    ]
    for number, units in enumerate(config.hidden_units, start=1):
        if config.batch_normalization:
            layers += [
                dense(units, None, f"hidden_{number}"),
                keras.layers.BatchNormalization(name=f"normalised_{number}"),
                keras.layers.Activation(config.activation, name=f"{config.activation}_{number}"),
            ]
        else:
            layers.append(dense(units, config.activation, f"hidden_{number}"))
        if config.dropout_rate:
            dropout = keras.layers.Dropout(
                config.dropout_rate, seed=int(next(seeds)), name=f"dropout_{number}"
            )
            layers.append(dropout)
    layers.append(dense(n_classes, "softmax", "probabilities"))
    model = keras.Sequential(layers, name="dense_network")
    model.compile(
        optimizer=_optimizer(config), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def with_hidden_layer(model: keras.Model) -> keras.Model:
    """Give a network of `build` a second output: the values of its last hidden layer.

    It shares all weights. Without hidden layers it has the first output only. In an
    exported file the names decide the order (by their hashes, it seems): with these the
    probabilities come first, as a program expects that knows of no other output.
    """
    import keras

    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    outputs = {ANSWER: model.outputs[0]}
    if len(dense) > 1:
        outputs[HIDDEN] = dense[-1].input
    return keras.Model(model.inputs, outputs, name=model.name)


def _scaling(standardiser: Standardiser | None) -> list[keras.layers.Layer]:
    """Make what turns bytes into small numbers, without a variable: there is nothing to learn.

    In float32, a mean of 200 is 0.00001 off, which is much if a pixel hardly ever
    changes. Whole numbers are exact, so the whole part of the mean goes first.
    """
    import keras

    if standardiser is None:
        return [keras.layers.Rescaling(1 / 255, name="scaled")]
    whole = standardiser.mean.round()
    rest, variance = standardiser.mean - whole, standardiser.std**2
    return [
        keras.layers.Rescaling(1.0, offset=-whole, name="centred"),
        keras.layers.Normalization(mean=rest, variance=variance, name="scaled"),
    ]


def _optimizer(config: NetworkConfig) -> keras.optimizers.Optimizer:
    import keras

    kinds = {
        "adam": keras.optimizers.Adam,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return kinds[config.optimizer](learning_rate=config.learning_rate)
