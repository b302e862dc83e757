"""Find the rule that says which pictures are unlike a run's training pictures; try it out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.sources.other_images import SOURCES
from ann_core.evaluation.sampling import evenly
from ann_core.imaging.ood_rule import OTHER_KINDS, OodRule, Share
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess, unflatten
from ann_core.imaging.statistics import image_statistics

FALSE_ALARMS = 0.04
"""Share of the validation pictures that may be warned of, so that test pictures get 5 %.

The limits are chosen by these pictures, so others pass them a little more often."""

LEARNED = ("blurred noise", "cartoons", "digits")
"""Kinds of pictures that the rule looks for, beside what is merely far away."""

MAX_IMAGES = 2_000  # of each split that are looked at
MIN_OTHERS, MAX_OTHERS = 8, 120  # pictures of each other kind; more for more training pictures

_BLOCK = 100
_ALIKE = 16.0  # squared distance of Mahalanobis from which a kind counts as another one
_FLOOR = 0.02  # of deviations: a statistic that never changes must not decide alone
_LEARNING, _MEASURING = 0, 1  # seeds
_NOBODY = Share(0, 1)  # until it is tried


def fit_ood_rule(data: FeatureSet, *, check: Callable[[], None] = lambda: None) -> OodRule:
    """Learn from the training split, set limits on the validation split, try on the test split.

    Parameters
    ----------
    check : callable
        Called between blocks of pictures.

    Notes
    -----
    The covariance is shrunk after Ledoit and Wolf (2004). Pictures of other kinds that are
    drawn here, as in outlier exposure (Hendrycks et al. 2019), show where such pictures lie;
    those that it is tried on are others of the same kinds.
    """
    train = _of_split(data, "train", check)
    n_others = int(np.clip(len(train) // 10, MIN_OTHERS, MAX_OTHERS))
    mean, deviation = train.mean(axis=0), np.maximum(train.std(axis=0), _FLOOR)
    precision = np.linalg.inv(shrunk_covariance((train - mean) / deviation))
    directions = {}
    for kind in LEARNED:
        check()
        drawn = _of_kind(kind, n_others, data.preprocess, seed=_LEARNING)
        shift = ((drawn - mean) / deviation).mean(axis=0)
        distance = float(shift @ precision @ shift)
        if distance > _ALIKE:
            directions[kind] = precision @ shift / np.sqrt(distance)
    rule = OodRule(mean, deviation, precision, directions, limits={}, own=_NOBODY, others={})
    limits = common_limits(rule.scores(_of_split(data, "validation", check)))
    return _tried(replace(rule, limits=limits), data, n_others, check=check)


def shrunk_covariance(rows: np.ndarray) -> np.ndarray:
    """Estimate a covariance from few rows: drawn towards equal variances, after Ledoit and Wolf.

    O. Ledoit, M. Wolf, A well-conditioned estimator for large-dimensional covariance matrices,
    Journal of Multivariate Analysis 88, 2004. The inverse always exists.

    Parameters
    ----------
    rows : float64 array, shape (n_rows, n_values)

    Returns
    -------
    float64 array, shape (n_values, n_values)
    """
    n_rows, n_values = rows.shape
    centred = rows - rows.mean(axis=0)
    covariance = centred.T @ centred / n_rows
    variance = np.trace(covariance) / n_values
    if variance == 0:  # one picture, or all alike
        return np.eye(n_values)
    squares = centred**2
    spread = ((squares.T @ squares).sum() / n_rows - (covariance**2).sum()) / n_rows
    distance = (covariance**2).sum() - n_values * variance**2
    shrinkage = 1.0 if distance <= 0 else float(np.clip(spread / distance, 1e-6, 1.0))
    return np.asarray((1 - shrinkage) * covariance + shrinkage * variance * np.eye(n_values))


def common_limits(scores: dict[str, np.ndarray]) -> dict[str, float]:
    """Find a limit for each score, equally rare for all, so that few pictures pass any of them.

    Parameters
    ----------
    scores : dict of score to float64 array, shape (n_images,)
        Of validation pictures.

    Returns
    -------
    dict of score to float
        Values that occur: at most `FALSE_ALARMS` of the pictures lie beyond any limit.
    """
    table = np.stack(list(scores.values()))
    n_images = table.shape[1]
    descending = -np.sort(-table, axis=1)
    # How many pictures have at least this score: a picture is as odd as its oddest score.
    ranks = np.stack(
        [
            n_images - np.searchsorted(values[::-1], row, side="left")
            for values, row in zip(descending, table, strict=True)
        ]
    )
    oddest = np.sort(ranks.min(axis=0))
    n_allowed = int(FALSE_ALARMS * n_images)
    rank = int(oddest[n_allowed]) - 1  # all that are odder may be warned of
    return {name: float(values[rank]) for name, values in zip(scores, descending, strict=True)}


def statistics_of(
    table: np.ndarray,
    rows: np.ndarray,
    config: PreprocessConfig,
    *,
    check: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Describe rows of a table of features; of many, `MAX_IMAGES` evenly spread ones.

    Returns
    -------
    float64 array, shape (n_images, n_statistics)
    """
    rows = evenly(rows, MAX_IMAGES)
    statistics = []
    for start in range(0, len(rows), _BLOCK):
        check()
        block = np.asarray(table[rows[start : start + _BLOCK]])
        statistics.append(_statistics(unflatten(block, config)))
    return np.concatenate(statistics)


def _tried(rule: OodRule, data: FeatureSet, n_others: int, *, check: Callable[[], None]) -> OodRule:
    """Count what a rule warns of: test pictures, and pictures of other kinds."""
    own = count_warnings(rule, _of_split(data, "test", check))
    others = {}
    for kind in OTHER_KINDS:
        if kind in LEARNED and kind not in rule.directions:
            continue  # the training pictures are such pictures, or look like them
        check()
        statistics = _of_kind(kind, n_others, data.preprocess, seed=_MEASURING)
        others[kind] = count_warnings(rule, statistics)
    return replace(rule, own=own, others=others)


def count_warnings(rule: OodRule, statistics: np.ndarray) -> Share:
    """Count the pictures that a rule warns of.

    Parameters
    ----------
    statistics : float64 array, shape (n_images, n_statistics)
    """
    unlike = np.zeros(len(statistics), dtype=bool)
    for name, scores in rule.scores(statistics).items():
        unlike |= scores > rule.limits[name]
    return Share(int(unlike.sum()), len(unlike))


def _of_split(data: FeatureSet, split: str, check: Callable[[], None]) -> np.ndarray:
    return statistics_of(data.features, data.indices(split), data.preprocess, check=check)


def _of_kind(kind: str, n_images: int, config: PreprocessConfig, *, seed: int) -> np.ndarray:
    return _statistics(preprocess(image, config) for image in SOURCES[kind](n_images, seed))


def _statistics(images: Iterable[np.ndarray]) -> np.ndarray:
    return np.stack([image_statistics(image) for image in images])
