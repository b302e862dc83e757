"""Numbers of experiments, against what is known of them otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ann_core.experiments.altered import SHARES, change_all, mean_interval, mirror
from ann_core.experiments.conclusion import Line, Number, share, share_line
from ann_core.experiments.definition import CONVOLUTION, PIXELS
from ann_core.experiments.duel import as_many_weights
from ann_core.experiments.hunger import needed_for, sizes
from ann_core.imaging.perturbation import Perturbation
from ann_core.training.network_size import parameter_count


def images(n_images: int = 4) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n_images, 9, 12, 3), dtype=np.uint8)


def test_mirrored_twice_is_the_picture() -> None:
    once = mirror(images())

    assert np.array_equal(mirror(once), images())
    assert np.array_equal(once, change_all(images(), Perturbation(mirrored=True)))
    assert not np.array_equal(once, images())


def test_means_have_the_interval_of_scipy() -> None:
    values = np.random.default_rng(1).normal(0.2, 1, 400)

    mean, low, high = mean_interval(values)

    expected = stats.norm.interval(0.95, loc=values.mean(), scale=stats.sem(values))
    assert (low, high) == pytest.approx(expected)
    assert mean == pytest.approx(values.mean())


def test_shares_have_wilson_s_interval() -> None:
    number = share("dense", 45, 60)
    expected = stats.binomtest(45, 60).proportion_ci(method="wilson")

    assert (number.low, number.high) == pytest.approx((expected.low, expected.high))
    assert number.text() == f"75.0% ({expected.low:.1%} to {expected.high:.1%})"
    line = share_line("dense", [1, 2], [0.75, 1.0], n_images=60)
    assert line == Line(
        name="dense", x=(1, 2), y=(0.75, 1), low=(number.low, line.low[1]), high=(number.high, 1)
    )
    assert Number(what="weights", value=23426, style="count").text() == "23,426"


def test_the_rival_has_as_many_weights_or_a_few_more() -> None:
    for n_classes in (2, 3, 10):
        rival = as_many_weights(PIXELS.n_features, n_classes)
        n_rival = parameter_count(rival, PIXELS.n_features, n_classes)
        n_weights = parameter_count(CONVOLUTION, PIXELS.n_features, n_classes)

        assert 0 <= n_rival - n_weights <= PIXELS.n_features + 1 + n_classes


def test_a_straight_line_is_carried_on_to_the_goal() -> None:
    # A tenth more with each ten times as many: 0.8 is at 100,000.
    points = {100: [0.5], 1_000: [0.55, 0.65], 10_000: [0.7]}

    number, low, high = needed_for(0.8, points, 10**9)

    assert number == pytest.approx(100_000)
    assert low == pytest.approx(100_000, rel=0.01) and high == pytest.approx(100_000, rel=0.01)
    _, low, high = needed_for(0.8, points, 200)
    assert low is not None and low < 50_000 and (high is None or high > 200_000)
    assert needed_for(0.8, {100: [0.6], 1_000: [0.6]}, 10**9)[0] is None
    assert needed_for(0.8, {100: [0.6]}, 200) == (None, None, None)


@pytest.mark.parametrize("n_train", [8, 30, 400, 20_000])
def test_numbers_of_pictures_grow_by_the_same_factor(n_train: int) -> None:
    chosen = sizes(n_train)

    assert chosen[-1] == n_train and chosen == sorted(set(chosen)) and chosen[0] >= 2
    assert len(chosen) == 4 or n_train < 10


def test_pictures_move_both_ways_as_far() -> None:
    assert sorted(-each for each in SHARES) == list(SHARES)
