"""The rule for unlike pictures: its parts as scikit-learn has them, its limits, what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.covariance import LedoitWolf

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.sources.other_images import SOURCES
from ann_core.evaluation.ood import describe_rule
from ann_core.evaluation.ood_fitting import (
    FALSE_ALARMS,
    common_limits,
    fit_ood_rule,
    shrunk_covariance,
    statistics_of,
)
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess

SMALL = PreprocessConfig(image_size=(24, 24), mode="rgb")


def features_of(kind: str, n_images: int) -> FeatureSet:
    """Pictures of one kind as a data set; the seed is one that no rule uses."""
    rows = [preprocess(image, SMALL).ravel() for image in SOURCES[kind](n_images, 7)]
    splits = np.resize(["train", "train", "validation", "test"], n_images)
    labels = np.zeros(n_images, dtype=np.int64)
    return FeatureSet(np.stack(rows), labels, splits, ("a", "b"), SMALL)


@pytest.mark.parametrize(("n_rows", "n_values"), [(200, 6), (12, 30), (2, 5)])
def test_the_covariance_is_that_of_scikit_learn(n_rows: int, n_values: int) -> None:
    rng = np.random.default_rng(n_rows)
    rows = rng.normal(size=(n_rows, n_values)) @ rng.normal(size=(n_values, n_values))
    expected = LedoitWolf().fit(rows).covariance_
    assert shrunk_covariance(rows) == pytest.approx(expected, abs=1e-4 * np.abs(expected).max())
    assert np.linalg.cond(shrunk_covariance(rows)) < 1e9
    assert np.array_equal(shrunk_covariance(rows[:1]), np.eye(n_values))


def test_the_distance_is_that_of_scikit_learn() -> None:
    data = features_of("digits", 120)
    rule = fit_ood_rule(data)
    train, test = (
        (statistics_of(data.features, data.indices(split), SMALL) - rule.mean) / rule.deviation
        for split in ("train", "test")
    )
    fitted = LedoitWolf().fit(train)
    expected = np.sqrt(fitted.mahalanobis(test))
    distances = rule.scores(test * rule.deviation + rule.mean)["distance"]
    assert distances == pytest.approx(expected, rel=0.02)


@given(st.integers(1, 60), st.integers(1, 4), st.integers(0, 2**32 - 1), st.booleans())
def test_no_more_than_allowed_lie_beyond_any_limit(
    n_images: int, n_scores: int, seed: int, equal: bool
) -> None:
    values = np.random.default_rng(seed).normal(size=(n_scores, n_images))
    scores = {str(number): row.round(0 if equal else 9) for number, row in enumerate(values)}
    limits = common_limits(scores)
    beyond = np.any([row > limits[name] for name, row in scores.items()], axis=0)
    assert beyond.sum() <= FALSE_ALARMS * n_images
    assert all(limits[name] in row for name, row in scores.items())
    if n_scores == 1 and not equal:
        assert beyond.sum() == int(FALSE_ALARMS * n_images)


def test_unlike_pictures_are_found_and_the_figures_say_so() -> None:
    data = features_of("digits", 240)
    rule = fit_ood_rule(data)
    # Its own kind is not among the others, for its pictures look like that.
    assert list(rule.others) == [
        "plain colours",
        "noise",
        "blurred noise",
        "cartoons",
        "photographs",
    ]
    assert all(share.share == 1 for share in rule.others.values())
    assert rule.own.n_images == 60
    test = data.features[data.indices("test")].reshape(-1, 24, 24, 3)
    assert sum(rule.is_unlike(image) for image in test) == rule.own.n_warned <= 8
    for gray in (0, 100, 255):
        assert rule.is_unlike(np.full((24, 24, 3), gray, dtype=np.uint8))
    words = describe_rule(rule)
    assert f"Of 60 of its own test pictures, this rule warned of {rule.own.n_warned} (" in words
    assert "all 12 cartoons and all 12 photographs" in words
    assert "means little" not in words


def test_what_is_not_found_is_said() -> None:
    """Photographs against photographs: light, colours and textures are the same."""
    rule = fit_ood_rule(features_of("photographs", 160))
    share = rule.others["photographs"]
    assert share.share < 0.9
    assert rule.others["plain colours"].share == rule.others["noise"].share == 1
    words = describe_rule(rule)
    assert f"{share} photographs of something else" in words
    assert "no warning means little for photographs of something else" in words
