"""Which pictures a batch holds, and how many batches go into one call of TensorFlow."""

from __future__ import annotations

import numpy as np

CALL_SECONDS = 0.2
"""The longest that a worker lets a call take: between two, it hears stop and pause."""

Block = tuple[np.ndarray, np.ndarray]

_MOST_BATCHES = 16  # more save nothing: the price of a call is shared by then
_MOST_BYTES = 32_000_000


def epoch_order(n_images: int, seed: int, epoch: int) -> np.ndarray:
    """Order of the training images in one epoch: int64 array, shape (n_images,).

    Depends on nothing but its arguments, so a training can go on in the middle
    of any epoch.
    """
    return np.random.default_rng([seed, epoch]).permutation(n_images)


def class_order(labels: np.ndarray) -> np.ndarray:
    """All training images of the first class, then all of the next, in each epoch alike."""
    return np.argsort(labels, kind="stable")


def batches_a_call(batch_size: int, n_features: int) -> int:
    """Count the batches that one call has room for."""
    return max(1, min(_MOST_BATCHES, _MOST_BYTES // (batch_size * n_features)))


class BatchReader:
    """Copies the images of the next batches out of the features, into one block.

    Parameters
    ----------
    features : uint8 array, shape (n_images, n_features)
    targets : float32 array, shape (n_images, n_classes)
    """

    def __init__(self, features: np.ndarray, targets: np.ndarray, batch_size: int) -> None:
        self._features, self._targets = features, targets
        self._size = batch_size
        self.room = batches_a_call(batch_size, features.shape[1])
        self._block_pixels = np.zeros((self.room, batch_size, features.shape[1]), dtype=np.uint8)
        self._block_targets = np.zeros((self.room, batch_size, targets.shape[1]), dtype=np.float32)

    def whole(self, order: np.ndarray, batch: int, n_batches: int) -> Block:
        """Read `n_batches` whole batches of an epoch, `batch` (from 0) being the first.

        Parameters
        ----------
        order : int64 array, shape (n_images,)
            Rows of the features, in the order of the epoch.

        Returns
        -------
        pixels : uint8 array, shape (room, batch_size, n_features)
            Of the first `n_batches` batches; what follows means nothing.
        targets : float32 array, shape (room, batch_size, n_classes)
        """
        for number in range(n_batches):
            rows = self._rows(order, batch + number)
            # With the default mode, NumPy writes to a copy first, to spare `out` a bad row.
            np.take(self._features, rows, axis=0, out=self._block_pixels[number], mode="clip")
            np.take(self._targets, rows, axis=0, out=self._block_targets[number], mode="clip")
        return self._block_pixels, self._block_targets

    def short(self, order: np.ndarray, batch: int) -> Block:
        """Read the last batch of an epoch, which has fewer images: a block of one batch."""
        rows = self._rows(order, batch)
        return self._features[np.newaxis, rows], self._targets[np.newaxis, rows]

    def _rows(self, order: np.ndarray, batch: int) -> np.ndarray:
        # Sorted rows are read from the disk in one direction; the order within a batch
        # changes nothing.
        return np.sort(order[batch * self._size : (batch + 1) * self._size])


class CallLength:
    """How many batches to learn from in one call, by the time that the last call took.

    The result does not depend on it; only how soon a training can be stopped does.

    Parameters
    ----------
    seconds : float
        What a call may take; 0 for a batch each.
    most : int
        The most batches in one.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self.n_batches = 1
        self._seconds = seconds
        self._most = most
        self._begun = False

    def took(self, n_batches: int, seconds: float) -> None:
        """Learn from a call; the first one of a process builds the step, and tells nothing."""
        if self._begun:
            fitting = int(self._seconds * n_batches / max(seconds, 1e-9))
            self.n_batches = max(1, min(fitting, 2 * n_batches, self._most))
        self._begun = True
