"""What an experiment changes about the pictures that a network learns from.

The pictures that check and test it stay as they are, and what is stored of the run speaks of the
true labels: only the training itself sees what is made here.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.runs.variation import VariationConfig

_UNUSED = "unused"


def varied(data: FeatureSet, variation: VariationConfig, seed: int) -> FeatureSet:
    """Change labels, splits and order of the training pictures as an experiment wants it.

    Parameters
    ----------
    seed : int
        Of the run: which pictures are taken and which labels they get follows from it.
    """
    data = _fewer(data, variation.n_train, seed) if variation.n_train else data
    data = _shuffled_labels(data, seed) if variation.labels == "shuffled" else data
    return replace(data, by_class=True) if variation.order == "by class" else data


def _fewer(data: FeatureSet, n_train: int, seed: int) -> FeatureSet:
    """Leave training pictures out, as evenly by class as can be.

    With the same seed, the pictures of a smaller number are among those of a larger one.
    """
    rng = np.random.default_rng([seed, 1])
    train = data.indices("train")
    rank = np.empty(len(train), dtype=np.int64)
    for label in range(len(data.class_names)):
        of_class = np.flatnonzero(data.labels[train] == label)
        rank[of_class] = rng.permutation(len(of_class))
    order = np.lexsort((data.labels[train], rank))
    splits = data.splits.copy()
    splits[train[order[n_train:]]] = _UNUSED
    return replace(data, splits=splits)


def _shuffled_labels(data: FeatureSet, seed: int) -> FeatureSet:
    """Give each training picture the label of another one: there are as many of each as before."""
    train, labels = data.indices("train"), data.labels.copy()
    labels[train] = np.random.default_rng([seed, 2]).permutation(labels[train])
    return replace(data, labels=labels)
