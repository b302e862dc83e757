"""The images of a run as its network saw them, also when their files are gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.features import find_table
from ann_core.errors import RunError
from ann_core.files import read_arrays, replacing
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig


@dataclass(frozen=True, eq=False)
class RunInputs:
    """Rows of bytes by the places that `Predictions.feature_rows` names.

    Attributes
    ----------
    table : uint8 array, shape (n_rows, n_features)
    feature_rows : int64 array, shape (n_rows,)
        Ascending.
    """

    table: np.ndarray
    feature_rows: np.ndarray
    preprocess: PreprocessConfig

    def of(self, feature_rows: np.ndarray) -> np.ndarray:
        """Take some rows: uint8 array, shape (n, n_features).

        Raises
        ------
        RunError
            If they are not all here.
        """
        return np.asarray(self.table[self.rows_of(feature_rows)])

    def rows_of(self, feature_rows: np.ndarray) -> np.ndarray:
        """Find some rows of `table`: int64 array, shape (n,).

        Raises
        ------
        RunError
            If they are not all here.
        """
        rows = np.searchsorted(self.feature_rows, feature_rows)
        found = np.minimum(rows, len(self.feature_rows) - 1)
        if len(feature_rows) and not (
            len(self.feature_rows) and np.array_equal(self.feature_rows[found], feature_rows)
        ):
            raise RunError(
                "These pictures are not here: a run that was brought from elsewhere has those of "
                "its test split only."
            )
        return rows

    def images(self, feature_rows: np.ndarray) -> np.ndarray:
        """Take some rows as images: uint8 array, shape (n, height, width, channels)."""
        shape = (*self.preprocess.image_size, self.preprocess.n_channels)
        return self.of(feature_rows).reshape(len(feature_rows), *shape)


def load_run_inputs(folder: RunFolder, config: RunConfig, features_root: Path) -> RunInputs | None:
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
        return RunInputs(table, np.arange(len(table)), config.preprocess)
    return _stored_with_run(folder.pixels, config.preprocess) if folder.pixels.is_file() else None


def save_run_inputs(pixels: RunInputs, path: Path) -> None:
    """Write them as a compressed ``.npz``, whole or not at all.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        rows = {stored_names.FEATURE_ROWS: pixels.feature_rows}
        np.savez_compressed(file, table=pixels.table, **rows)  # type: ignore[arg-type]


def _stored_with_run(path: Path, preprocess: PreprocessConfig) -> RunInputs:
    arrays = read_arrays(path, "table", stored_names.FEATURE_ROWS)
    if arrays is None:
        raise RunError(f"The file {path.name} of this run is damaged.")
    pixels = RunInputs(arrays["table"], arrays[stored_names.FEATURE_ROWS], preprocess)
    expected = (len(pixels.feature_rows), preprocess.n_features)
    ascending = bool((np.diff(pixels.feature_rows) > 0).all())
    if pixels.table.shape != expected or pixels.table.dtype != np.uint8 or not ascending:
        raise RunError(f"The file {path.name} of this run does not fit the files beside it.")
    return pixels
