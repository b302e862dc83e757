"""What the last hidden layer makes of an image: the network's own description of it.

The output layer sees nothing else. Images that lie near each other here are alike to the
network, whatever they are to us.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DamagedFileError
from ann_core.evaluation.sampling import evenly
from ann_core.files import replacing

MAX_BYTES = 64_000_000
"""Of stored activations; of more training images, an even sample is kept."""


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Activations of the last hidden layer for training images.

    Attributes
    ----------
    values : float32 array, shape (n_kept, n_units)
    feature_rows : int64 array, shape (n_kept,)
        As ``Predictions.feature_rows`` of the same run.
    """

    values: np.ndarray
    feature_rows: np.ndarray


def kept_rows(feature_rows: np.ndarray, n_units: int) -> np.ndarray:
    """Choose the training images whose activations are stored: all, or an even sample."""
    return evenly(feature_rows, max(1, MAX_BYTES // (4 * n_units)))


def save_embeddings(embeddings: Embeddings, path: Path) -> None:
    """Write them as ``.npz``, whole or not at all.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        rows = {stored_names.FEATURE_ROWS: embeddings.feature_rows}
        np.savez(file, values=embeddings.values.astype(np.float32), **rows)  # type: ignore[arg-type]


def load_embeddings(path: Path) -> Embeddings | None:
    """Read them; None for a run that has none, such as one without hidden layers.

    Raises
    ------
    DamagedFileError
        If the file is damaged.
    """
    if not path.is_file():
        return None
    damaged = f"The file {path.name} of this network is damaged. Train the network again."
    try:
        arrays = read_arrays(path, {"values": "<f4", stored_names.FEATURE_ROWS: "<i8"})
    except ArrayFileError as error:
        raise DamagedFileError(damaged, str(error)) from error
    embeddings = Embeddings(arrays["values"], arrays[stored_names.FEATURE_ROWS])
    if embeddings.values.ndim != 2 or embeddings.feature_rows.shape != embeddings.values.shape[:1]:
        raise DamagedFileError(damaged, f"{path.name} holds arrays that do not fit each other")
    return embeddings
