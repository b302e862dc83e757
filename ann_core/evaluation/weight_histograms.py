"""How the weights of each layer are spread, from before the first epoch to the last.

At first they are random within narrow bounds, all equally probable (Glorot and Bengio 2010).
What training does to them shows in the shape: most stay near zero, a few grow large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DamagedFileError
from ann_core.files import replacing

N_BINS = 64


@dataclass(eq=False)
class WeightHistograms:
    """Counts of weights by size, a histogram an epoch and layer; grows while a network trains.

    Attributes
    ----------
    epochs : list of int
        Ascending; 0 is before the first.
    counts : list of int32 array, shape (n_layers, N_BINS)
    ends : list of float32 array, shape (n_layers, 2)
        Smallest and largest weight of each layer: between them, the bins are equally wide.
    """

    epochs: list[int] = field(default_factory=list)
    counts: list[np.ndarray] = field(default_factory=list)
    ends: list[np.ndarray] = field(default_factory=list)

    def add(self, epoch: int, weights: Sequence[np.ndarray]) -> None:
        """Count the weights of all layers after an epoch; what is known of later ones goes."""
        self.forget_from(epoch)
        histograms = [count_weights(values) for values in weights]
        self.epochs.append(epoch)
        self.counts.append(np.array([counts for counts, _ in histograms], dtype=np.int32))
        self.ends.append(np.array([ends for _, ends in histograms], dtype=np.float32))

    def forget_from(self, epoch: int) -> None:
        """Forget this epoch and all after it: they will be trained again."""
        n_kept = sum(each < epoch for each in self.epochs)
        for column in (self.epochs, self.counts, self.ends):
            del column[n_kept:]

    @property
    def n_layers(self) -> int:
        """Layers with weights, the last one included."""
        return len(self.ends[0]) if self.ends else 0

    def densities(self, layer: int, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Say how dense the weights of a layer lie after ``epochs[index]``.

        Bins of few weights are put together, until there are no more of them than the square
        root of the number of weights, and eight at the least: they would only show chance.

        Returns
        -------
        middles : float64 array, shape (n_bins,)
            Of the bins.
        densities : float64 array, shape (n_bins,)
            Share of the weights, for each unit of weight: the area below is 1.
        """
        low, high = (float(end) for end in self.ends[index][layer])
        counts, n_weights = self.counts[index][layer], int(self.counts[index][layer].sum())
        while len(counts) > max(8, n_weights**0.5):
            counts = counts[::2] + counts[1::2]
        width = max(high - low, 1e-12) / len(counts)
        middles = low + width * (np.arange(len(counts)) + 0.5)
        return middles, counts / max(1, n_weights) / width

    def chosen(self, most: int) -> list[int]:
        """Choose some epochs from the first to the last, as indices, in even steps."""
        steps = np.linspace(0, len(self.epochs) - 1, min(most, len(self.epochs)))
        return [int(step) for step in steps.round()]


def count_weights(weights: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """Count weights in equal steps from the smallest to the largest.

    As ``numpy.histogram``, in a fraction of the time.

    Returns
    -------
    counts : int64 array, shape (N_BINS,)
    ends : (smallest, largest)
    """
    low, high = float(weights.min()), float(weights.max())
    bins = (weights - low) * (N_BINS / max(high - low, 1e-12))
    counts = np.bincount(bins.astype(np.int64).clip(0, N_BINS - 1), minlength=N_BINS)
    return counts, (low, high)


def save_weight_histograms(histograms: WeightHistograms, path: Path) -> None:
    """Write them as ``RunFolder.weight_histograms``, whole or not at all.

    Raises
    ------
    DiskFullError
    """
    with replacing(path) as file:
        np.savez_compressed(
            file,
            epochs=np.array(histograms.epochs, dtype=np.int64),
            counts=np.array(histograms.counts, dtype=np.int32),
            ends=np.array(histograms.ends, dtype=np.float32),
        )


def load_weight_histograms(path: Path) -> WeightHistograms:
    """Read them.

    Raises
    ------
    DamagedFileError
        If the file is damaged.
    """
    damaged = (
        f"The file {path.name} with how the weights of this network changed is damaged. Train the "
        "network again to see them."
    )
    try:
        kinds = {"epochs": "<i8", "counts": "<i4", "ends": "<f4"}
        epochs, counts, ends = read_arrays(path, kinds, packed=True).values()
    except ArrayFileError as error:
        raise DamagedFileError(damaged, str(error)) from error
    shape = counts.shape[:2]
    fits = counts.ndim == 3 and counts.shape[2] == N_BINS and ends.shape == (*shape, 2)
    if not fits or epochs.shape != shape[:1] or not (np.diff(epochs) > 0).all():
        raise DamagedFileError(damaged, "its arrays do not fit each other")
    return WeightHistograms([int(epoch) for epoch in epochs], list(counts), list(ends))
