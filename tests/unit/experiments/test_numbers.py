"""Numbers of experiments, against what is known of them otherwise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ann_core.experiments.altered import (
    SHARES,
    Reactions,
    change_all,
    changed_examples,
    mean_interval,
    mirror,
)
from ann_core.experiments.conclusion import Line, Map, Number, share, share_line
from ann_core.experiments.definition import CONVOLUTION, PIXELS
from ann_core.experiments.duel import as_many_weights
from ann_core.experiments.hunger import needed_for, sizes
from ann_core.experiments.looks import CORNERS, pasted, share_in_quarter
from ann_core.experiments.push import STRENGTHS, pushed, smallest_push
from ann_core.imaging.perturbation import Perturbation
from ann_core.plots.heat_maps import overlay
from ann_core.training.network_size import parameter_count


def images(n_images: int = 4) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n_images, 9, 12, 3), dtype=np.uint8)


def test_mirrored_twice_is_the_picture() -> None:
    once = mirror(images())

    assert np.array_equal(mirror(once), images())
    assert np.array_equal(once, change_all(images(), Perturbation(mirrored=True)))
    assert not np.array_equal(once, images())


def test_pictures_that_were_right_before_the_mirror_are_shown_first() -> None:
    before, labels = np.array([0, 1, 0, 1]), np.array([0, 0, 0, 1])
    reactions = Reactions(labels, before, after=np.array([[0, 0, 1, 0], [1, 1, 1, 1]]))

    chosen = changed_examples(reactions, rows=np.arange(10, 20), class_names=("cat", "dog"))

    assert [example.row for example in chosen] == [12, 13, 11]
    assert [example.text() for example in chosen] == [
        "cat: predicted cat, then dog",
        "dog: predicted dog, then cat",
        "cat: predicted dog, then cat",
    ]


def test_the_smallest_push_is_the_first_that_flips() -> None:
    flipped = np.zeros((len(STRENGTHS), 3), dtype=bool)
    flipped[2:, 0] = flipped[4, 1] = True

    assert list(smallest_push(flipped)) == [STRENGTHS[2], STRENGTHS[4], 0]
    pair = np.array([[0, 250, 100]], dtype=np.uint8)
    assert pushed(pair, np.array([[-1, 1, 0]], np.int16), 8).tolist() == [[0, 255, 100]]


def test_pasted_pictures_lie_in_their_corner_and_nowhere_else() -> None:
    image = np.full((1, 8, 12, 1), 7, dtype=np.uint8)
    image[:, 1:7, 1:11] = 200  # the edge of 7 stays
    for corner in CORNERS.values():
        small = pasted(image, corner)[:, :, :, 0]
        inside = (small != 7).astype(float)

        assert small.shape == (1, 8, 12) and inside.any()
        assert share_in_quarter(inside, corner) == 1
        others = [each for each in CORNERS.values() if each != corner]
        assert [share_in_quarter(inside, each)[0] for each in others] == [0, 0, 0]
    assert share_in_quarter(np.zeros((2, 8, 12)), (0, 0)).tolist() == [0.25, 0.25]


def test_a_map_is_drawn_over_its_picture() -> None:
    image = np.arange(12.0).reshape(3, 4)
    kept = Map.parse(Map.of("dense", image, image**2).model_dump(mode="json"))

    shown, values = kept.arrays()

    assert np.array_equal(shown, image)
    assert values.max() == 255 and np.array_equal(values.argsort(axis=None), np.arange(12))
    drawn = overlay(shown, values, zoom=2)
    assert drawn.shape == (6, 8, 3)
    assert (drawn[0, 0] == 0).all(), "what does not matter stays as it is"
    assert drawn[-1, -1, 0] > 150 > drawn[-1, -1, 2], "what matters is orange"


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
