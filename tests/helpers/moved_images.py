"""What moving all images does to a network, counted from its exported model, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run

TENTH = {(10, 0), (-10, 0), (0, 10), (0, -10)}  # of 96 pixels, to all sides


def accuracy_moved(run: Run, data_dir: Path) -> tuple[float, float]:
    """Validation accuracy of a run on gray images of 96 x 96, as they are and after the worst move.

    Returns
    -------
    as_they_are, moved : float
        The second with all of them moved by ten pixels, in the direction that it takes worst.
    """
    dataset = Catalog(data_dir / "datasets").load(run.config.dataset)
    table = load_features(dataset, run.config.preprocess, data_dir / "features")
    rows = table.indices("validation")
    images, labels = table.features[rows].reshape(-1, 96, 96), table.labels[rows]
    model = Classifier(RunFolder.of(data_dir / "runs", run.id))

    def share(right: int, down: int) -> float:
        moved = np.stack([_moved(image, right, down) for image in images])
        predicted = model.predict_features(moved.reshape(len(moved), -1)).argmax(axis=1)
        return float((predicted == labels).mean())

    return share(0, 0), min(share(*move) for move in TENTH)


def _moved(image: np.ndarray, right: int, down: int) -> np.ndarray:
    """Move an image over the mean of its edge: rolled, with what came around painted over."""
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).mean()
    rolled = np.roll(image, (down, right), axis=(0, 1))
    rolled[: max(down, 0)] = rolled[len(image) + min(down, 0) :] = np.rint(edge)
    rolled[:, : max(right, 0)] = rolled[:, image.shape[1] + min(right, 0) :] = np.rint(edge)
    return rolled
