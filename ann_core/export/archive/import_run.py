"""Open the archive of a run from elsewhere: in a worker, whole or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.split import SPLITS
from ann_core.errors import DatasetError
from ann_core.evaluation.artifacts import save_evaluation
from ann_core.evaluation.first_layer import save_first_layer
from ann_core.evaluation.ood import save_ood_thresholds
from ann_core.evaluation.run_inputs import save_run_inputs
from ann_core.evaluation.shift_result import save_shift_tests
from ann_core.evaluation.shift_test import repeat_shift_tests
from ann_core.evaluation.stored_predictions import save_predictions
from ann_core.export.archive.packing import refused, unpack
from ann_core.export.archive.sandbox import MAX_IMAGES, check_model
from ann_core.export.archive.validation import ImportedRun, read_imported
from ann_core.files import ProgressCallback, no_progress, replacing, staged_folder
from ann_core.imaging.ood_rule import save_ood_rule
from ann_core.prediction.classifier import Classifier
from ann_core.runs import tombstones
from ann_core.runs.adoption import FinishedTraining, adopt
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import new_run_id
from ann_core.runs.registry import Registry
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run
from ann_core.settings import Limits, Settings
from ann_core.training.history import best_of
from ann_core.training.limits import check_limits
from ann_core.training.network_size import parameter_count

_STEPS = 4
_BYTES = 4  # float32
_SPARE = 1 << 20  # what a model file has beside its weights


def import_archive(
    archive: Path,
    settings: Settings,
    registry: Registry,
    *,
    owner: str,
    submit_key: str,
    progress: ProgressCallback = no_progress,
) -> Run:
    """Check an archive, put its files in place and file its run.

    Parameters
    ----------
    owner : str
        Digest of the owner, as `Job.owner`.
    submit_key : str
        The same key gives the same run, if an earlier process was lost after it had filed it.

    Raises
    ------
    ArchiveError
        If anything in it is not as it should be; nothing of it remains.
    LimitError
        If the network is larger than this installation allows.
    DiskFullError
    """
    with staged_folder(settings.runs_dir) as staging:
        packed = staging / "packed"
        packed.mkdir()
        progress(0, _STEPS)
        unpack(archive, packed)
        progress(1, _STEPS)
        imported = read_imported(packed)
        _check_limits(imported, packed, settings)
        progress(2, _STEPS)
        folder = RunFolder(staging / "run")
        _write(imported, packed, folder)
        test = imported.predictions.of("test").probabilities
        check_model(folder, imported.inputs.table[:MAX_IMAGES], test)
        _move_images(imported, folder)
        progress(3, _STEPS)
        target = RunFolder.of(settings.runs_dir, new_run_id()).path
        run = _file(imported, folder, target, registry=registry, owner=owner, submit_key=submit_key)
        progress(_STEPS, _STEPS)
        return run


def _check_limits(imported: ImportedRun, packed: Path, settings: Settings) -> None:
    """Refuse what is too large here; and rows that the data set, if it is here, does not have."""
    network, n_features = imported.config.network, imported.config.preprocess.n_features
    n_classes = len(imported.class_names)
    limits = Limits(parameters=settings.limits.parameters)
    check_limits(limits, network, n_features, n_classes=n_classes)
    max_bytes = _BYTES * parameter_count(network, n_features, n_classes) * 11 // 10 + _SPARE
    if RunFolder(packed).litert_model.stat().st_size > max_bytes:
        raise refused("its model is larger than the network of its settings")
    try:
        dataset = Catalog(settings.datasets_dir).load(imported.config.dataset)
    except DatasetError:
        return
    if dataset.fingerprint != imported.config.fingerprint:
        return
    rows = imported.predictions.rows
    if rows[-1] >= len(dataset) or not np.array_equal(
        dataset.labels[rows], imported.predictions.labels
    ):
        raise refused("its answers are about other pictures than its data set has")


def _write(imported: ImportedRun, packed: Path, folder: RunFolder) -> None:
    """Write the run's folder anew, from what was understood."""
    folder.path.mkdir()
    folder.write_config(imported.config, imported.class_names)
    folder.write_history(imported.history)
    folder.write_fingerprints(imported.fingerprints)
    save_evaluation(imported.evaluation, folder)
    save_predictions(imported.predictions, folder.predictions)
    save_run_inputs(imported.inputs, imported.predictions, folder.pixels)
    save_ood_thresholds(imported.ood_thresholds, folder.ood_thresholds)
    if imported.ood_rule is not None:
        save_ood_rule(imported.ood_rule, folder.ood_rule)
    for name, layer in imported.layers.items():
        save_first_layer(layer, folder.first_layer, name)
    if imported.scaling is not None:
        with replacing(folder.scaling) as file:
            np.savez(file, mean=imported.scaling.mean, std=imported.scaling.std)
    RunFolder(packed).litert_model.rename(folder.litert_model)


def _move_images(imported: ImportedRun, folder: RunFolder) -> None:
    """Make the shift test anew: of one that came along, no number could be checked."""
    predict = Classifier(folder, for_batch=True).predict_features
    tests = repeat_shift_tests(
        predict, imported.inputs, imported.predictions, class_names=imported.class_names
    )
    save_shift_tests(tests, folder.shift_test)


def _file(
    imported: ImportedRun,
    folder: RunFolder,
    target: Path,
    *,
    registry: Registry,
    owner: str,
    submit_key: str,
) -> Run:
    """Move the folder into place and file the run; both, or neither."""
    tombstones.reserve(registry.store, target.name, owner)
    folder.path.rename(target)
    try:
        training = FinishedTraining(
            run_id=target.name,
            config=imported.config,
            status=imported.record.status,
            result=_result(imported),
            history=imported.history,
            name=imported.record.name,
            notes=imported.record.notes,
        )
        run = adopt(registry.store, training, submit_key=submit_key, owner=owner)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    if run.id != target.name:  # an earlier process had got this far
        shutil.rmtree(target, ignore_errors=True)
    return run


def _result(imported: ImportedRun) -> RunResult:
    """Say what came of the run, as its worker did: worked out anew where that can be done."""
    record, config, predictions = imported.record, imported.config, imported.predictions
    n_features, n_classes = config.preprocess.n_features, len(imported.class_names)
    return RunResult(
        test=imported.evaluation,
        best_epoch=best_of(imported.history) if imported.history else None,
        kept_epoch=record.kept_epoch,
        cut_batches=record.cut_batches,
        n_threads=record.n_threads,
        precision=record.precision,
        ended_by=record.ended_by,
        n_parameters=parameter_count(
            config.network, n_features, n_classes, n_channels=config.preprocess.n_channels
        ),
        accuracy={split: float(predictions.of(split).correct.mean()) for split in SPLITS},
        n_images={split: len(predictions.of(split)) for split in SPLITS},
        n_skipped=record.n_skipped,
        seconds=record.seconds,
        trained=record.created.isoformat(),
    )
