"""How large a network is, without building it: layers, parameters, memory."""

from __future__ import annotations

from dataclasses import dataclass

from ann_core.training.network_config import CHECK_BATCH, NetworkConfig

WINDOW = 3
"""Pixels that a filter of a convolution sees in each direction."""

_BYTES = 4  # float32


_COPIES_IN_EXPORT = 8


@dataclass(frozen=True)
class LayerSize:
    """A layer by its numbers: nodes, and what there is to learn in it."""

    name: str
    units: int
    n_parameters: int


def layer_sizes(
    config: NetworkConfig, n_features: int, n_classes: int, *, n_channels: int = 1
) -> list[LayerSize]:
    """Count nodes and parameters of each layer.

    A dense layer has a weight for each pair of nodes and a bias for each of its
    own: ``(n_inputs + 1) * units``. A filter has them for the pixels of its window only,
    wherever that lies. Batch normalisation adds four numbers a node (two learned, two measured).

    Parameters
    ----------
    n_channels : int
        Values a pixel; the number of a filter's weights depends on it.
    """
    sizes = []
    filters = config.kind == "convolution"
    n_inputs, name = (n_channels, "filters") if filters else (n_features, "hidden")
    window = WINDOW**2 if filters else 1
    extra = 4 if config.batch_normalization else 0
    for number, units in enumerate(config.hidden_units, start=1):
        n_parameters = (window * n_inputs + 1 + extra) * units
        sizes.append(LayerSize(f"{name} {number}", units, n_parameters))
        n_inputs = units
    if filters and not sizes:
        n_inputs = n_channels
    return [*sizes, LayerSize("output", n_classes, (n_inputs + 1) * n_classes)]


def parameter_count(
    config: NetworkConfig, n_features: int, n_classes: int, *, n_channels: int = 1
) -> int:
    """All parameters of the network, as Keras' ``count_params`` gives them."""
    sizes = layer_sizes(config, n_features, n_classes, n_channels=n_channels)
    return sum(size.n_parameters for size in sizes)


def product_count(
    config: NetworkConfig, n_features: int, n_classes: int, *, n_channels: int = 1
) -> int:
    """Products of a value with a weight for one image: what takes the time.

    A dense layer uses each weight once, a filter in every place of the image.
    """
    sizes = layer_sizes(config, n_features, n_classes, n_channels=n_channels)
    if config.kind == "dense":
        return sum(size.n_parameters for size in sizes)
    n_pixels = n_features // n_channels
    total = sizes[-1].n_parameters
    for size in sizes[:-1]:
        total += size.n_parameters * n_pixels
        n_pixels = max(1, n_pixels // 4)  # each pooling halves both sides
    return total


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
    values = n_features + n_classes + sum(_values(config, n_features))
    return _BYTES * (weights + 2 * max(config.batch_size, CHECK_BATCH) * values)


def _values(config: NetworkConfig, n_features: int) -> list[int]:
    """Count what each hidden layer gives for an image."""
    if config.kind == "dense":
        return list(config.hidden_units)
    # A picture in colour has fewer places than values: this is the most that it can be.
    return [units * max(1, n_features // 4**n) for n, units in enumerate(config.hidden_units)]
