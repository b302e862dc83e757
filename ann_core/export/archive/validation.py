"""Read what an archive says of a run, and let every part prove itself by the others.

All of it is parsed into our own objects and written anew from them: of the bytes of a
stranger, only the model remains as it came.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from ann_core.config import Config
from ann_core.datasets.catalog import check_name
from ann_core.errors import ArchiveError, FlatlandError
from ann_core.evaluation.first_layer import FirstLayer
from ann_core.evaluation.metrics import Evaluation, evaluate
from ann_core.evaluation.ood import OodThresholds
from ann_core.evaluation.run_inputs import RunInputs
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.export.archive import archive_format
from ann_core.export.archive.archive_format import EpochRecord, OodRecord, RunRecord
from ann_core.export.archive.checksum_zip import refused
from ann_core.export.archive.imported_arrays import (
    read_layers,
    read_predictions,
    read_run_inputs,
    read_scaling,
)
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.run import RunConfig
from ann_core.training.history import EpochMetrics

MAX_CLASSES = 1_000
_MAX_NAME = 255
_NEAR = 1e-6
_FINGERPRINTS = TypeAdapter(dict[str, str])
_EVALUATION = TypeAdapter(Evaluation)

Checked = TypeVar("Checked")
AConfig = TypeVar("AConfig", bound=Config)


@dataclass(frozen=True, eq=False)
class ImportedRun:
    """A run from elsewhere, all parts of which fit together; its model is still to be asked."""

    record: RunRecord
    config: RunConfig
    class_names: tuple[str, ...]
    history: list[EpochMetrics]
    predictions: Predictions
    evaluation: Evaluation
    ood_thresholds: OodThresholds
    fingerprints: dict[str, str]
    pixels: RunInputs
    layers: dict[str, FirstLayer]
    scaling: Standardiser | None


def read_imported(folder: Path) -> ImportedRun:
    """Read a folder that `sealing.unpack_checked` filled.

    Raises
    ------
    ArchiveError
        With the first part that is not as it should be.
    """
    config = _config(folder / archive_format.CONFIG, RunConfig)
    _check_config(config)
    if _config(folder / archive_format.PREPROCESSING, PreprocessConfig) != config.preprocess:
        raise refused("its preprocessing is not that of its settings")
    class_names = _class_names(folder)
    record = _config(folder / archive_format.RUN, RunRecord)
    predictions = read_predictions(folder, len(class_names))
    evaluation = _evaluation(folder, predictions.of("test"), class_names)
    history = _history(folder, config, record)
    pixels = read_run_inputs(folder, config.preprocess, predictions.of("test").feature_rows)
    ood_thresholds = _config(folder / archive_format.OOD_THRESHOLDS, OodRecord)
    return ImportedRun(
        record=record,
        config=config,
        class_names=class_names,
        history=history,
        predictions=predictions,
        evaluation=evaluation,
        ood_thresholds=OodThresholds(
            ood_thresholds.confidence_floor, ood_thresholds.distance_limit
        ),
        fingerprints=_fingerprints(folder, pixels),
        pixels=pixels,
        layers=read_layers(folder, config, len(class_names)),
        scaling=read_scaling(folder, config.preprocess),
    )


def _part(path: Path, read: Callable[[str], Checked]) -> Checked:
    """Read a text file; whatever is wrong with it is told with its name."""
    try:
        return read(path.read_bytes().decode())
    except ArchiveError:
        raise
    except FlatlandError as error:
        raise refused(f"{path.name} says what cannot be ({error})") from error
    except Exception as error:  # nested too deeply, no JSON, no UTF-8, other fields
        raise refused(f"{path.name} cannot be read") from error


def _config(path: Path, kind: type[AConfig]) -> AConfig:
    return _part(path, lambda text: kind.parse(json.loads(text)))


def _check_config(config: RunConfig) -> None:
    try:
        check_name(config.dataset)
    except FlatlandError as error:
        raise refused("its data set has a name that no data set can have") from error
    digits = config.fingerprint
    if len(digits) != 32 or not set(digits) <= set("0123456789abcdef"):
        raise refused("the fingerprint of its data set is not one")


def _class_names(folder: Path) -> tuple[str, ...]:
    names = _part(folder / archive_format.CLASS_NAMES, json.loads)
    sound = isinstance(names, list) and all(
        isinstance(name, str) and 0 < len(name) <= _MAX_NAME and "\0" not in name for name in names
    )
    if not sound or not 2 <= len(names) <= MAX_CLASSES or len(set(names)) != len(names):
        raise refused("its class names are not two or more different names")
    return tuple(names)


def _evaluation(folder: Path, test: Predictions, class_names: tuple[str, ...]) -> Evaluation:
    """Work the scores out, and look whether the archive says the same."""
    own = evaluate(test.probabilities, test.labels, class_names)
    told = _part(folder / archive_format.EVALUATION, _told_evaluation)
    exact = ("split", "n_images", "class_names", "confusion")
    same = all(getattr(own, name) == getattr(told, name) for name in exact)
    pairs = [(own.accuracy, told.accuracy), (own.loss, told.loss), (own.majority, told.majority)]
    for mine, theirs in zip(own.classes, told.classes, strict=False):
        same = same and (mine.class_name, mine.n_images) == (theirs.class_name, theirs.n_images)
        pairs += [(getattr(mine, s), getattr(theirs, s)) for s in ("precision", "recall", "f1")]
    same = same and len(own.classes) == len(told.classes)
    # Not to the last digit: another processor adds in another order.
    if not same or not all(abs(mine - theirs) <= _NEAR for mine, theirs in pairs):
        raise refused("its scores are not those of its answers")
    if _part(folder / archive_format.CONFUSION, _told_counts) != (list(class_names), own.confusion):
        raise refused("its confusion matrix is not that of its answers")
    return own


def _told_evaluation(text: str) -> Evaluation:
    values = json.loads(text)
    told = _EVALUATION.validate_json(text, strict=True)
    if json.loads(json.dumps(told.as_dict())) != values:
        raise refused("evaluation.json has other fields than it should")
    return told


def _told_counts(text: str) -> tuple[list[str], tuple[tuple[int, ...], ...]]:
    """Read the confusion matrix; its rows are named as its columns are."""
    head, *lines = csv.reader(io.StringIO(text, newline=""))
    if [line[0] for line in lines] != head[1:]:
        raise refused("the confusion matrix has other rows than columns")
    return head[1:], tuple(tuple(int(count) for count in line[1:]) for line in lines)


def _history(folder: Path, config: RunConfig, record: RunRecord) -> list[EpochMetrics]:
    lines = _part(
        folder / archive_format.HISTORY, lambda text: list(csv.DictReader(io.StringIO(text)))
    )
    if len(lines) > config.network.epochs or (not lines and record.status == "done"):
        raise refused("its history has more or fewer epochs than its settings allow")
    history = []
    for number, line in enumerate(lines, start=1):
        # Text becomes numbers here, and infinite ones are refused.
        epoch = _part(folder / archive_format.HISTORY, lambda _, line=line: EpochRecord.parse(line))  # type: ignore[misc]
        if epoch.epoch != number:
            raise refused("its history leaves epochs out")
        history.append(EpochMetrics(**epoch.model_dump()))
    if record.kept_epoch is not None and record.kept_epoch > len(history):
        raise refused("its weights are of an epoch that its history does not have")
    return history


def _fingerprints(folder: Path, pixels: RunInputs) -> dict[str, str]:
    told = _part(folder / archive_format.FINGERPRINTS, _FINGERPRINTS.validate_json)
    own = [vector_fingerprint(row) for row in pixels.table[: len(told)]]
    if list(told.values()) != own or any(len(name) > _MAX_NAME * 4 for name in told):
        raise refused("its fingerprints are not those of its pictures")
    return told
