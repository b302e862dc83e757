"""What the last hidden layer makes of a picture: the network's own description of it.

The output layer sees nothing else. Pictures that lie near each other here are alike to the
network, whatever they are to us.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core.errors import RunError
from ann_core.files import read_arrays, replacing

MOST_BYTES = 64_000_000
"""Of stored activations; of more training pictures, an even sample is kept."""


@dataclass(frozen=True, eq=False)
class HiddenLayer:
    """Activations of the last hidden layer for training pictures.

    Attributes
    ----------
    values : float32 array, shape (n_kept, n_units)
    places : int64 array, shape (n_kept,)
        Row of each picture in ``FeatureSet.features``.
    """

    values: np.ndarray
    places: np.ndarray


def kept_places(places: np.ndarray, n_units: int) -> np.ndarray:
    """Choose the training pictures whose activations are stored: all, or an even sample."""
    most = max(1, MOST_BYTES // (4 * n_units))
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).round().astype(np.int64)]


def save_hidden(hidden: HiddenLayer, path: Path) -> None:
    """Write them as ``.npz``, whole or not at all.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        np.savez(file, values=hidden.values.astype(np.float32), places=hidden.places)


def load_hidden(path: Path) -> HiddenLayer | None:
    """Read them; None for a run that has none, such as one without hidden layers.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    if not path.is_file():
        return None
    arrays = read_arrays(path, "values", "places")
    if arrays is None:
        raise _damaged(path)
    hidden = HiddenLayer(arrays["values"], arrays["places"])
    whole = hidden.values.ndim == 2 and hidden.values.dtype == np.float32
    if not whole or hidden.places.shape != hidden.values.shape[:1]:
        raise _damaged(path)
    return hidden


def _damaged(path: Path) -> RunError:
    return RunError(f"The file {path.name} of this run is damaged. Train the network again.")
