"""How large a network is, without building it: layers, parameters, memory."""

from __future__ import annotations

from dataclasses import dataclass

from ann_core.training.network_config import CHECK_BATCH, NetworkConfig

_BYTES = 4  # float32


_COPIES_IN_EXPORT = 8


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
