"""The first layer as images: each node has one weight for each pixel.

Drawn at the size of the image, a node's weights show what it looks for. A dense layer
begins with noise, for nothing tells it which pixels touch; whatever is smooth in the end
was learned from the images.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DamagedFileError, disk_errors
from ann_core.files import replacing
from ann_core.imaging.preprocessing import PreprocessConfig

MAX_KEPT_UNITS = 256
MAX_BYTES = 4_000_000
"""Of the weights in one snapshot."""

FINAL = "final"
NOW = "now"  # of some nodes, while it trains; no snapshot

NOISE = 0.1
"""Smoothness below which the weights of a neuron look like noise."""

_BLOCK = 64  # nodes at a time
_LITTLE = 0.5  # of the length of the first weights, which then are the larger part of the last ones
_NAME = re.compile(r"epoch-(\d{4})|final")


@dataclass(frozen=True, eq=False)
class FirstLayer:
    """Weights of the first layer at one moment.

    Attributes
    ----------
    units : int64 array, shape (n_kept,)
        Which nodes are here: of many, an even sample.
    weights : int8 array, shape (n_kept, n_features)
        In units of `scales`: enough for an image of 255 colours.
    scales : float32 array, shape (n_kept,)
        Largest weight of each node, without its sign, divided by 127.
    norms : float32 array, shape (n_kept,)
        Length of each node's weights as a vector: how much it can make of its input.
    smoothness : float32 array, shape (n_kept,)
        Correlation of each weight with that of the pixel to the right and below: near 0
        in noise, near 1 where neighbouring pixels count alike.
    n_units : int
        In the network.
    """

    units: np.ndarray
    weights: np.ndarray
    scales: np.ndarray
    norms: np.ndarray
    smoothness: np.ndarray
    n_units: int

    def image(self, index: int, preprocess: PreprocessConfig) -> np.ndarray:
        """Lay out one node's weights as its image: float32, shape (height, width, channels)."""
        values = self.weights[index].astype(np.float32) * self.scales[index]
        return np.asarray(values.reshape(*preprocess.image_size, preprocess.n_channels))

    def smoothest_first(self) -> np.ndarray:
        """Order the kept nodes by smoothness: int64 array of indices."""
        return np.argsort(-self.smoothness, kind="stable")

    def largest_norm_first(self) -> np.ndarray:
        """Order the kept nodes by the length of their weights: int64 array of indices."""
        return np.argsort(-self.norms, kind="stable")

    def as_in_network(self) -> np.ndarray:
        """Order the kept nodes as they are: int64 array of indices."""
        return np.arange(len(self.units))


_KINDS = {
    stored_names.UNITS: "<i8",
    "weights": "|i1",
    "scales": "<f4",
    "norms": "<f4",
    "smoothness": "<f4",
    stored_names.N_UNITS: "<i8",
}
"""Arrays of a file, in the order of the fields of `FirstLayer`."""


def first_layer(kernel: np.ndarray, preprocess: PreprocessConfig) -> FirstLayer:
    """Take what is needed to draw a layer.

    Parameters
    ----------
    kernel : float32 array, shape (n_features, n_units)
        As Keras keeps the weights of a dense layer.
    """
    n_features, n_units = kernel.shape
    n_kept = min(n_units, MAX_KEPT_UNITS, max(8, MAX_BYTES // n_features))
    units = np.unique(np.linspace(0, n_units - 1, n_kept).round().astype(np.int64))
    weights = np.empty((len(units), n_features), dtype=np.int8)
    scales, norms, smooth = (np.empty(len(units), dtype=np.float32) for _ in range(3))
    for start in range(0, len(units), _BLOCK):
        part = slice(start, start + _BLOCK)
        values = kernel[:, units[part]].T.astype(np.float64)
        norms[part] = np.linalg.norm(values, axis=1)
        smooth[part] = smoothness(values, preprocess)
        scales[part] = np.maximum(np.abs(values).max(axis=1), 1e-30) / 127
        weights[part] = np.rint(values / scales[part, np.newaxis])
    return FirstLayer(units, weights, scales, norms, smooth, n_units)


def weight_change(layer: FirstLayer, start: FirstLayer, preprocess: PreprocessConfig) -> FirstLayer:
    """Take from weights what they were at the start: what is left was learned.

    The noise that a network begins with hides small changes. Snapshots are kept to 1 / 127
    of a unit's largest weight, so changes below that are lost.
    """
    values, before = (
        each.weights * each.scales[:, np.newaxis].astype(np.float32) for each in (layer, start)
    )
    change = first_layer((values - before).T, preprocess)
    return replace(change, units=layer.units, n_units=layer.n_units)


def describe_noise(last: FirstLayer, start: FirstLayer | None) -> str:
    """Say how far training has changed the nodes that still look like noise.

    Noise in the end may be that of the beginning, or learned from single images: only a
    comparison with the weights before training tells.

    Parameters
    ----------
    last : FirstLayer
        The weights of the network as it is now.
    start : FirstLayer or None
        Those before training, if they were kept.
    """
    noisy = np.flatnonzero(last.smoothness < NOISE)
    count = f"Smoothness is below {NOISE:g}, as in noise, in {len(noisy):,} of {len(last.units):,}"
    if not len(noisy):
        return (
            f"No neuron is still as rough as noise: smoothness is {NOISE:g} or more in all of them."
        )
    if start is None:
        return (
            f"{count} neurons. Whether that is the noise they began with is unknown: the weights "
            "before training were not kept."
        )
    before, after = (
        each.weights[noisy] * each.scales[noisy, np.newaxis].astype(np.float64)
        for each in (start, last)
    )
    length = np.maximum(np.linalg.norm(before, axis=1), 1e-30)
    change = float(np.median(np.linalg.norm(after - before, axis=1) / length))
    verdict = (
        "that is mostly the noise they began with"
        if change < _LITTLE
        else "training made much of this noise: what a neuron learns need not be smooth"
    )
    return (
        f"{count} neurons. Training has changed the weights of these by {change:.0%} of their "
        f"length (median): {verdict}."
    )


def smoothness(weights: np.ndarray, preprocess: PreprocessConfig) -> np.ndarray:
    """Correlate each weight with that of its neighbours to the right and below.

    Moran's I on the grid of pixels (Moran 1950): mean product of neighbouring
    deviations from the mean, divided by their variance.

    Parameters
    ----------
    weights : float64 array, shape (n_units, n_features)

    Returns
    -------
    float64 array, shape (n_units,)
        -1..1; 0 for a node whose weights are all the same.
    """
    grid = weights.reshape(len(weights), *preprocess.image_size, preprocess.n_channels)
    grid = grid - grid.mean(axis=(1, 2), keepdims=True)
    across = grid[:, :, 1:] * grid[:, :, :-1]
    down = grid[:, 1:] * grid[:, :-1]
    n_pairs = across[0].size + down[0].size
    products = (across.sum(axis=(1, 2, 3)) + down.sum(axis=(1, 2, 3))) / n_pairs
    variance = np.square(grid).mean(axis=(1, 2, 3))
    result: np.ndarray = np.zeros(len(grid))
    np.divide(products, variance, out=result, where=variance > 0)
    return result


def is_kept(epoch: int) -> bool:
    """Whether a snapshot is taken after this epoch: 1, 2, 4, 8, ...; 0 is before the first."""
    return epoch & (epoch - 1) == 0


def save_first_layer(layer: FirstLayer, folder: Path, name: str) -> None:
    """Write a snapshot into ``RunFolder.first_layer``, whole or not at all.

    Parameters
    ----------
    name : str
        `snapshot_name` or `FINAL`.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    arrays = dict(zip(_KINDS, vars(layer).values(), strict=True))
    with replacing(folder / f"{name}.npz") as file:
        np.savez(file, **arrays)


def snapshot_name(epoch: int) -> str:
    """Name the snapshot after an epoch; sorts as its number does."""
    return f"epoch-{epoch:04d}"


def snapshots(folder: Path) -> dict[str, Path]:
    """Find the snapshots of a run by "0", "1", "2", "4", ... and "final", in that order."""
    paths = sorted(path for path in folder.glob("*.npz") if _NAME.fullmatch(path.stem))
    return {
        str(int(path.stem.removeprefix("epoch-"))) if path.stem != FINAL else FINAL: path
        for path in paths
    }


def load_first_layer(path: Path, n_features: int) -> FirstLayer:
    """Read a snapshot.

    Raises
    ------
    DamagedFileError
        If it is damaged, or of images of another size.
    """
    damaged = f"The file {path.name} with the weights of this network is damaged. Train it again."
    try:
        arrays = read_arrays(path, _KINDS)
    except ArrayFileError as error:
        raise DamagedFileError(damaged, str(error)) from error
    units, weights, scales, norms, smooth, n_units = arrays.values()
    fits = (
        n_units.shape == ()
        and weights.shape == (units.size, n_features)
        and all(column.shape == (units.size,) for column in (units, scales, norms, smooth))
        and units.size > 0
        and bool((np.diff(units) > 0).all() and units[0] >= 0 and units[-1] < n_units)
    )
    if not fits:
        raise DamagedFileError(damaged, f"{path.name} holds weights of another network")
    return FirstLayer(units, weights, scales, norms, smooth, int(n_units))
