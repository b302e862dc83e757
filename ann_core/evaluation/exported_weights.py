"""The weights of a dense network as its run has exported them, and its answers by NumPy alone.

So pages and commands can do to a network what no exported model offers: move its weights about,
or ask in which direction a picture would have to change. TensorFlow stays in the worker.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import numpy as np

from ann_core.errors import DamagedFileError, RunError
from ann_core.runs.folder import RunFolder
from ann_core.training.network_config import NetworkConfig

_WEIGHTS = "model.weights.h5"


@dataclass(frozen=True, eq=False)
class DenseWeights:
    """A dense network with relu, of bytes that are divided by 255.

    Attributes
    ----------
    kernels : list of float32 array, shape (n_inputs, n_units)
    biases : list of float32 array, shape (n_units,)
        One each a layer, the last gives the classes.
    """

    kernels: list[np.ndarray]
    biases: list[np.ndarray]

    def logits(self, features: np.ndarray) -> np.ndarray:
        """Compute the sums before softmax: float64 array, shape (n_images, n_classes)."""
        values = features / 255.0
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            values = np.maximum(values @ kernel + bias, 0.0)
        return np.asarray(values @ self.kernels[-1] + self.biases[-1])

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Compute a probability a class: float64 array, shape (n_images, n_classes)."""
        return softmax(self.logits(features))

    def input_gradient(self, features: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Say how the loss of each image changes with each of its intensities.

        Parameters
        ----------
        features : uint8 array, shape (n_images, n_features)
        labels : int array, shape (n_images,)
            The classes whose cross-entropy is the loss.

        Returns
        -------
        float64 array, shape (n_images, n_features)
        """
        values, active = features / 255.0, []
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1], strict=True):
            sums = values @ kernel + bias
            active.append(sums > 0)
            values = np.maximum(sums, 0.0)
        slope = loss_slope(values @ self.kernels[-1] + self.biases[-1], labels)
        for kernel, passed in zip(self.kernels[:0:-1], active[::-1], strict=True):
            slope = (slope @ kernel.T) * passed
        return np.asarray(slope @ self.kernels[0].T / 255.0)

    def with_moved_inputs(self, order: np.ndarray) -> DenseWeights:
        """Give each weight of the first layer to the value that comes in its pixel's stead.

        Parameters
        ----------
        order : int array, shape (n_features,)
            Which value comes to each column, as ``features[:, order]``.
        """
        return DenseWeights([self.kernels[0][order], *self.kernels[1:]], self.biases)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn sums into probabilities: rows of positive numbers that add up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def loss_slope(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Say how cross-entropy changes with each sum before softmax (Bishop 2006, 4.109)."""
    slope = softmax(logits)
    slope[np.arange(len(labels)), labels] -= 1.0
    return slope


def read_dense_weights(folder: RunFolder) -> DenseWeights:
    """Read the weights of a finished run.

    Raises
    ------
    RunError
        If it is no plain dense network with relu on pixels from 0 to 1.
    DamagedFileError
        If its model is missing or damaged.
    """
    network = plain_network(folder, "dense", "a dense network")
    kernels, biases = read_layers(folder, "dense")
    if len(kernels) != len(network.hidden_units) + 1:
        raise other_layers()
    return DenseWeights(kernels, biases)


def plain_network(folder: RunFolder, kind: str, words: str) -> NetworkConfig:
    """Read the settings of a network whose arithmetic is written here as well.

    Raises
    ------
    RunError
        If it is of another kind, or no plain one with relu on pixels from 0 to 1.
    """
    config = folder.read_config()
    network = config.network
    plain = not network.batch_normalization and network.activation == "relu"
    if network.kind != kind or not plain or config.preprocess.scaling != "unit":
        raise RunError(f"This needs {words} with relu, without normalisation.")
    return network


def other_layers() -> DamagedFileError:
    """Make the error of a model whose layers are not those of its settings."""
    return DamagedFileError(
        "The model of this network is damaged. Train it again.", "it has other layers"
    )


def read_layers(folder: RunFolder, kind: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Read the weights and biases of all layers of a kind, as Keras calls it in its files.

    Raises
    ------
    DamagedFileError
        If the model is missing or damaged.
    """
    import h5py

    layer = re.compile(rf"(?:.*/)?{kind}(?:_(\d+))?/vars/0")
    try:
        with zipfile.ZipFile(folder.keras_model) as bundle:
            content = io.BytesIO(bundle.read(_WEIGHTS))
        with h5py.File(content) as file:
            names: list[str] = []
            file.visit(names.append)
            numbered = {
                int(match[1] or 0): name.removesuffix("/0")
                for name in names
                if (match := layer.fullmatch(name))
            }
            groups = [numbered[number] for number in sorted(numbered)]
            kernels = [np.asarray(file[f"{group}/0"]) for group in groups]
            biases = [np.asarray(file[f"{group}/1"]) for group in groups]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DamagedFileError(
            "The model of this network is missing or damaged. Train it again.", str(error)
        ) from error
    return kernels, biases
