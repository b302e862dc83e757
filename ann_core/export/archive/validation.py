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
from typing import Any, TypeVar

import numpy as np
from pydantic import TypeAdapter

from ann_core.config import Config
from ann_core.datasets.catalog import check_name
from ann_core.datasets.split import SPLITS
from ann_core.datasets.standardizing import read_standardiser
from ann_core.errors import ArchiveError, DamagedFileError, FlatlandError
from ann_core.escaping import spreadsheet_text
from ann_core.evaluation.first_layer import FINAL, FirstLayer, load_first_layer
from ann_core.evaluation.metrics import evaluate
from ann_core.evaluation.ood import OodThresholds
from ann_core.evaluation.ood_fitting import count_warnings, statistics_of
from ann_core.evaluation.run_inputs import RunInputs, read_run_inputs
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.export.archive import archive_format
from ann_core.export.archive.archive_format import EpochRecord, OodRecord, RunRecord
from ann_core.export.archive.packing import refused
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.ood_rule import OodRule, parse_ood_rule
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.result import Evaluation
from ann_core.runs.run import RunConfig
from ann_core.training.history import EpochMetrics

MAX_CLASSES = 1_000
_MAX_NAME = 255
_NEAR = 1e-6
_FINGERPRINTS = TypeAdapter(dict[str, str])

Checked = TypeVar("Checked")
AConfig = TypeVar("AConfig", bound=Config)


@dataclass(frozen=True, eq=False)
class ImportedRun:
    """A run from elsewhere, all parts of which fit together; its model is not checked yet."""

    record: RunRecord
    config: RunConfig
    class_names: tuple[str, ...]
    history: list[EpochMetrics]
    predictions: Predictions
    evaluation: Evaluation
    ood_thresholds: OodThresholds
    ood_rule: OodRule | None
    fingerprints: dict[str, str]
    inputs: RunInputs
    layers: dict[str, FirstLayer]
    scaling: Standardiser | None


def read_imported(folder: Path) -> ImportedRun:
    """Read a folder that `packing.unpack` filled.

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
    predictions = _predictions(folder, len(class_names))
    evaluation = _evaluation(folder, predictions.of("test"), class_names)
    history = _history(folder, config, record)
    pixels = folder / archive_format.PIXELS
    inputs = _arrays(lambda: read_run_inputs(pixels, config.preprocess, predictions, packed=False))
    thresholds = _config(folder / archive_format.OOD_THRESHOLDS, OodRecord)
    return ImportedRun(
        record=record,
        config=config,
        class_names=class_names,
        history=history,
        predictions=predictions,
        evaluation=evaluation,
        ood_thresholds=OodThresholds(thresholds.confidence_floor, thresholds.distance_limit),
        ood_rule=_ood_rule(folder, inputs),
        fingerprints=_fingerprints(folder, inputs),
        inputs=inputs,
        layers=_layers(folder, config, len(class_names)),
        scaling=_scaling(folder, config.preprocess),
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
    evaluation = evaluate(test.probabilities, test.labels, class_names)
    stated = _part(folder / archive_format.EVALUATION, json.loads)
    if not _alike(json.loads(json.dumps(evaluation.as_dict())), stated):
        raise refused("its scores are not those of its answers")
    counts = _part(folder / archive_format.CONFUSION, _stated_counts)
    names, confusion = counts
    # Names in archives of earlier versions are as they are.
    known = (list(class_names), [spreadsheet_text(name) for name in class_names])
    if names not in known or confusion != evaluation.confusion:
        raise refused("its confusion matrix is not that of its answers")
    return evaluation


def _alike(own: Any, stated: Any) -> bool:
    """Compare values of JSON; fractions not to the last digit, for processors add differently."""
    if isinstance(own, float):
        return isinstance(stated, float) and abs(own - stated) <= _NEAR
    if type(own) is not type(stated) or not isinstance(own, (dict, list)):
        return type(own) is type(stated) and bool(own == stated)
    if isinstance(own, dict):
        return own.keys() == stated.keys() and all(_alike(own[k], stated[k]) for k in own)
    return len(own) == len(stated) and all(map(_alike, own, stated))


def _stated_counts(text: str) -> tuple[list[str], tuple[tuple[int, ...], ...]]:
    """Read the confusion matrix; its rows are named as its columns are."""
    head, *lines = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
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


def _fingerprints(folder: Path, inputs: RunInputs) -> dict[str, str]:
    stated = _part(folder / archive_format.FINGERPRINTS, _FINGERPRINTS.validate_json)
    own = [vector_fingerprint(row) for row in inputs.table[: len(stated)]]
    if list(stated.values()) != own or any(len(name) > _MAX_NAME * 4 for name in stated):
        raise refused("its fingerprints are not those of its pictures")
    return stated


def _ood_rule(folder: Path, inputs: RunInputs) -> OodRule | None:
    """Read which images it warns of, and look whether it does; None for an older run."""
    path = folder / archive_format.OOD_RULE
    if not path.is_file():
        return None
    shape = inputs.preprocess.image_shape
    rule = _part(path, lambda text: parse_ood_rule(json.loads(text), shape))
    test = statistics_of(inputs.table, np.arange(len(inputs.table)), inputs.preprocess)
    own = count_warnings(rule, test)
    # One picture may lie on the limit, where processors that add differently disagree.
    if own.n_images != rule.own.n_images or abs(own.n_warned - rule.own.n_warned) > 1:
        raise refused("its rule for unlike pictures does not warn of as many as it claims")
    return rule


def _arrays(load: Callable[[], Checked]) -> Checked:
    """Load arrays as those of our own runs; whatever is wrong with them is told."""
    try:
        return load()
    except DamagedFileError as error:
        raise refused(error.reason) from error


def _predictions(folder: Path, n_classes: int) -> Predictions:
    path = folder / archive_format.PREDICTIONS
    predictions = _arrays(lambda: load_predictions(path, n_classes))
    probabilities = predictions.probabilities
    fits = (
        set(predictions.splits) == set(SPLITS)
        and np.array_equal(predictions.feature_rows, np.arange(len(predictions)))
        and bool((np.diff(predictions.rows) > 0).all() and (probabilities >= 0).all())
        and np.allclose(probabilities.sum(axis=1), 1.0, atol=1e-3)
    )
    if not fits:
        raise refused("its answers do not fit each other")
    return predictions


def _layers(folder: Path, config: RunConfig, n_classes: int) -> dict[str, FirstLayer]:
    """Read the first layer after some epochs, by the name of the snapshot."""
    n_units = (*config.network.hidden_units, n_classes)[0]
    n_features = config.preprocess.n_features
    layers = {}
    paths = sorted((folder / "first_layer").glob("*.npz"))
    if config.network.kind == "convolution" and paths:
        raise refused("it is a convolution, whose first layer has no weight for each pixel")
    if config.network.kind == "dense" and folder / archive_format.FIRST_LAYER not in paths:
        raise refused(f"{archive_format.FIRST_LAYER} is missing")
    for path in paths:
        layer = _arrays(lambda path=path: load_first_layer(path, n_features))  # type: ignore[misc]
        if layer.n_units != n_units:
            raise refused(f"{path.name} holds weights of another network")
        if path.stem != FINAL and int(path.stem.removeprefix("epoch-")) > config.network.epochs:
            raise refused(f"{path.name} is of an epoch that its settings do not have")
        layers[path.stem] = layer
    return layers


def _scaling(folder: Path, preprocess: PreprocessConfig) -> Standardiser | None:
    """Read what images were standardised by; None for a run that only divided by 255."""
    path = folder / archive_format.SCALING
    if path.is_file() != (preprocess.scaling == "standard"):
        raise refused("it tells nothing of how its pictures were standardised, or too much")
    if not path.is_file():
        return None
    standardiser = read_standardiser(path, preprocess.n_features)
    if standardiser is None:
        raise refused("its pictures were standardised by something else than pixels")
    return standardiser
