"""Standardising: each pixel measured against what it usually is in the training images.

Only the training split counts: what a network is given must not depend on the
images that will test it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ann_core.datasets.features import FeatureSet, feature_key
from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DatasetError
from ann_core.files import replacing
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser

SCALING_FILE = "scaling.npz"

_BLOCK = 256  # images in memory at once


def standardiser_of(data: FeatureSet) -> Standardiser:
    """Find the standardiser of a table beside it, or compute it and leave it there.

    Raises
    ------
    DatasetError
        If no image belongs to the training split.
    DiskFullError
        If there is no space to keep it.
    """
    path = data.folder / SCALING_FILE if data.folder else None
    standardiser = read_standardiser(path, data.n_features) if path else None
    if standardiser is None:
        standardiser = _compute(data.features, data.indices("train"))
        if path:
            with replacing(path) as file:
                np.savez(file, mean=standardiser.mean, std=standardiser.std)
    return standardiser


def load_standardiser(
    fingerprint: str, config: PreprocessConfig, root: Path
) -> Standardiser | None:
    """Find the standardiser of a data set, also when that is gone; None if there is none yet.

    Parameters
    ----------
    fingerprint : str
        ``Dataset.fingerprint``.
    root : Path
        ``Settings.features_dir``.
    """
    folder = root / feature_key(fingerprint, config)
    return read_standardiser(folder / SCALING_FILE, config.n_features)


def _compute(features: np.ndarray, rows: np.ndarray) -> Standardiser:
    """Sum whole numbers, a block at a time: exact, whatever the size of a block.

    The variance is (n * sum of squares - square of sum) / n²; with fractions, that
    difference would lose its digits. 64 bits hold it for 11 million images.
    """
    n_images = len(rows)
    if not n_images:
        raise DatasetError(
            "Expected training pictures to standardise by, but the training split is empty. "
            "Import the pictures again."
        )
    total = np.zeros(features.shape[1], dtype=np.int64)
    squares = np.zeros_like(total)
    for start in range(0, n_images, _BLOCK):
        block = features[rows[start : start + _BLOCK]].astype(np.uint16)  # holds 255²
        total += block.sum(axis=0, dtype=np.uint32)
        squares += np.square(block, out=block).sum(axis=0, dtype=np.uint32)
    std = np.sqrt(n_images * squares - total**2) / n_images
    return Standardiser(total / n_images, np.where(std == 0, 1.0, std))


def read_standardiser(path: Path, n_features: int) -> Standardiser | None:
    """Read a standardiser; None if it is not there or damaged, for it is soon computed again."""
    try:
        mean, std = read_arrays(path, {"mean": "<f8", "std": "<f8"}).values()
    except ArrayFileError:
        return None
    whole = mean.shape == std.shape == (n_features,) and (std > 0).all()
    return Standardiser(mean, std) if whole else None
