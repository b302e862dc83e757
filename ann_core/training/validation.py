"""How good a network is on pictures that it does not learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ann_core.training.network_config import CHECK_BATCH

if TYPE_CHECKING:
    import keras


class Validation:
    """Asks a network about the same pictures after each epoch.

    To the bit, it gives what Keras' ``evaluate`` gives, by which an exported training does it. That
    one prepares the pictures anew each time, which takes longer than asking a small network.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, n_features)
    targets : float32 array, shape (n_images, n_classes)
    """

    def __init__(self, model: keras.Model, pixels: np.ndarray, targets: np.ndarray) -> None:
        self._ask = _asking(model)
        self._pixels, self._targets = pixels, targets

    def measure(self) -> tuple[float, float]:
        """Return the mean loss, with what penalties add, and the share of right answers."""
        n_right, total, number = 0, np.float32(0), np.float32(len(self._pixels))
        for start in range(0, len(self._pixels), CHECK_BATCH):
            some = slice(start, start + CHECK_BATCH)
            loss, right = self._ask(self._pixels[some], self._targets[some])
            n_right += int(right)
            total += np.float32(loss) * np.float32(len(self._pixels[some]))  # as Keras sums
        return float(total / number), float(np.float32(n_right) / number)


def _asking(model: keras.Model) -> Any:
    """Make the function that gives the mean loss of pictures and how many are right."""
    import tensorflow as tf

    def ask(pixels: Any, targets: Any) -> Any:
        probabilities = model(pixels, training=False)
        loss = model.compute_loss(x=pixels, y=targets, y_pred=probabilities, training=False)
        right = tf.equal(tf.argmax(probabilities, axis=1), tf.argmax(targets, axis=1))
        return loss, tf.math.count_nonzero(right)

    shapes = [
        tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8),
        tf.TensorSpec((None, *model.output_shape[1:]), tf.float32),
    ]
    return tf.function(ask, input_signature=shapes, autograph=False)
