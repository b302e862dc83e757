"""A small trained network that comes with Flatland, for pages that explain.

It is so small that a browser can work it out itself, many times a second: 9,216 pixels, one
hidden layer, cat or dog. `scripts/train_example_network.py` trains it on the built-in cartoons.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.imaging.preprocessing import PreprocessConfig

FILE = Path(__file__).with_suffix(".npz")
PREPROCESS = PreprocessConfig()
_LEVELS = 127  # of a weight to each side of 0
_NUMBER = 1013  # of a cat; those that it was trained and tested on end at 999


@dataclass(frozen=True, eq=False)
class ExampleNetwork:
    """A dense network with one hidden layer, its first weights rounded to bytes.

    Attributes
    ----------
    weights : int8 array, shape (n_features, n_units)
        From each pixel to each hidden node, in multiples of `steps`.
    steps : float64 array, shape (n_units,)
    biases : float64 array, shape (n_units,)
    output_weights : float64 array, shape (n_units, n_classes)
    output_biases : float64 array, shape (n_classes,)
    shifts : int64 array, shape (n_shifts,)
        Pixels to the right by which all test images were moved.
    accuracy : float64 array, shape (n_shifts,)
        Share of the test images that it then had right.
    n_train, n_test : int
        Images that it was trained on and tested with.
    """

    weights: np.ndarray
    steps: np.ndarray
    biases: np.ndarray
    output_weights: np.ndarray
    output_biases: np.ndarray
    shifts: np.ndarray
    accuracy: np.ndarray
    n_train: int
    n_test: int

    @property
    def class_names(self) -> tuple[str, ...]:
        """What its outputs stand for, in order."""
        return CLASS_NAMES

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Predict rows of pixels: a weighted sum, nothing below 0, a weighted sum, softmax.

        Parameters
        ----------
        features : uint8 array, shape (n_images, n_features)

        Returns
        -------
        float64 array, shape (n_images, n_classes)
        """
        # Whole numbers, so float64 adds them without error, as a browser does.
        sums = features.astype(np.float64) @ self.weights.astype(np.float64)
        hidden = np.maximum(sums * self.steps + self.biases, 0.0)
        scores = hidden @ self.output_weights + self.output_biases
        exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities: np.ndarray = exponentials / exponentials.sum(axis=1, keepdims=True)
        return probabilities

    def accuracy_at(self, shift: int) -> float:
        """Share of the test images it had right when all were moved so far to the right."""
        return float(self.accuracy[self.shifts.tolist().index(shift)])


def round_weights(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round weights to bytes, those of each hidden node to steps of their own.

    Parameters
    ----------
    weights : float array, shape (n_features, n_units)

    Returns
    -------
    rounded : int8 array of the same shape
    steps : float64 array, shape (n_units,)
        ``rounded * steps`` are the weights, but for half a step.
    """
    steps = np.abs(weights).max(axis=0).astype(np.float64) / _LEVELS
    return np.rint(weights / steps).astype(np.int8), steps


def load_example_network() -> ExampleNetwork:
    """Read the network that comes with Flatland."""
    with np.load(FILE) as stored:
        arrays = {name: stored[name] for name in stored.files}
    n_train, n_test = (int(arrays.pop(name)) for name in ("n_train", "n_test"))
    return ExampleNetwork(**arrays, n_train=n_train, n_test=n_test)


def example_image() -> Image.Image:
    """Draw a cat that the network never saw, on a plain wall: what moves in looks like it."""
    config = CartoonConfig(image_size=256, noise=0.0, background=0.0)
    return draw_cartoon("cat", config, _NUMBER)
