"""The images of a run as its network saw them, also when their files are gone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.features import find_table
from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError, DamagedFileError, RunError
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.files import replacing
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig

_NOT_IN_ARCHIVE = (
    "These pictures are not here: a network that was brought from elsewhere has those of its test "
    "split only."
)
_NOT_IN_TABLE = (
    "These pictures are not here: the table of pixels was made by an earlier version, when some "
    "pictures could not be read. Train a network on the same data set, and it is made anew."
)


@dataclass(frozen=True, eq=False)
class RunInputs:
    """What the network of a run was given, by row of ``Dataset.images``.

    A row of the data set names an image for good; where that lies in a table may change
    when the table is made anew.

    Attributes
    ----------
    table : uint8 array, shape (n_rows, n_features)
    rows : int64 array, shape (n_rows,)
        Ascending.
    missing : str
        What to tell of images that are not in the table.
    """

    table: np.ndarray
    rows: np.ndarray
    preprocess: PreprocessConfig
    missing: str = _NOT_IN_ARCHIVE

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Take some images: uint8 array, shape (n, n_features).

        Raises
        ------
        RunError
            If they are not all here.
        """
        return np.asarray(self.table[self.indices_of(rows)])

    def indices_of(self, rows: np.ndarray) -> np.ndarray:
        """Find some images in `table`: int64 array, shape (n,).

        Raises
        ------
        RunError
            If they are not all here.
        """
        if not np.isin(rows, self.rows).all():
            raise RunError(self.missing)
        return np.searchsorted(self.rows, rows)

    def has(self, rows: np.ndarray) -> bool:
        """Whether all of these images are here."""
        return bool(np.isin(rows, self.rows).all())

    def images(self, rows: np.ndarray) -> np.ndarray:
        """As `of`, as images: uint8 array, shape (n, height, width, channels)."""
        shape = (*self.preprocess.image_size, self.preprocess.n_channels)
        return self.of(rows).reshape(len(rows), *shape)


def load_run_inputs(
    folder: RunFolder, config: RunConfig, features_root: Path, *, own_only: bool = False
) -> RunInputs | None:
    """Find what a run was given; None if that is gone.

    Parameters
    ----------
    features_root : Path
        ``Settings.features_dir``.
    own_only : bool
        Leave the table of its data set alone, and take what lies in its own folder.

    Raises
    ------
    RunError
        If a file that was brought along is damaged.
    """
    stored = find_table(config.fingerprint, config.preprocess, features_root)
    if stored is not None and not own_only:
        return RunInputs(stored.features, stored.rows, config.preprocess, _NOT_IN_TABLE)
    if not folder.pixels.is_file():
        return None
    predictions = load_predictions(folder.predictions, len(folder.read_class_names()))
    return read_run_inputs(folder.pixels, config.preprocess, predictions, packed=True)


def save_run_inputs(inputs: RunInputs, predictions: Predictions, path: Path) -> None:
    """Write them as a compressed ``.npz``, whole or not at all.

    Parameters
    ----------
    predictions : Predictions
        Of the same run: the file names its images as they do.

    Raises
    ------
    DiskFullError
        If there is no space.
    """
    with replacing(path) as file:
        rows = {stored_names.FEATURE_ROWS: predictions.at_rows(inputs.rows).feature_rows}
        np.savez_compressed(file, table=inputs.table, **rows)  # type: ignore[arg-type]


def read_run_inputs(
    path: Path, preprocess: PreprocessConfig, predictions: Predictions, *, packed: bool
) -> RunInputs:
    """Read what `save_run_inputs` wrote, or what an archive has instead.

    Parameters
    ----------
    predictions : Predictions
        Of the same run.
    packed : bool
        As `read_arrays` takes it.

    Raises
    ------
    DamagedFileError
        If the file is damaged, of images of another size, or not those of the test split.
    """
    try:
        kinds = {"table": "|u1", stored_names.FEATURE_ROWS: "<i8"}
        table, feature_rows = read_arrays(path, kinds, packed=packed).values()
    except ArrayFileError as error:
        raise DamagedFileError(
            f"The file {path.name} of this network is damaged.", str(error)
        ) from error
    test = predictions.of("test")
    fits = table.shape == (len(test), preprocess.n_features)
    if not fits or not np.array_equal(feature_rows, test.feature_rows):
        raise DamagedFileError(
            f"The file {path.name} of this network does not fit the files beside it.",
            "its pictures are not those of its test split",
        )
    return RunInputs(table, test.rows, preprocess)
