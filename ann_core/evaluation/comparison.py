"""What makes runs different: settings, seeds, and the images on which they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from statistics import mean, stdev
from typing import Any

import numpy as np

from ann_core.config import content_key
from ann_core.datasets.dataset import display_name
from ann_core.errors import RunError
from ann_core.evaluation.baselines import BaselineSet
from ann_core.evaluation.significance import McNemar, mcnemar
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.runs.run import Run, RunConfig
from ann_core.training.network_config import CONTRAST

_MAX_APART = 2  # settings in a name
_MAX_NAME = 40  # letters of a run's name in a legend

# Fields of the configs that people know by another name.
_SETTING_NAMES = {
    "kind": "network",
    "image_size": "picture size",
    "resample": "filter",
    "hidden_units": "hidden layers",
    "dropout_rate": "dropout",
    "batch_normalization": "batch normalisation",
    "l2": "L2",
    "early_stopping_patience": "early stopping",
    "keep": "epoch kept",
    "scramble_seed": "pixels",
}


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """What a network or a baseline predicted for the test images.

    Attributes
    ----------
    fingerprint : str
        Content of the data set that the rows are of.
    rows : int64 array, shape (n_test,)
        Row of each image in ``Dataset.images``.
    labels, predicted : int64 arrays, shape (n_test,)
        Index of the true class, and of the predicted one.
    """

    fingerprint: str
    rows: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray

    @property
    def accuracy(self) -> float:
        """Share of correct predictions, 0..1."""
        return float((self.predicted == self.labels).mean())

    @classmethod
    def of_run(cls, predictions: Predictions, fingerprint: str) -> HeldOutPredictions:
        """Take those of a network."""
        test = predictions.of("test")
        return cls(fingerprint, test.rows, test.labels, test.predicted)

    @classmethod
    def of_baseline(cls, made: BaselineSet, key: str, fingerprint: str) -> HeldOutPredictions:
        """Take those of a baseline."""
        return cls(fingerprint, made.rows, made.labels, made.predicted(key))


@dataclass(frozen=True, eq=False)
class PairedComparison:
    """Two models on the same test images, image by image.

    Attributes
    ----------
    test : McNemar
    n_images : int
        Images that both predicted.
    only_first, only_second : int64 arrays
        Rows in ``Dataset.images`` of those that only one of them has right, ascending.
    labels, first_predicted, second_predicted : dict of row to class index
        For those images.
    """

    test: McNemar
    n_images: int
    only_first: np.ndarray
    only_second: np.ndarray
    labels: dict[int, int]
    first_predicted: dict[int, int]
    second_predicted: dict[int, int]

    @property
    def difference(self) -> float:
        """By how much the first is better, as a share of the images; below 0 if it is worse."""
        return (self.test.only_first - self.test.only_second) / self.n_images


@dataclass(frozen=True)
class MeanStd:
    """The same number in several runs.

    Attributes
    ----------
    mean : float
    std : float or None
        Standard deviation (divided by n - 1); None for a single one.
    n : int
    lowest, highest : float
    """

    mean: float
    std: float | None
    n: int
    lowest: float
    highest: float


def compare_pair(first: HeldOutPredictions, second: HeldOutPredictions) -> PairedComparison:
    """Compare two on the test images that both predicted.

    Raises
    ------
    RunError
        If they were tested on different data sets.
    """
    if first.fingerprint != second.fingerprint:
        raise RunError(
            "Expected two that were tested on the same pictures, got results on different data "
            "sets: choose two of the same one."
        )
    rows, in_first, in_second = np.intersect1d(
        first.rows, second.rows, assume_unique=True, return_indices=True
    )
    if not len(rows):
        raise RunError("These two share no test picture: choose two with the same split.")
    labels = first.labels[in_first]
    predicted, other_predicted = first.predicted[in_first], second.predicted[in_second]
    correct, other_correct = predicted == labels, other_predicted == labels
    apart = correct != other_correct
    return PairedComparison(
        test=mcnemar(correct, other_correct),
        n_images=len(rows),
        only_first=rows[correct & ~other_correct],
        only_second=rows[~correct & other_correct],
        labels=_by_row(rows[apart], labels[apart]),
        first_predicted=_by_row(rows[apart], predicted[apart]),
        second_predicted=_by_row(rows[apart], other_predicted[apart]),
    )


def _by_row(rows: np.ndarray, values: np.ndarray) -> dict[int, int]:
    return dict(zip(rows.tolist(), values.tolist(), strict=True))


def settings_of(config: RunConfig) -> dict[str, Any]:
    """Every setting of a run by the name that people know it by: one a field of the configs."""
    parts = (config.preprocess, config.network)
    return (
        {"data set": display_name(config.dataset)}
        | {
            _SETTING_NAMES.get(field, field.replace("_", " ")): _readable(
                field, getattr(part, field)
            )
            for part in parts
            for field in type(part).model_fields
        }
        | {"training changed": config.variation.text()}
    )


def _readable(field: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "scramble_seed":
        return f"scrambled by {value}" if value else "in order"
    if field == "kind":
        return CONTRAST if value == "convolution" else value
    if isinstance(value, tuple):
        return (" × " if field == "image_size" else "-").join(map(str, value)) or "none"
    return value


def run_names(runs: Sequence[Run]) -> dict[str, str]:
    """Name each run, short, by what tells it from the others, and no two alike; by id.

    Where seeds are all that differs, they are enough; else the hidden layers are named, or
    the first other settings that differ.
    """
    titles = [(run.name or display_name(run.config.dataset))[:_MAX_NAME] for run in runs]
    names: dict[str, str] = {}
    for run, title in zip(runs, titles, strict=True):
        alike = [other for other, name in zip(runs, titles, strict=True) if name == title]
        name = f"{title}{_apart(run, alike)}, seed {run.config.network.seed}"
        names[run.id] = f"{name} ({run.id[:4]})" if name in names.values() else name
    return names


def _apart(run: Run, alike: Sequence[Run]) -> str:
    """Say what tells a run from others of the same name, besides the seed: two settings at most."""
    layers = _SETTING_NAMES["hidden_units"]
    apart = [name for name in differing([each.config for each in alike]) if name != "seed"]
    first = sorted(apart, key=lambda name: name != layers)[:_MAX_APART]
    settings = settings_of(run.config)
    return "".join(
        f", {settings[name]}" if name == layers else f", {name} {settings[name]}" for name in first
    )


def differing(configs: Sequence[RunConfig]) -> list[str]:
    """Names of the settings that are not the same in all of them, in order."""
    settings = [settings_of(config) for config in configs]
    return [name for name in settings[0] if len({str(values[name]) for values in settings}) > 1]


def seedless_key(config: RunConfig) -> str:
    """Name what decides a run's result, but for the seed."""
    values = config.model_dump(mode="json")
    del values["network"]["seed"], values["schema_version"]
    return content_key(values)


def features_key(config: RunConfig) -> tuple[str, str]:
    """Name what a run was given: the same for runs that share their baselines."""
    return config.fingerprint, config.preprocess.key()


def same_but_seed(runs: Sequence[Run]) -> list[list[Run]]:
    """Put runs that differ in their seed only together; both orders are kept."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(seedless_key(run.config), []).append(run)
    return list(groups.values())


def one_per_seed(runs: Sequence[Run]) -> list[Run]:
    """Choose the newest finished run of each seed; by seed.

    The same seed gives the same network, so trained twice it is no second try. A run that
    was stopped is another, less trained network.
    """
    done = [run for run in runs if run.status == "done" and run.result is not None]
    newest = {run.config.network.seed: run for run in sorted(done, key=lambda run: run.created)}
    return [newest[seed] for seed in sorted(newest)]


def mean_std(values: Sequence[float]) -> MeanStd | None:
    """Mean, standard deviation and range; None of nothing."""
    if not values:
        return None
    std = stdev(values) if len(values) > 1 else None
    return MeanStd(mean(values), std, len(values), min(values), max(values))


def new_seeds(known: Sequence[Run], like: RunConfig, n: int) -> list[int]:
    """Choose seeds so that `n` have finished in all, counting those that have or are about to.

    Parameters
    ----------
    known : sequence of Run
        Those that differ from `like` in more than the seed do not count, nor those that
        were stopped or have failed.

    Returns
    -------
    list of int
        The smallest that no run has; empty if there are `n` already.
    """
    key = seedless_key(like)
    alike = [run for run in known if seedless_key(run.config) == key]
    taken = {run.config.network.seed for run in alike}
    counted = {run.config.network.seed for run in alike if run.live or run.status == "done"}
    free = (seed for seed in count() if seed not in taken)
    return [next(free) for _ in range(n - len(counted))]


def with_seed(config: RunConfig, seed: int) -> RunConfig:
    """Take the same settings with another seed."""
    network = config.network.model_copy(update={"seed": seed})
    return config.model_copy(update={"network": network})


def same_preprocessing(configs: Sequence[RunConfig]) -> list[RunConfig]:
    """Take the first of all that have the same images and the same preprocessing."""
    first: dict[tuple[str, str], RunConfig] = {}
    for config in configs:
        first.setdefault(features_key(config), config)
    return list(first.values())
