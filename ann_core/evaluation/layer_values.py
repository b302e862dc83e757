"""What every layer of a dense network makes of one image, from its exported weights by NumPy.

A layer is read, used and put away again, so a large network takes the memory of its largest
layer only, and TensorFlow stays in the worker.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ann_core.errors import DamagedFileError, RunError
from ann_core.evaluation.exported_weights import softmax
from ann_core.runs.folder import RunFolder

if TYPE_CHECKING:
    import h5py

N_STRONGEST = 8

_WEIGHTS = "model.weights.h5"
_GROUP = re.compile(r"(?:.*/)?(dense|batch_normalization)(?:_(\d+))?/vars")
_EPSILON = 1e-3  # of Keras' batch normalisation


@dataclass(frozen=True, eq=False)
class LayerValues:
    """What a network makes of one image.

    Attributes
    ----------
    hidden : list of float32 array, shape (n_units,)
        What each hidden layer answers, the first one first.
    probabilities : float32 array, shape (n_classes,)
    last_weights : float32 array, shape (n_units, n_classes)
        By which the last layer weights what the one before it answers.
    """

    hidden: list[np.ndarray]
    probabilities: np.ndarray
    last_weights: np.ndarray

    def strongest(self) -> np.ndarray:
        """Choose neurons of the last hidden layer, the largest value (of any sign) first.

        Returns
        -------
        int64 array
            Those that answer 0 are left out; empty without a hidden layer.
        """
        if not self.hidden:
            return np.zeros(0, dtype=np.int64)
        size = np.abs(self.hidden[-1])
        order = np.argsort(-size, kind="stable")[:N_STRONGEST]
        return np.asarray(order[size[order] > 0])


def layer_values(folder: RunFolder, scaled: np.ndarray) -> LayerValues:
    """Walk one image through the network of a finished run.

    Parameters
    ----------
    scaled : float array, shape (n_features,)
        The image as the first layer gets it: divided by 255, or standardised.

    Raises
    ------
    RunError
        If it is a convolution, or has no file of weights.
    DamagedFileError
        If its model is damaged.
    """
    network = folder.read_config().network
    if network.kind != "dense":
        raise RunError(
            "This network is a convolution, for contrast: its layers answer with whole pictures, "
            "not with one number a neuron, so there are no strips of it."
        )
    if not folder.keras_model.is_file():
        raise RunError(
            "The weights of this network are not here, as with one that came from a saved file: it "
            "can predict, but the values inside it cannot be shown."
        )
    damaged = "The model of this network is missing or damaged. Train it again."
    hidden: list[np.ndarray] = []
    values, kernel = np.asarray(scaled, dtype=np.float32), np.zeros((0, 0), dtype=np.float32)
    activate = _ACTIVATIONS[network.activation]
    try:
        with _weights(folder) as file:
            layers = _layers(file)
            if len(layers) != len(network.hidden_units) + 1:
                raise DamagedFileError(damaged, "it has other layers")
            for number, (dense, norm) in enumerate(layers, start=1):
                kernel = np.asarray(dense["0"])
                values = values @ kernel + np.asarray(dense["1"])
                if number <= len(network.hidden_units):
                    values = activate(_normalised(values, norm))
                    hidden.append(values)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DamagedFileError(damaged, str(error)) from error
    return LayerValues(hidden, softmax(values[np.newaxis])[0], kernel)


def describe_layer(values: np.ndarray) -> str:
    """Say how many neurons a layer has, how many of them answer 0, and its largest value."""
    silent = int((values == 0).sum())
    zeros = f"{silent:,} of them answer 0" if silent else "none of them answers 0"
    return f"{len(values):,} neurons, {zeros}; the largest value is {values.max():.3g}"


def describe_strongest(inside: LayerValues, class_names: tuple[str, ...]) -> str:
    """Say what the strongest neuron of the last hidden layer speaks for, if there is one."""
    strongest = inside.strongest()
    if not len(strongest):
        return "No neuron of the last hidden layer answers anything but 0 to this picture."
    unit = int(strongest[0])
    value = float(inside.hidden[-1][unit])
    counts = value * inside.last_weights[unit]
    most, least = int(counts.argmax()), int(counts.argmin())
    return (
        f"Neuron {unit + 1:,} has the largest value, {value:.3g}. Times its weights, that adds "
        f"{counts[most]:+.3g} to '{class_names[most]}' and {counts[least]:+.3g} to "
        f"'{class_names[least]}'."
    ).replace("-", "−")


@contextlib.contextmanager
def _weights(folder: RunFolder) -> Iterator[h5py.File]:
    """Open the weights inside of a ``.keras`` file, without unpacking it."""
    import h5py

    with (
        zipfile.ZipFile(folder.keras_model) as bundle,
        bundle.open(_WEIGHTS) as member,
        h5py.File(member, "r") as file,
    ):
        yield file


def _layers(file: h5py.File) -> list[tuple[h5py.Group, h5py.Group | None]]:
    """Pair each dense layer with the normalisation that follows it, if there is one."""
    names: list[str] = []
    file.visit(names.append)
    kinds: dict[str, dict[int, h5py.Group]] = {"dense": {}, "batch_normalization": {}}
    for name in names:
        if match := _GROUP.fullmatch(name):
            kinds[match[1]][int(match[2] or 0)] = file[name]
    norms = kinds["batch_normalization"]
    return [(group, norms.get(number)) for number, group in sorted(kinds["dense"].items())]


def _normalised(sums: np.ndarray, norm: h5py.Group | None) -> np.ndarray:
    if norm is None:
        return sums
    gamma, beta, mean, variance = (np.asarray(norm[str(number)]) for number in range(4))
    return np.asarray((sums - mean) / np.sqrt(variance + _EPSILON) * gamma + beta)


def _gelu(sums: np.ndarray) -> np.ndarray:
    from scipy.special import erf  # here: no other activation needs SciPy

    return np.asarray(sums * (1 + erf(sums / np.sqrt(2.0))) / 2)


_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda sums: np.maximum(sums, 0),
    "elu": lambda sums: np.where(sums > 0, sums, np.expm1(np.minimum(sums, 0))),
    "gelu": _gelu,
    "tanh": np.tanh,
    "sigmoid": lambda sums: 1 / (1 + np.exp(-sums)),
}
