"""Arrays of a run from elsewhere: each must have the shape and the values that it can have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ann_core.datasets.split import SPLITS
from ann_core.evaluation.first_layer import FirstLayer
from ann_core.evaluation.run_inputs import Pixels
from ann_core.evaluation.stored_predictions import Answers
from ann_core.export.archive import archive_format
from ann_core.export.archive.checksum_zip import refused
from ann_core.export.archive.safe_arrays import read_arrays
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.run import RunConfig


def read_answers(folder: Path, n_classes: int) -> Answers:
    """Read what the network said; its labels, splits and rows must fit each other."""
    kinds = {"probabilities": "<f4", "labels": "<i8", "splits": "|u1"}
    arrays = read_arrays(folder / archive_format.ANSWERS, kinds | {"rows": "<i8", "places": "<i8"})
    said, labels, codes = arrays["probabilities"], arrays["labels"], arrays["splits"]
    n_images = len(labels) if labels.ndim == 1 else 0
    sizes = said.shape == (n_images, n_classes) and n_images > 0
    sizes = sizes and codes.shape == arrays["rows"].shape == (n_images,)
    fits = sizes and all(
        [
            np.array_equal(arrays["places"], np.arange(n_images)),
            bool((np.diff(arrays["rows"]) > 0).all()) and arrays["rows"][0] >= 0,
            bool(((labels >= 0) & (labels < n_classes)).all()),
            sorted(set(codes.tolist())) == list(range(len(SPLITS))),
            bool((said >= 0).all()) and np.allclose(said.sum(axis=1), 1.0, atol=1e-3),
        ]
    )
    if not fits:
        raise refused("its answers do not fit each other")
    splits = np.asarray(SPLITS)[codes]
    return Answers(said, labels, splits, arrays["rows"], arrays["places"])


def read_pixels(folder: Path, preprocess: PreprocessConfig, places: np.ndarray) -> Pixels:
    """Read the test pictures; they must be those at `places`."""
    arrays = read_arrays(folder / archive_format.PIXELS, {"table": "|u1", "places": "<i8"})
    fits = arrays["table"].shape == (len(places), preprocess.n_features)
    if not fits or not np.array_equal(arrays["places"], places):
        raise refused("its pictures are not those of its test split")
    return Pixels(arrays["table"], arrays["places"], preprocess)


def read_layers(folder: Path, config: RunConfig, n_classes: int) -> dict[str, FirstLayer]:
    """Read the first layer after some epochs, by the name of the snapshot."""
    n_nodes = (*config.network.hidden_units, n_classes)[0]
    found = {}
    for path in sorted((folder / "first_layer").iterdir()):
        found[path.stem] = _layer(path, n_nodes, config.preprocess.n_features)
        is_final = path.stem == "final"
        if not is_final and int(path.stem.removeprefix("epoch-")) > config.network.epochs:
            raise refused(f"{path.name} is of an epoch that its settings do not have")
    return found


def _layer(path: Path, n_nodes: int, n_features: int) -> FirstLayer:
    kinds = {"nodes": "<i8", "weights": "|i1", "scales": "<f4", "norms": "<f4"}
    arrays = read_arrays(path, kinds | {"smoothness": "<f4", "n_nodes": "<i8"})
    nodes, weights = arrays["nodes"], arrays["weights"]
    n_kept = len(weights) if weights.ndim == 2 else 0
    columns = (nodes, arrays["scales"], arrays["norms"], arrays["smoothness"])
    sizes = weights.shape == (n_kept, n_features) and n_kept > 0
    if not sizes or any(column.shape != (n_kept,) for column in columns):
        raise refused(f"{path.name} holds weights of another network")
    told = arrays["n_nodes"]
    ascending = bool((np.diff(nodes) > 0).all()) and nodes[0] >= 0 and nodes[-1] < n_nodes
    if told.shape != () or int(told) != n_nodes or not ascending:
        raise refused(f"{path.name} holds weights of another network")
    return FirstLayer(**arrays | {"n_nodes": n_nodes})  # type: ignore[arg-type]


def read_scaling(folder: Path, preprocess: PreprocessConfig) -> Standardiser | None:
    """Read what pictures were standardised by; None for a run that only divided by 255."""
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
