"""The network as a Keras model: dense, or the convolution that is there for contrast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ann_core.errors import ShapeError
from ann_core.stored_names import HIDDEN, OUTPUT
from ann_core.training import convolution
from ann_core.training.network_config import MAX_LAYERS, NetworkConfig

if TYPE_CHECKING:
    import keras

    from ann_core.imaging.standardizer import Standardiser


def build(
    config: NetworkConfig,
    n_features: int,
    n_classes: int,
    *,
    standardiser: Standardiser | None = None,
    image_shape: tuple[int, int, int] | None = None,
) -> keras.Model:
    """Make the compiled Keras model. Imports Keras: for the worker only.

    Its input is bytes, shape (n_images, n_features). What comes first divides them
    by 255 or, with a `standardiser`, does as that does; there is nothing to learn in
    it. Its output is a probability a class (softmax). Seeds of all layers follow from
    ``config.seed``.

    Parameters
    ----------
    image_shape : (height, width, channels), optional
        A convolution needs it, to lay the row of pixels out as an image again.
    """
    import keras

    shaped = []
    if config.kind == "convolution":
        if image_shape is None:
            raise ShapeError("A convolution needs the height, width and channels of its pictures.")
        shaped = [keras.layers.Reshape(image_shape, name="picture")]
    layers = [
        keras.Input((n_features,), dtype="uint8", name="pixels"),
        *_scaling(standardiser),
        *shaped,
        *_learning_layers(
            config, n_classes, sides=None if image_shape is None else image_shape[:2]
        ),
    ]
    model = keras.Sequential(layers, name=f"{config.kind}_network")
    model.compile(
        optimizer=_optimizer(config), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def _learning_layers(
    config: NetworkConfig, n_classes: int, *, sides: tuple[int, int] | None
) -> list[keras.layers.Layer]:
    """Make the hidden layers, each with what belongs to it, and the last one."""
    import keras
    import numpy as np

    seeds = iter(np.random.default_rng(config.seed).integers(2**31, size=2 * MAX_LAYERS + 1))
    regularizer = keras.regularizers.L2(config.l2) if config.l2 else None

    def weights(name: str, activation: str | None) -> dict[str, Any]:
        return {
            "activation": activation,
            "kernel_initializer": keras.initializers.GlorotUniform(seed=int(next(seeds))),
            "kernel_regularizer": regularizer,
            "name": name,
        }

    filters = config.kind == "convolution"
    layers = []
    for number, units in enumerate(config.hidden_units, start=1):
        own = None if config.batch_normalization else config.activation
        given = weights(f"{'filters' if filters else 'hidden'}_{number}", own)
        layers.append(
            convolution.filters(units, given) if filters else keras.layers.Dense(units, **given)
        )
        if config.batch_normalization:
            layers += [
                keras.layers.BatchNormalization(name=f"normalised_{number}"),
                keras.layers.Activation(config.activation, name=f"{config.activation}_{number}"),
            ]
        if filters and sides is not None:
            layers += convolution.pooling(sides, number, len(config.hidden_units))
        if config.dropout_rate:
            seed = int(next(seeds))
            name = f"dropout_{number}"
            layers.append(keras.layers.Dropout(config.dropout_rate, seed=seed, name=name))
    if filters:
        layers.append(convolution.anywhere())
    layers.append(keras.layers.Dense(n_classes, **weights("probabilities", "softmax")))
    return layers


def with_hidden_layer(model: keras.Model) -> keras.Model:
    """Give a network of `build` a second output: the values of its last hidden layer.

    It shares all weights. Without hidden layers it has the first output only. In an
    exported file the names decide the order (by their hashes, it seems): with these the
    probabilities come first, as a program expects that knows of no other output.
    """
    import keras

    learning = [layer for layer in model.layers if hasattr(layer, "kernel")]
    outputs = {OUTPUT: model.outputs[0]}
    if len(learning) > 1:
        outputs[HIDDEN] = learning[-1].input
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
