"""How the loss of a network changes with each pixel of a picture, by NumPy alone.

That is the gradient that training follows, carried on from the first weights to the picture
itself (Simonyan, Vedaldi and Zisserman 2014). TensorFlow stays in the worker.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ann_core.evaluation.exported_weights import (
    loss_slope,
    other_layers,
    plain_network,
    read_dense_weights,
    read_layers,
)
from ann_core.imaging.preprocessing import flatten
from ann_core.runs.folder import RunFolder
from ann_core.training.convolution import is_pooled
from ann_core.training.network_size import WINDOW

_BATCH = 64  # images whose windows are in memory at once


@dataclass(frozen=True, eq=False)
class ConvolutionWeights:
    """The convolution that is there for contrast, of bytes that are divided by 255.

    Attributes
    ----------
    filters : list of float32 array, shape (3, 3, n_inputs, n_filters)
    biases : list of float32 array, shape (n_filters,)
        One each a layer of filters.
    kernel, bias : float32 arrays, shapes (n_filters, n_classes) and (n_classes,)
        Of the last layer.
    """

    filters: list[np.ndarray]
    biases: list[np.ndarray]
    kernel: np.ndarray
    bias: np.ndarray

    def input_gradient(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Say how the loss of each image changes with each of its values.

        Parameters
        ----------
        images : uint8 array, shape (n_images, height, width, n_channels)
        labels : int array, shape (n_images,)

        Returns
        -------
        float64 array of the shape of `images`
        """
        values, passed, pooled = images / 255.0, [], []
        n_layers, sides = len(self.filters), (images.shape[1], images.shape[2])
        for number, (filters, bias) in enumerate(zip(self.filters, self.biases, strict=True), 1):
            sums = _carry(values, filters) + bias
            passed.append(sums > 0)
            values = np.maximum(sums, 0.0)
            pooled.append(_Pooling(values) if is_pooled(sides, number, n_layers) else None)
            values = pooled[-1].largest if pooled[-1] else values
        largest = values.max(axis=(1, 2), keepdims=True)
        slope = loss_slope(largest[:, 0, 0] @ self.kernel + self.bias, labels) @ self.kernel.T
        winners = values == largest  # of equally large ones, each gets its share
        slope = slope[:, None, None] * winners / winners.sum(axis=(1, 2), keepdims=True)
        for filters, active, pooling in zip(
            self.filters[::-1], passed[::-1], pooled[::-1], strict=True
        ):
            slope = (pooling.back(slope) if pooling else slope) * active
            slope = _carry(slope, filters[::-1, ::-1].swapaxes(2, 3))
        return np.asarray(slope / 255.0)


class _Pooling:
    """The largest of four neighbours, and the way back to it."""

    def __init__(self, values: np.ndarray) -> None:
        self._shape = values.shape
        fours = self._fours(values)
        self._winner = fours.argmax(axis=3)[:, :, :, np.newaxis]
        self.largest = np.take_along_axis(fours, self._winner, axis=3)[:, :, :, 0]

    def _fours(self, values: np.ndarray) -> np.ndarray:
        """float64 array, shape (n_images, height // 2, width // 2, 4, n_filters)."""
        n, height, width, depth = values.shape
        rows, columns = height // 2, width // 2
        even = values[:, : 2 * rows, : 2 * columns].reshape(n, rows, 2, columns, 2, depth)
        return even.transpose(0, 1, 3, 2, 4, 5).reshape(n, rows, columns, 4, depth)

    def back(self, slope: np.ndarray) -> np.ndarray:
        n, rows, columns, depth = slope.shape
        fours = np.zeros((n, rows, columns, 4, depth))
        np.put_along_axis(fours, self._winner, slope[:, :, :, np.newaxis], axis=3)
        all_values = np.zeros(self._shape)
        squares = fours.reshape(n, rows, columns, 2, 2, depth).transpose(0, 1, 3, 2, 4, 5)
        all_values[:, : 2 * rows, : 2 * columns] = squares.reshape(n, 2 * rows, 2 * columns, depth)
        return all_values


def _carry(values: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Carry filters over images that are surrounded by zeros."""
    edge = WINDOW // 2
    padded = np.pad(values, ((0, 0), (edge, edge), (edge, edge), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW), axis=(1, 2))
    return np.tensordot(windows, filters, axes=((4, 5, 3), (0, 1, 2)))


def input_gradients(folder: RunFolder, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Say for each value of each image how the loss changes with it.

    Parameters
    ----------
    folder : RunFolder
        Of a finished run.
    images : uint8 array, shape (n_images, height, width, n_channels)
    labels : int array, shape (n_images,)
        The classes whose cross-entropy is the loss.

    Returns
    -------
    float64 array of the shape of `images`

    Raises
    ------
    RunError
        If the network is none of the plain ones that experiments train.
    DamagedFileError
        If its model is missing or damaged.
    """
    if folder.read_config().network.kind == "dense":
        slope = read_dense_weights(folder).input_gradient(flatten(images), labels)
        return slope.reshape(images.shape)
    weights = read_convolution_weights(folder)
    parts = [np.empty((0, *images.shape[1:]))]
    for start in range(0, len(images), _BATCH):
        some = slice(start, start + _BATCH)
        parts.append(weights.input_gradient(images[some], labels[some]))
    return np.concatenate(parts)


def read_convolution_weights(folder: RunFolder) -> ConvolutionWeights:
    """Read the weights of a finished convolution.

    Raises
    ------
    RunError
        If it is no plain one with relu on pixels from 0 to 1.
    DamagedFileError
        If its model is missing or damaged.
    """
    network = plain_network(folder, "convolution", "a convolution")
    filters, biases = read_layers(folder, "conv2d")
    kernels, last = read_layers(folder, "dense")
    if len(filters) != len(network.hidden_units) or len(kernels) != 1:
        raise other_layers()
    return ConvolutionWeights(filters, biases, kernels[0], last[0])
