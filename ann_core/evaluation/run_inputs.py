"""The images of a run as its network saw them, also when their files are gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.features import find_table
from ann_core.errors import ArrayFileError, DamagedFileError, RunError
from ann_core.files import read_arrays, replacing
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig


@dataclass(frozen=True, eq=False)
class RunInputs:
    """What the network of a run was given, by `Predictions.feature_rows`.

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
        if not np.isin(feature_rows, self.feature_rows).all():
            raise RunError(
                "These pictures are not here: a run that was brought from elsewhere has those of "
                "its test split only."
            )
        return np.searchsorted(self.feature_rows, feature_rows)

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
    if not folder.pixels.is_file():
        return None
    return read_run_inputs(folder.pixels, config.preprocess, packed=True)


def save_run_inputs(inputs: RunInputs, path: Path) -> None:
    """Write them as a compressed ``.npz``, whole or not at all.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        rows = {stored_names.FEATURE_ROWS: inputs.feature_rows}
        np.savez_compressed(file, table=inputs.table, **rows)  # type: ignore[arg-type]


def read_run_inputs(path: Path, preprocess: PreprocessConfig, *, packed: bool) -> RunInputs:
    """Read what `save_run_inputs` wrote, or what an archive has instead.

    Parameters
    ----------
    packed : bool
        As `read_arrays` takes it.

    Raises
    ------
    DamagedFileError
        If the file is damaged, or of images of another size.
    """
    try:
        kinds = {"table": "|u1", stored_names.FEATURE_ROWS: "<i8"}
        table, feature_rows = read_arrays(path, kinds, packed=packed).values()
    except ArrayFileError as error:
        raise DamagedFileError(
            f"The file {path.name} of this run is damaged.", str(error)
        ) from error
    fits = feature_rows.ndim == 1 and table.shape == (len(feature_rows), preprocess.n_features)
    if not fits or not (np.diff(feature_rows) > 0).all():
        raise DamagedFileError(
            f"The file {path.name} of this run does not fit the files beside it.",
            "its pictures are not those of its test split",
        )
    return RunInputs(table, feature_rows, preprocess)
