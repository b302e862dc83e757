"""Train the baselines, with scikit-learn; for workers and the command line.

Whatever there is to choose is chosen on the validation split, and the test split is asked once.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import config_context
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet, load_features
from ann_core.datasets.split import SPLITS
from ann_core.datasets.standardizing import standardiser_of
from ann_core.evaluation.baselines import (
    Baseline,
    BaselineSet,
    baselines_key,
    load_baselines,
    save_baselines,
)
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings

STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Of logistic regression: scikit-learn's C; the smaller, the nearer to 0 its weights stay."""

MAX_STEPS = 200
"""Of logistic regression, for each C; the answers hardly change any more by then."""

COUNTS = (1, 3, 5, 9, 15, 25, 51, 101)
"""Neighbours that vote, as far as there are so many training images."""

MAX_BYTES = 1_000_000_000
"""Of the training images as float32; of more, an even sample is taken."""

_BLOCK = 256  # images scaled at a time
_CHUNK_MEGABYTES = 128  # distances at a time
_LOOK_SECONDS = 0.2
_STEPS, _PREPARED = 1000, 300  # of the progress, and where the features are there

PartDone = Callable[[], None]


@dataclass(frozen=True, eq=False)
class _Data:
    """Images of all splits, scaled as the network is given them.

    Attributes
    ----------
    features : dict of split to float32 array, shape (n_images, n_features)
    labels : dict of split to int64 array, shape (n_images,)
    sampled : str
        What was left out of the training images, in words; "" if nothing.
    """

    features: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    sampled: str


@dataclass(frozen=True, eq=False)
class _Fitted:
    """What one kind of classifier predicted, by split, and what was chosen."""

    detail: str
    predicted: dict[str, np.ndarray]


def make_baselines(
    dataset: Dataset,
    config: PreprocessConfig,
    settings: Settings,
    *,
    progress: ProgressCallback = no_progress,
) -> BaselineSet:
    """Find the baselines of a data set, or train them.

    Parameters
    ----------
    progress : callable
        Called with thousandths done and 1,000; what it raises ends the work.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import, or cannot be read.
    DiskFullError
    """
    baselines = load_baselines(dataset.fingerprint, config, settings.baselines_dir)
    # Earlier versions left out images that could not be read, be it only for a moment.
    if baselines is None or not np.array_equal(baselines.rows, dataset.indices("test")):

        def preparing(done: int, total: int) -> None:
            progress(_PREPARED * done // max(total, 1), _STEPS)

        data = load_features(dataset, config, settings.features_dir, progress=preparing)
        baselines = fit_baselines(data, progress)
        key = baselines_key(dataset.fingerprint, config)
        save_baselines(baselines, settings.baselines_dir / key, fingerprint=dataset.fingerprint)
    progress(_STEPS, _STEPS)
    return baselines


def fit_baselines(
    features: FeatureSet, progress: ProgressCallback = no_progress, max_bytes: int = MAX_BYTES
) -> BaselineSet:
    """Train all of them on the training split.

    A fit of half a minute hears nothing, so it has a thread of its own, and `progress` is
    called beside it; what that raises leaves the fit alone, and the process should end.
    """
    data = _read(features, max_bytes)
    fitting = _Fitting(data)
    thread = threading.Thread(target=fitting.run, daemon=True)
    thread.start()
    while thread.is_alive():
        done = min(fitting.done, fitting.parts)
        progress(_PREPARED + (_STEPS - _PREPARED) * done // fitting.parts, _STEPS)
        thread.join(_LOOK_SECONDS)
    if fitting.error is not None:
        raise fitting.error
    predictions = [features.indices("test"), data.labels["test"], *fitting.predictions]
    return BaselineSet(tuple(fitting.baselines), np.stack(predictions).astype(np.int64))


class _Fitting:
    """The work of `fit_baselines`, one classifier after the other."""

    parts = 5 + len(STRENGTHS) + 2  # kinds, and the steps of the last two

    def __init__(self, data: _Data) -> None:
        self.data = data
        self.done = 0
        self.error: Exception | None = None
        self.baselines: list[Baseline] = []
        self.predictions: list[np.ndarray] = []

    def run(self) -> None:
        """Fit all; an error is kept for the thread that waits."""
        try:
            with config_context(working_memory=_CHUNK_MEGABYTES):
                for key, fit in _KINDS.items():
                    self._judge(key, fit)
        except Exception as error:
            self.error = error

    def _judge(self, key: str, fit: Callable[[_Data, PartDone], _Fitted]) -> None:
        began, data = time.perf_counter(), self.data
        fitted = fit(data, self._part_done)
        self._part_done()
        shares = {
            split: float((predicted == data.labels[split]).mean())
            for split, predicted in fitted.predicted.items()
        }
        self.predictions.append(fitted.predicted["test"])
        self.baselines.append(
            Baseline(
                key=key,
                detail="; ".join(filter(None, (fitted.detail, data.sampled))),
                train=shares.get("train"),
                validation=shares.get("validation"),
                test=shares["test"],
                seconds=time.perf_counter() - began,
            )
        )

    def _part_done(self) -> None:
        self.done += 1


def _read(features: FeatureSet, max_bytes: int) -> _Data:
    """Take the images of all splits into memory, scaled."""
    feature_rows = {split: features.indices(split) for split in SPLITS}
    n_train = len(feature_rows["train"])
    n_kept = min(n_train, max(2, max_bytes // (4 * features.n_features)))
    sampled = ""
    if n_kept < n_train:
        kept = np.linspace(0, n_train - 1, n_kept).round().astype(np.int64)
        feature_rows["train"] = feature_rows["train"][kept]
        sampled = f"{n_kept:,} of {n_train:,} training pictures, so that they fit into memory"
    values = {split: _scaled(features, chosen) for split, chosen in feature_rows.items()}
    labels = {split: features.labels[chosen] for split, chosen in feature_rows.items()}
    return _Data(values, labels, sampled)


def _scaled(features: FeatureSet, feature_rows: np.ndarray) -> np.ndarray:
    """Scale as the network's first layer does, a block at a time: float32."""
    standard = features.preprocess.scaling == "standard"
    standardiser = standardiser_of(features) if standard else None
    table = np.empty((len(feature_rows), features.n_features), dtype=np.float32)
    for start in range(0, len(feature_rows), _BLOCK):
        block = features.features[feature_rows[start : start + _BLOCK]]
        values = block / np.float32(255) if standardiser is None else standardiser.apply(block)
        table[start : start + _BLOCK] = values
    return table


def _predictions(model: Any, features: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {split: model.predict(values) for split, values in features.items()}


def _majority(data: _Data, part_done: PartDone) -> _Fitted:
    model = DummyClassifier(strategy="most_frequent")
    model.fit(data.features["train"], data.labels["train"])
    return _Fitted("", _predictions(model, data.features))


def _brightness(data: _Data, part_done: PartDone) -> _Fitted:
    """Logistic regression on one number an image."""
    means = {
        split: values.mean(axis=1, dtype=np.float64)[:, np.newaxis]
        for split, values in data.features.items()
    }
    middle, spread = means["train"].mean(), means["train"].std() or 1.0
    numbers = {split: (values - middle) / spread for split, values in means.items()}
    model = LogisticRegression().fit(numbers["train"], data.labels["train"])
    return _Fitted("logistic regression on one number", _predictions(model, numbers))


def _centroid(data: _Data, part_done: PartDone) -> _Fitted:
    """As scikit-learn's ``NearestCentroid``, which would need four times the memory."""
    values, labels = data.features["train"], data.labels["train"]
    classes = np.unique(labels)
    totals = np.zeros((len(classes), values.shape[1]))
    for start in range(0, len(values), _BLOCK):
        block, known = values[start : start + _BLOCK], labels[start : start + _BLOCK]
        for index, label in enumerate(classes):
            totals[index] += block[known == label].sum(axis=0, dtype=np.float64)
    means = (totals / np.bincount(labels)[classes][:, np.newaxis]).astype(np.float32)
    predicted = {
        split: classes[pairwise_distances_argmin(features, means)]
        for split, features in data.features.items()
    }
    return _Fitted("", predicted)


def _logistic(data: _Data, part_done: PartDone) -> _Fitted:
    """Try each strength, from the strongest pull to the weakest; keep the best on validation."""
    model = LogisticRegression(max_iter=MAX_STEPS, warm_start=True)
    best, highest = _Fitted("", {}), -1.0
    for strength in STRENGTHS:
        model.set_params(C=strength)
        # Threads that wait for one another are slower than one, above all on a busy computer.
        with warnings.catch_warnings(), threadpool_limits(1, user_api="blas"):
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(data.features["train"], data.labels["train"])
        predicted = model.predict(data.features["validation"])
        share = float((predicted == data.labels["validation"]).mean())
        if share > highest:
            highest = share
            best = _Fitted(f"C = {strength:g}", _predictions(model, data.features))
        part_done()
    return best


def _neighbours(data: _Data, part_done: PartDone) -> _Fitted:
    """Look the nearest up once for the largest k; the nearest few are among them."""
    labels, n_classes = data.labels["train"], max(map(np.max, data.labels.values())) + 1
    counts = [k for k in COUNTS if k <= len(labels)]
    search = NearestNeighbors(n_neighbors=counts[-1], algorithm="brute")
    search.fit(data.features["train"])
    neighbours = {}
    for split in ("validation", "test"):
        indices = search.kneighbors(data.features[split], return_distance=False)
        neighbours[split] = labels[indices]
        part_done()
    votes = {k: _vote(neighbours["validation"][:, :k], n_classes) for k in counts}
    best = max(counts, key=lambda k: (votes[k] == data.labels["validation"]).mean())
    predicted = {"validation": votes[best], "test": _vote(neighbours["test"][:, :best], n_classes)}
    return _Fitted(f"k = {best}", predicted)


def _vote(classes: np.ndarray, n_classes: int) -> np.ndarray:
    """Take the most frequent class of each row; of equally frequent ones the first."""
    counts = np.stack([(classes == label).sum(axis=1) for label in range(n_classes)], axis=1)
    return np.asarray(counts.argmax(axis=1))


_KINDS: dict[str, Callable[[_Data, PartDone], _Fitted]] = {
    "majority": _majority,
    "brightness": _brightness,
    "centroid": _centroid,
    "logistic": _logistic,
    "neighbours": _neighbours,
}
