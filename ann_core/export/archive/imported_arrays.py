"""Arrays of a run from elsewhere: each must have the shape and the values that it can have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ann_core import stored_names
from ann_core.datasets.split import SPLITS
from ann_core.evaluation.first_layer import FirstLayer
from ann_core.evaluation.run_inputs import RunInputs
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.export.archive import archive_format
from ann_core.export.archive.checksum_zip import refused
from ann_core.export.archive.safe_arrays import read_arrays
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.run import RunConfig


def read_predictions(folder: Path, n_classes: int) -> Predictions:
    """Read what the network said; its labels, splits and rows must fit each other."""
    kinds = {"probabilities": "<f4", "labels": "<i8", "splits": "|u1"}
    arrays = read_arrays(
        folder / archive_format.PREDICTIONS,
        kinds | {"rows": "<i8", stored_names.FEATURE_ROWS: "<i8"},
    )
    predicted, labels, codes = arrays["probabilities"], arrays["labels"], arrays["splits"]
    n_images = len(labels) if labels.ndim == 1 else 0
    sizes = predicted.shape == (n_images, n_classes) and n_images > 0
    sizes = sizes and codes.shape == arrays["rows"].shape == (n_images,)
    fits = sizes and all(
        [
            np.array_equal(arrays[stored_names.FEATURE_ROWS], np.arange(n_images)),
            bool((np.diff(arrays["rows"]) > 0).all()) and arrays["rows"][0] >= 0,
            bool(((labels >= 0) & (labels < n_classes)).all()),
            sorted(set(codes.tolist())) == list(range(len(SPLITS))),
            bool((predicted >= 0).all()) and np.allclose(predicted.sum(axis=1), 1.0, atol=1e-3),
        ]
    )
    if not fits:
        raise refused("its answers do not fit each other")
    splits = np.asarray(SPLITS)[codes]
    return Predictions(predicted, labels, splits, arrays["rows"], arrays[stored_names.FEATURE_ROWS])


def read_run_inputs(
    folder: Path, preprocess: PreprocessConfig, feature_rows: np.ndarray
) -> RunInputs:
    """Read the test images; they must be those at `feature_rows`."""
    arrays = read_arrays(
        folder / archive_format.PIXELS, {"table": "|u1", stored_names.FEATURE_ROWS: "<i8"}
    )
    fits = arrays["table"].shape == (len(feature_rows), preprocess.n_features)
    if not fits or not np.array_equal(arrays[stored_names.FEATURE_ROWS], feature_rows):
        raise refused("its pictures are not those of its test split")
    return RunInputs(arrays["table"], arrays[stored_names.FEATURE_ROWS], preprocess)


def read_layers(folder: Path, config: RunConfig, n_classes: int) -> dict[str, FirstLayer]:
    """Read the first layer after some epochs, by the name of the snapshot."""
    n_units = (*config.network.hidden_units, n_classes)[0]
    found = {}
    for path in sorted((folder / "first_layer").iterdir()):
        found[path.stem] = _layer(path, n_units, config.preprocess.n_features)
        is_final = path.stem == "final"
        if not is_final and int(path.stem.removeprefix("epoch-")) > config.network.epochs:
            raise refused(f"{path.name} is of an epoch that its settings do not have")
    return found


def _layer(path: Path, n_units: int, n_features: int) -> FirstLayer:
    kinds = {stored_names.UNITS: "<i8", "weights": "|i1", "scales": "<f4", "norms": "<f4"}
    arrays = read_arrays(path, kinds | {"smoothness": "<f4", stored_names.N_UNITS: "<i8"})
    units, weights = arrays[stored_names.UNITS], arrays["weights"]
    n_kept = len(weights) if weights.ndim == 2 else 0
    columns = (units, arrays["scales"], arrays["norms"], arrays["smoothness"])
    sizes = weights.shape == (n_kept, n_features) and n_kept > 0
    if not sizes or any(column.shape != (n_kept,) for column in columns):
        raise refused(f"{path.name} holds weights of another network")
    n_stored = arrays[stored_names.N_UNITS]
    ascending = bool((np.diff(units) > 0).all()) and units[0] >= 0 and units[-1] < n_units
    if n_stored.shape != () or int(n_stored) != n_units or not ascending:
        raise refused(f"{path.name} holds weights of another network")
    return FirstLayer(
        units, weights, arrays["scales"], arrays["norms"], arrays["smoothness"], n_units
    )


def read_scaling(folder: Path, preprocess: PreprocessConfig) -> Standardiser | None:
    """Read what images were standardised by; None for a run that only divided by 255."""
    path, wanted = folder / archive_format.SCALING, preprocess.scaling == "standard"
    if path.is_file() != wanted:
        raise refused("it says nothing of how its pictures were standardised, or too much")
    if not wanted:
        return None
    found = Standardiser(**read_arrays(path, {"mean": "<f8", "std": "<f8"}))
    shape = (preprocess.n_features,)
    if found.mean.shape != shape or found.std.shape != shape or (found.std <= 0).any():
        raise refused("its pictures were standardised by something else than pixels")
    return found
