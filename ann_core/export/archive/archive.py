"""A run as one file that another Flatland can open again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ann_core import stored_names
from ann_core.datasets.features import find_table
from ann_core.datasets.standardizing import load_standardiser
from ann_core.errors import NotTrainedError, RunError
from ann_core.evaluation.first_layer import snapshots
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.export.archive import archive_format
from ann_core.export.archive.packing import Content, pack
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ann_core.settings import Settings

_FILES = (
    archive_format.CONFIG,
    archive_format.PREPROCESSING,
    archive_format.CLASS_NAMES,
    archive_format.HISTORY,
    archive_format.EVALUATION,
    archive_format.CONFUSION,
    archive_format.OOD_THRESHOLDS,
    archive_format.FINGERPRINTS,
    archive_format.PREDICTIONS,
    archive_format.MODEL,
)


def write_archive(run: Run, settings: Settings, target: BinaryIO) -> None:
    """Pack a finished run: what it is, what it answered, its test images as bytes, its model.

    Parameters
    ----------
    target : binary file
        Empty, can be read back.

    Raises
    ------
    RunError
        If a part of the run is missing: it has not finished, is of an older Flatland, or the
        table of its images was deleted.
    """
    check_complete(run, settings)
    folder = RunFolder.of(settings.runs_dir, run.id)
    layers = {f"first_layer/{path.name}": path for path in snapshots(folder.first_layer).values()}
    parts: dict[str, Content] = {archive_format.RUN: _record(run)}
    parts |= {name: folder.path / name for name in _FILES} | layers
    if folder.ood_rule.is_file():  # older runs have none
        parts[archive_format.OOD_RULE] = folder.ood_rule
    parts[archive_format.PIXELS] = _test_pixels(run, folder, settings.features_dir)
    if run.config.preprocess.scaling == "standard":
        parts[archive_format.SCALING] = _scaling(run, folder, settings.features_dir)
    pack(parts, target)


def check_complete(run: Run, settings: Settings) -> None:
    """Look whether all parts of a run are there, without reading the large ones.

    Raises
    ------
    RunError
        As `write_archive` does.
    """
    folder = RunFolder.of(settings.runs_dir, run.id)
    if not run.has_model:
        raise NotTrainedError()
    names = [*_FILES]
    if run.config.network.kind == "dense":  # filters have no weight for each pixel
        names.append(archive_format.FIRST_LAYER)
    missing = [name for name in names if not (folder.path / name).is_file()]
    if missing:
        raise RunError(
            f"This network cannot be packed as a whole: {missing[0]} is not there. An older "
            "Flatland trained it, or its files were deleted; train it again with the same settings."
        )
    test = _test_predictions(folder)
    _inputs(run, folder, settings.features_dir).indices_of(test.rows)


def archive_name(run: Run) -> str:
    """Name the file after the run."""
    return f"flatland-run-{run.id}.zip"


def _record(run: Run) -> bytes:
    result = run.learned
    record = archive_format.RunRecord(
        name=run.name,
        notes=run.notes,
        status="done" if run.status == "done" else "stopped",
        created=run.created,
        seconds=result.seconds,
        kept_epoch=result.kept_epoch,
        cut_batches=result.cut_batches,
        n_threads=result.n_threads or 1,
        precision=result.precision,
        n_skipped=result.n_skipped,
        ended_by=result.ended_by,
    )
    return record.model_dump_json(indent=2).encode()


def _test_predictions(folder: RunFolder) -> Predictions:
    return load_predictions(folder.predictions, len(folder.read_class_names())).of("test")


def _inputs(run: Run, folder: RunFolder, features_root: Path) -> RunInputs:
    # One that came from an archive has its test images, and may only claim to be about a table.
    own_only = folder.pixels.is_file()
    inputs = load_run_inputs(folder, run.config, features_root, own_only=own_only)
    if inputs is None:
        raise RunError(
            "This network cannot be packed as a whole: the table of its pictures was deleted. "
            "Train it again with the same settings."
        )
    return inputs


def _test_pixels(run: Run, folder: RunFolder, features_root: Path) -> bytes:
    test = _test_predictions(folder)
    table = _inputs(run, folder, features_root).of(test.rows)
    return _stored(table=table, **{stored_names.FEATURE_ROWS: test.feature_rows})


def _scaling(run: Run, folder: RunFolder, features_root: Path) -> bytes:
    if folder.scaling.is_file():
        return folder.scaling.read_bytes()
    config = run.config
    stored = find_table(config.fingerprint, config.preprocess, features_root)
    rows = load_predictions(folder.predictions, len(folder.read_class_names())).rows
    standardiser = load_standardiser(config.fingerprint, config.preprocess, features_root)
    # Of a table that was made anew with other images, these are not the run's own means.
    if standardiser is None or stored is None or not np.array_equal(stored.rows, rows):
        raise RunError(
            "This network cannot be packed as a whole: the means that its pictures were "
            "standardised by are not there any more. Train it again with the same settings."
        )
    return _stored(mean=standardiser.mean, std=standardiser.std)


def _stored(**arrays: np.ndarray) -> bytes:
    """Write arrays as ``.npz``, not compressed: what is small cannot become large."""
    buffer = io.BytesIO()
    # NumPy's types take any of its own names for a keyword of savez.
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
