"""What sentences say of luck is true as often as they say: each is tried 2,000 times.

"95 of 100" means between 93 and 97 of 100 here: four standard errors of 2,000 trials. Seeds
are fixed. A false alarm may be rarer than 5 of 100, for exact tests of whole numbers are; that
none of these rules is merely silent is shown beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ann_core.datasets.profile.pixel_space import PixelSpace
from ann_core.evaluation.comparison import mean_std
from ann_core.evaluation.curves import calibration, roc_curve
from ann_core.evaluation.interpretation import judge_confidence
from ann_core.evaluation.knn import nearest
from ann_core.evaluation.ood import fit_ood_thresholds
from ann_core.evaluation.significance import (
    chance_p_value,
    mcnemar,
    optimism_of_best,
    shares_may_be_equal,
    wilson_interval,
)
from ann_core.training.curve_diagnosis import diagnose_curves, noise_std
from ann_core.training.history import EpochMetrics
from tests.helpers.runs import toy_features

N_TRIALS = 2000
TRUSTED = "its confidence can be trusted"

Rng = np.random.Generator


@pytest.fixture
def rng() -> Rng:
    return np.random.default_rng(95)


def is_95_of_100(share: float) -> bool:
    return 0.93 <= share <= 0.97


def intervals(n_correct: np.ndarray, n_images: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper ends of Wilson's interval for each trial."""
    counts, index = np.unique(n_correct, return_inverse=True)
    ends = np.array([wilson_interval(int(count), n_images) for count in counts])
    return ends[index, 0], ends[index, 1]


def holds(true_share: float | np.ndarray, n_images: int, rng: Rng) -> float:
    """In which share of the trials the interval holds the true share."""
    low, high = intervals(rng.binomial(n_images, true_share, N_TRIALS), n_images)
    return float(((low <= true_share) & (true_share <= high)).mean())


CASES = [
    *((0.5, 100), (0.6, 200), (0.6, 2250), (0.8, 100), (0.8, 500), (0.9, 200)),
    *((0.95, 500), (0.95, 2250), (0.99, 2250)),
]


@pytest.mark.parametrize(("true_share", "n_images"), CASES)
def test_wilsons_interval_is_right_95_times_of_100(
    true_share: float, n_images: int, rng: Rng
) -> None:
    assert is_95_of_100(holds(true_share, n_images, rng))


@pytest.mark.parametrize("n_images", [20, 40, 100, 200])
def test_with_few_mistakes_it_is_right_95_times_of_100_over_all_shares(
    n_images: int, rng: Rng
) -> None:
    assert is_95_of_100(holds(rng.uniform(0.5, 1, N_TRIALS), n_images, rng))
    single = [holds(share, n_images, rng) for share in (0.9, 0.95, 0.97, 0.99)]
    assert all(0.89 <= share <= 0.99 for share in single)


@pytest.mark.parametrize(("true_share", "n_images"), CASES)
def test_the_interval_is_no_forecast_for_other_images(
    true_share: float, n_images: int, rng: Rng
) -> None:
    low, high = intervals(rng.binomial(n_images, true_share, N_TRIALS), n_images)
    others = rng.binomial(n_images, true_share, N_TRIALS) / n_images
    assert 0.79 <= ((low <= others) & (others <= high)).mean() <= 0.88


@pytest.mark.parametrize(("n_classes", "n_images"), [(2, 40), (2, 400), (10, 200)])
def test_a_die_does_as_well_as_often_as_is_said(n_classes: int, n_images: int, rng: Rng) -> None:
    guessed = rng.binomial(n_images, 1 / n_classes, N_TRIALS)
    for n_correct in np.quantile(guessed, [0.3, 0.7, 0.95, 0.99]).astype(int).tolist():
        claimed = chance_p_value(n_correct, n_images, n_classes)
        assert (guessed >= n_correct).mean() == pytest.approx(claimed, abs=0.04)


def p_values(first: float, second: float, n_images: int, rng: Rng) -> np.ndarray:
    """McNemar's test for two networks with these shares, images answered independently."""
    corrects = rng.random((N_TRIALS, 2, n_images)) < np.array([[first], [second]])
    return np.array([mcnemar(*pair).p_value for pair in corrects])


@pytest.mark.parametrize(("share", "n_images"), [(0.6, 200), (0.9, 200), (0.8, 1000)])
def test_equal_networks_differ_beyond_luck_in_at_most_5_of_100(
    share: float, n_images: int, rng: Rng
) -> None:
    p = p_values(share, share, n_images, rng)
    for claimed in (0.01, 0.05, 0.2, 0.5):
        assert (p <= claimed).mean() <= claimed + 0.01
    assert (p <= 0.05).mean() >= 0.02, "it is an exact test, and no silent one"


def test_a_better_network_is_found(rng: Rng) -> None:
    assert (p_values(0.9, 0.7, 200, rng) <= 0.05).mean() > 0.95


@pytest.mark.parametrize(("share", "n_train", "n_test"), [(0.8, 800, 100), (0.6, 200, 200)])
def test_a_gap_without_memorising_is_called_luck_95_times_of_100(
    share: float, n_train: int, n_test: int, rng: Rng
) -> None:
    def called_equal(of_training: float) -> float:
        train, test = (
            rng.binomial(n, p, N_TRIALS) for n, p in ((n_train, of_training), (n_test, share))
        )
        pairs = zip(train.tolist(), test.tolist(), strict=True)
        return float(np.mean([shares_may_be_equal((a, n_train), (b, n_test)) for a, b in pairs]))

    assert is_95_of_100(called_equal(share))
    assert called_equal(share + 0.18) < 0.1


@pytest.mark.parametrize(("share", "n_train", "n_test"), [(0.999, 1600, 200), (0.01, 60, 400)])
def test_where_little_is_to_be_counted_chance_is_called_so_as_often_at_least(
    share: float, n_train: int, n_test: int, rng: Rng
) -> None:
    train, test = (rng.binomial(n, share, N_TRIALS).tolist() for n in (n_train, n_test))
    called = [
        shares_may_be_equal((a, n_train), (b, n_test)) for a, b in zip(train, test, strict=True)
    ]
    assert np.mean(called) >= 0.95


@pytest.mark.parametrize("n_models", [2, 5, 30])
@pytest.mark.parametrize(("share", "n_images"), [(0.6, 2250), (0.8, 200), (0.97, 100)])
def test_the_best_of_equal_networks_looks_as_much_too_good_as_is_said(
    n_models: int, share: float, n_images: int, rng: Rng
) -> None:
    best = rng.binomial(n_images, share, (N_TRIALS, n_models)).max(axis=1) / n_images
    claimed = optimism_of_best(n_models, share, n_images)
    assert best.mean() - share == pytest.approx(claimed, rel=0.08)
    assert optimism_of_best(1, share, n_images) == optimism_of_best(9, 1.0, n_images) == 0.0


def test_networks_that_err_alike_look_less_too_good_than_is_said(rng: Rng) -> None:
    alike = rng.random((N_TRIALS, 200)) < 0.5
    own = rng.random((10, N_TRIALS, 200)) < 0.8
    shared = rng.random((N_TRIALS, 200)) < 0.8
    best = np.where(alike, shared, own).mean(axis=2).max(axis=0)
    assert 0 < best.mean() - 0.8 < optimism_of_best(10, 0.8, 200)


def confident(rng: Rng, n_images: int) -> np.ndarray:
    return 1 - rng.beta(1, 20, n_images) / 2


def doubtful(rng: Rng, n_images: int) -> np.ndarray:
    return rng.uniform(0.5, 1, n_images)


def of_ten_classes(rng: Rng, n_images: int) -> np.ndarray:
    return 0.1 + 0.9 * rng.beta(3, 2, n_images)


@pytest.mark.parametrize(
    ("confidences", "n_images"), [(confident, 1000), (doubtful, 200), (of_ten_classes, 1000)]
)
def test_right_probabilities_have_the_error_of_luck_95_times_of_100(
    confidences: Callable[[Rng, int], np.ndarray], n_images: int, rng: Rng
) -> None:
    n_within = n_blamed = 0
    for confidence in (confidences(rng, n_images) for _ in range(N_TRIALS)):
        bins = calibration(confidence, rng.random(n_images) < confidence)
        n_within += bins.error <= bins.error_if_calibrated
        n_blamed += not judge_confidence(bins, 0.0).endswith("can be trusted")
    assert is_95_of_100(n_within / N_TRIALS)
    assert n_blamed <= 0.07 * N_TRIALS


@pytest.mark.parametrize("confidences", [confident, doubtful, of_ten_classes])
@pytest.mark.parametrize("n_images", [100, 1000])
def test_probabilities_that_are_ten_points_off_are_not_taken_at_their_word(
    confidences: Callable[[Rng, int], np.ndarray], n_images: int, rng: Rng
) -> None:
    n_taken = 0
    for confidence in (confidences(rng, n_images) for _ in range(N_TRIALS // 10)):
        correct = rng.random(n_images) < confidence - 0.1
        verdict = judge_confidence(
            calibration(confidence, correct), float(confidence.mean() - correct.mean())
        )
        n_taken += verdict == TRUSTED
    assert n_taken <= 0.02 * N_TRIALS / 10


def test_errors_that_cancel_out_are_not_taken_at_their_word() -> None:
    confidence = np.repeat([0.95, 0.55], 500)
    bins = calibration(confidence, np.tile([True, True, True, False], 250))
    assert bins.error == pytest.approx(0.2)
    assert (
        judge_confidence(bins, 0.0)
        == "too confident in some predictions and not confident enough in others"
    )


@pytest.mark.parametrize("n_images", [200, 500])
def test_as_many_new_images_are_doubted_as_is_said(n_images: int, rng: Rng) -> None:
    """1 of 20 is less sure than the floor; thresholds come from a fifth of the images."""
    data = toy_features(n_images)
    n_validation = len(data.indices("validation"))
    doubted = []
    for confidence in rng.uniform(0.5, 1, (20, n_validation)):
        limits = fit_ood_thresholds(data, np.stack([confidence, 1 - confidence], axis=1))
        assert (confidence >= limits.confidence_floor).mean() >= 19 / 20
        doubted.append((rng.uniform(0.5, 1, N_TRIALS) < limits.confidence_floor).mean())
    assert np.mean(doubted) == pytest.approx(0.05, abs=0.02)


def test_as_many_new_images_lie_far_off_as_is_said(rng: Rng) -> None:
    """1 of 100 lies farther from all training images than 99 of 100 validation images do."""
    data = toy_features(500)
    beyond = []
    for splits in (rng.permutation(data.splits) for _ in range(20)):
        dealt = replace(data, splits=splits)
        rows, new = dealt.indices("validation"), dealt.indices("test")
        limit = fit_ood_thresholds(dealt, np.full((len(rows), 2), 0.5)).distance_limit
        near = [
            nearest(data.features[each], data.features, dealt.indices("train"), k=1)[1] <= limit
            for each in (rows, new)
        ]
        assert near[0].mean() >= 0.99
        beyond.append(1 - near[1].mean())
    assert np.mean(beyond) == pytest.approx(0.01, abs=0.01)


def test_labels_dealt_out_by_chance_agree_as_often_as_is_said(rng: Rng) -> None:
    n = 40
    neighbours = (np.arange(n)[:, np.newaxis] + rng.integers(1, n, (n, 8))) % n
    unused = np.zeros((n, 8))
    space = PixelSpace(np.arange(n), unused, unused, unused, neighbours, distances=unused)
    labels = np.repeat([0, 1, 2], [5, 10, 25])
    shuffled = [rng.permutation(labels) for _ in range(N_TRIALS)]
    agreement = np.mean([space.agreement(each) for each in shuffled])
    assert agreement == pytest.approx(space.chance_agreement(labels), abs=0.01)


def test_the_area_under_roc_is_how_often_the_right_one_scores_higher(rng: Rng) -> None:
    scores = np.concatenate([rng.normal(1, 1, 500), rng.normal(0, 1, 500)])
    curve = roc_curve(scores, np.arange(1000) < 500)
    pairs = rng.integers(0, 500, (2, 20 * N_TRIALS))
    higher = (scores[pairs[0]] > scores[500 + pairs[1]]).mean()
    assert higher == pytest.approx(curve.area, abs=0.01)


def test_the_spread_of_seeds_is_that_of_all_seeds(rng: Rng) -> None:
    summaries = [mean_std(values) for values in rng.normal(0.7, 0.02, (N_TRIALS, 5)).tolist()]
    variance = np.mean([each.std**2 for each in summaries if each is not None and each.std])
    assert np.sqrt(variance) == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("n_epochs", [10, 30])
def test_the_jumps_of_a_curve_are_their_standard_deviation(n_epochs: int, rng: Rng) -> None:
    jumps = [noise_std(each) for each in rng.normal(0, 0.02, (N_TRIALS, n_epochs)).tolist()]
    assert np.mean(jumps) == pytest.approx(0.02, rel=0.1)


def kinds(training: np.ndarray, validation: np.ndarray) -> np.ndarray:
    """What is said of each row of losses."""
    verdicts = []
    for pair in zip(training.tolist(), validation.tolist(), strict=True):
        epochs = enumerate(zip(*pair, strict=True), start=1)
        diagnosis = diagnose_curves([EpochMetrics(n, a, 0.6, b, 0.6, 1.0) for n, (a, b) in epochs])
        verdicts.append(diagnosis.kind if diagnosis is not None else "")
    return np.array(verdicts)


@pytest.mark.parametrize("noise", [0.01, 0.03])
@pytest.mark.parametrize("n_epochs", [10, 30])
def test_a_level_curve_is_said_to_rise_or_fall_in_at_most_5_of_100(
    noise: float, n_epochs: int, rng: Rng
) -> None:
    n_trials = N_TRIALS // 4
    training = np.tile(np.linspace(0.7, 0.3, n_epochs), (n_trials, 1))
    level = 0.65 * (1 + rng.normal(0, noise, (n_trials, n_epochs)))
    claimed = kinds(training, level)
    assert (claimed == "memorising").mean() <= 0.05
    assert (claimed == "learning").mean() <= 0.07
    falling = level * np.linspace(1, 0.5, n_epochs)
    assert (kinds(training, falling) == "learning").mean() > 0.5
