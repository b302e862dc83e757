"""The pictures of a run as its network saw them, also when their files are gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.features import find_table
from ann_core.errors import RunError
from ann_core.files import read_arrays, replacing
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig


@dataclass(frozen=True, eq=False)
class Pixels:
    """Rows of bytes by the places that `Answers.places` names.

    Attributes
    ----------
    table : uint8 array, shape (n_rows, n_features)
    places : int64 array, shape (n_rows,)
        Ascending.
    """

    table: np.ndarray
    places: np.ndarray
    preprocess: PreprocessConfig

    def of(self, places: np.ndarray) -> np.ndarray:
        """Take some rows: uint8 array, shape (n, n_features).

        Raises
        ------
        RunError
            If they are not all here.
        """
        return np.asarray(self.table[self.rows_of(places)])

    def rows_of(self, places: np.ndarray) -> np.ndarray:
        """Find some rows of `table`: int64 array, shape (n,).

        Raises
        ------
        RunError
            If they are not all here.
        """
        rows = np.searchsorted(self.places, places)
        found = np.minimum(rows, len(self.places) - 1)
        if len(places) and not (len(self.places) and np.array_equal(self.places[found], places)):
            raise RunError(
                "These pictures are not here: a run that was brought from elsewhere has those of "
                "its test split only."
            )
        return rows

    def pictures(self, places: np.ndarray) -> np.ndarray:
        """Take some rows as pictures: uint8 array, shape (n, height, width, channels)."""
        shape = (*self.preprocess.image_size, self.preprocess.n_channels)
        return self.of(places).reshape(len(places), *shape)


def load_pixels(folder: RunFolder, config: RunConfig, features_root: Path) -> Pixels | None:
    """Find what a run was given; None if that is gone.

    Parameters
    ----------
    features_root : Path
        ``Settings.features_dir``.

    Raises
    ------
    RunError
        If a file that was brought along is damaged.
    """
    table = find_table(config.fingerprint, config.preprocess, features_root)
    if table is not None:
        return Pixels(table, np.arange(len(table)), config.preprocess)
    return _brought_along(folder.pixels, config.preprocess) if folder.pixels.is_file() else None


def save_pixels(pixels: Pixels, path: Path) -> None:
    """Write them as a compressed ``.npz``, whole or not at all.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        np.savez_compressed(file, table=pixels.table, places=pixels.places)


def _brought_along(path: Path, preprocess: PreprocessConfig) -> Pixels:
    arrays = read_arrays(path, "table", "places")
    if arrays is None:
        raise RunError(f"The file {path.name} of this run is damaged.")
    pixels = Pixels(arrays["table"], arrays["places"], preprocess)
    expected = (len(pixels.places), preprocess.n_features)
    ascending = bool((np.diff(pixels.places) > 0).all())
    if pixels.table.shape != expected or pixels.table.dtype != np.uint8 or not ascending:
        raise RunError(f"The file {path.name} of this run does not fit the files beside it.")
    return pixels
