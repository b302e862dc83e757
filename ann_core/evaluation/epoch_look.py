"""What a training looks like from inside at the end of an epoch, for those who watch it.

A fixed sheet of validation images with what is predicted now, and how many neurons are silent:
they answer 0 to every one of some images, so they add nothing to any prediction among them, and
no gradient reaches their weights (a "dead ReLU").
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DamagedFileError
from ann_core.files import counted, replacing
from ann_core.training.network_config import NetworkConfig

N_SHOWN = 12
N_CHECKED = 64
"""Validation images that tell whether a neuron is silent: as few as cost next to nothing."""


@dataclass(frozen=True, eq=False)
class EpochLook:
    """A network at the end of one epoch.

    Attributes
    ----------
    epoch : int
    rows : int64 array, shape (n_shown,)
        Of ``Dataset.images``: the validation images of the sheet.
    labels : int64 array, shape (n_shown,)
    probabilities : float32 array, shape (n_shown, n_classes)
    silent : float32 array, shape (n_hidden_layers,)
        Share of each dense hidden layer's neurons that answer 0 to all that were checked; 0..1.
        Empty of a convolution.
    n_checked : int
        Validation images that were asked about, those of the sheet among them.
    """

    epoch: int
    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    silent: np.ndarray
    n_checked: int

    @property
    def predicted(self) -> np.ndarray:
        """int64 array, shape (n_shown,)."""
        return np.asarray(self.probabilities.argmax(axis=1))


_KINDS = {
    "epoch": "<i8",
    "rows": "<i8",
    "labels": "<i8",
    "probabilities": "<f4",
    "silent": "<f4",
    "n_checked": "<i8",
}
"""Arrays of a file, in the order of the fields of `EpochLook`."""


def describe_silent(look: EpochLook, network: NetworkConfig) -> str:
    """Say how many neurons of each dense layer answer 0 to all images that were checked.

    Returns
    -------
    str
        "" where no answer can be told from 0: of a convolution, or without relu.
    """
    if network.activation != "relu" or not len(look.silent):
        return ""
    parts = [
        f"{round(float(share) * n_units):,} of {n_units:,} in hidden layer {number}"
        for number, (share, n_units) in enumerate(
            zip(look.silent, network.hidden_units, strict=True), start=1
        )
    ]
    return (
        f"Neurons that answer 0 to all of {counted(look.n_checked, 'validation picture')}: "
        f"{'; '.join(parts)}."
    )


def save_epoch_look(look: EpochLook, path: Path) -> None:
    """Write it as ``RunFolder.epoch_look``, whole or not at all.

    Raises
    ------
    DiskFullError
    """
    arrays = {name: np.asarray(getattr(look, name), dtype=kind) for name, kind in _KINDS.items()}
    with replacing(path) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_epoch_look(path: Path, n_classes: int) -> EpochLook:
    """Read it.

    Raises
    ------
    DamagedFileError
        If it is damaged, or of a network with other classes.
    """
    damaged = (
        f"The file {path.name} of this network is damaged. It is written anew with each epoch."
    )
    try:
        arrays = read_arrays(path, _KINDS)
    except ArrayFileError as error:
        raise DamagedFileError(damaged, str(error)) from error
    epoch, rows, labels, probabilities, silent, n_checked = arrays.values()
    fits = (
        epoch.shape == n_checked.shape == ()
        and probabilities.shape == (len(rows), n_classes)
        and rows.shape == labels.shape
        and silent.ndim == 1
        and bool(((labels >= 0) & (labels < n_classes)).all())
    )
    if not fits:
        raise DamagedFileError(damaged, f"{path.name} is of another network")
    return EpochLook(int(epoch), rows, labels, probabilities, silent, int(n_checked))
