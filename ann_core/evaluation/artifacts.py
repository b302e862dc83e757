"""What a worker writes down about a network once it has learned: for all pages that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ann_core.datasets.features import FeatureSet
from ann_core.escaping import spreadsheet_csv
from ann_core.evaluation.embeddings import Embeddings, kept_rows, save_embeddings
from ann_core.evaluation.first_layer import FINAL, first_layer, save_first_layer
from ann_core.evaluation.ood import fit_ood_thresholds, save_ood_thresholds
from ann_core.evaluation.ood_fitting import fit_ood_rule
from ann_core.evaluation.shift_result import save_shift_tests
from ann_core.evaluation.shift_test import make_shift_tests
from ann_core.evaluation.stored_predictions import Predictions, save_predictions
from ann_core.files import write_bytes
from ann_core.imaging.ood_rule import save_ood_rule
from ann_core.runs.folder import RunFolder, write_json
from ann_core.runs.result import Evaluation
from ann_core.stored_names import HIDDEN, OUTPUT
from ann_core.training.network import with_hidden_layer
from ann_core.training.network_config import CHECK_BATCH

if TYPE_CHECKING:
    import keras


def keep_first_layer(
    model: keras.Model, data: FeatureSet, folder: RunFolder, *, name: str = FINAL
) -> None:
    """Write the weights of the first layer as they are now, if it has one for each pixel.

    Raises
    ------
    DiskFullError
    """
    kernel = next(layer.kernel for layer in model.layers if hasattr(layer, "kernel"))
    if kernel.shape[0] != data.n_features or len(kernel.shape) != 2:
        return  # filters have none
    layer = first_layer(np.asarray(kernel), data.preprocess)
    save_first_layer(layer, folder.first_layer, name)


def conclude_run(
    model: keras.Model, data: FeatureSet, folder: RunFolder, *, check: Callable[[], None]
) -> Predictions:
    """Predict every image, and write down what pages need.

    Parameters
    ----------
    check : callable
        Called between blocks of images, and before a file is written.

    Raises
    ------
    DiskFullError
    """
    both = with_hidden_layer(model)
    n_units = both.outputs[-1].shape[-1]
    kept = kept_rows(data.indices("train"), n_units)
    embeddings = np.empty((len(kept), n_units), dtype=np.float32)
    probabilities = np.empty((len(data.labels), len(data.class_names)), dtype=np.float32)
    for start in range(0, len(probabilities), CHECK_BATCH):
        check()
        outputs = both.predict_on_batch(np.asarray(data.features[start : start + CHECK_BATCH]))
        end = start + len(outputs[OUTPUT])
        probabilities[start:end] = outputs[OUTPUT]
        if HIDDEN in outputs:
            inside = (kept >= start) & (kept < end)
            embeddings[inside] = outputs[HIDDEN][kept[inside] - start]
    check()
    rows = np.arange(len(data.labels))
    predictions = Predictions(probabilities, data.labels, data.splits, rows, rows)
    save_predictions(predictions, folder.predictions)
    if HIDDEN in both.output:
        save_embeddings(Embeddings(embeddings, kept), folder.embeddings)
    save_ood_thresholds(
        fit_ood_thresholds(data, predictions.of("validation").probabilities), folder.ood_thresholds
    )
    save_ood_rule(fit_ood_rule(data, check=check), folder.ood_rule)

    def predict(rows: np.ndarray) -> np.ndarray:
        check()
        return np.asarray(both.predict_on_batch(rows)[OUTPUT])

    save_shift_tests(make_shift_tests(predict, data), folder.shift_test)
    keep_first_layer(model, data, folder)
    return predictions


def save_evaluation(evaluation: Evaluation, folder: RunFolder) -> None:
    """Write the scores as JSON, and the confusion matrix for a spreadsheet as well."""
    write_json(folder.evaluation, evaluation.as_dict())
    names = list(evaluation.class_names)
    table = pd.DataFrame(evaluation.confusion, index=pd.Index(names, name="true"), columns=names)
    write_bytes(folder.confusion_matrix, spreadsheet_csv(table.reset_index()))
