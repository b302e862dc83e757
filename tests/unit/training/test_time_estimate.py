"""Seconds of a training, estimated from timed batches and earlier runs."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.training.network_config import PRESETS
from ann_core.training.network_size import parameter_count
from ann_core.training.precision import has_bfloat16_here
from ann_core.training.time_estimate import (
    TYPICAL,
    Calibration,
    EpochEstimate,
    EpochSize,
    PastRun,
    epoch_size,
    estimate_epoch,
    estimate_total,
    is_in_passes,
)

PRICES = np.array(TYPICAL)

N_TRAIN = {"cartoons": 1600, "photographs": 17_998}
SIZES = {
    name: [
        EpochSize(
            *(n_train, parameter_count(network, 9216, 2), network.batch_size),
            n_values=9216,
            in_passes=is_in_passes(network, "float32", n_train),
        )
        for n_train in N_TRAIN.values()
    ]
    for name, network in PRESETS.items()
}


def epoch(size: EpochSize, prices: np.ndarray = PRICES) -> float:
    """Seconds on a computer that follows its prices exactly."""
    return float(np.array(size.amounts) @ prices)


def past(size: EpochSize, prices: np.ndarray = PRICES, *, error: float = 1.0) -> PastRun:
    return PastRun(size, epoch(size, prices) * error)


def estimate(
    earlier: list[PastRun], size: EpochSize, calibration: Calibration | None = None
) -> EpochEstimate:
    estimated = estimate_epoch(earlier, size, calibration)
    assert estimated is not None
    return estimated


def factor(estimated: EpochEstimate, seconds: float) -> float:
    return max(estimated.seconds / seconds, seconds / estimated.seconds)


sizes = st.builds(
    EpochSize,
    st.integers(10, 100_000),
    st.integers(100, 50_000_000),
    st.integers(1, 4096),
    st.sampled_from(["float32", "bfloat16"]),
)


def test_nothing_to_go_by_is_none() -> None:
    size = EpochSize(10, 10, 1)
    assert estimate_epoch([], size) is None
    assert estimate_epoch([PastRun(size, 0.0), PastRun(size, float("nan"))], size) is None


@pytest.mark.parametrize("earlier", PRESETS)
@pytest.mark.parametrize("later", PRESETS)
def test_from_the_second_run_on_each_preset_is_met_within_a_factor_of_1_5(
    earlier: str, later: str
) -> None:
    """Three runs of `article` were said to show that an epoch of `small` takes 27 s; it took 4."""
    rng = np.random.default_rng(0)
    for size, new in itertools.product(SIZES[earlier], SIZES[later]):
        for n_runs in (1, 3):
            prices = PRICES * np.exp(rng.normal(0, 1, 6))  # of another computer
            timed = Calibration(tuple(prices * np.exp(rng.uniform(-0.35, 0.35, 6))))
            runs = [past(size, prices, error=error) for error in rng.uniform(0.9, 1.1, n_runs)]
            estimated = estimate(runs, new, timed)
            assert factor(estimated, epoch(new, prices)) < 1.5
            assert estimated.within
            assert estimated.low < estimated.seconds < estimated.high


def test_runs_correct_what_was_timed_while_the_computer_was_busy() -> None:
    timed = Calibration(tuple(3 * PRICES))
    small, article = SIZES["small"][0], SIZES["article"][0]
    before = factor(estimate([], small, timed), epoch(small))
    after = factor(estimate([past(small)], small, timed), epoch(small))
    assert before == pytest.approx(3)
    assert after < 1.2
    both = [past(small), past(article)]
    assert factor(estimate(both, SIZES["linear"][0], timed), epoch(SIZES["linear"][0])) < 2.5


def test_products_in_bfloat16_have_a_price_of_their_own() -> None:
    prices = PRICES * [1, 1, 1, 0.2, 1, 1]
    size = SIZES["article"][1]
    half = replace(size, precision="bfloat16")
    runs = [past(size, prices), past(half, prices)]
    assert factor(estimate(runs, size), epoch(size, prices)) < 1.1
    assert factor(estimate(runs, half), epoch(half, prices)) < 1.1
    assert estimate([], half, Calibration()).seconds < estimate([], size, Calibration()).seconds


def test_a_new_training_is_billed_in_the_precision_that_it_would_compute_in() -> None:
    size = epoch_size(PRESETS["article"], 9216, 2, n_train=17_998)
    assert size.precision == ("bfloat16" if has_bfloat16_here() else "float32")
    assert epoch_size(PRESETS["small"], 9216, 2, n_train=17_998).precision == "float32"
    assert (size.n_parameters, size.batch_size) == (SIZES["article"][1].n_parameters, 128)


def test_a_short_training_is_not_compiled_and_says_nothing_of_a_long_one() -> None:
    """After one on cartoons, an epoch of `small` on photographs was said to take 9.4 s, not 2.3."""
    cartoons, photographs = SIZES["small"]
    assert (cartoons.in_passes, photographs.in_passes) == (True, False)
    assert not is_in_passes(PRESETS["small"], "bfloat16", 1600)
    prices = PRICES * [1, 1, 1, 1, 1, 5]
    run, timed = past(cartoons, prices), Calibration(tuple(PRICES))
    assert factor(estimate([run], cartoons, timed), epoch(cartoons, prices)) < 1.3
    assert factor(estimate([run], photographs, timed), epoch(photographs, prices)) < 1.3


@given(sizes, st.floats(0.3, 3))
def test_the_same_run_again_takes_about_the_same_time(size: EpochSize, error: float) -> None:
    run = past(size, error=error)
    estimated = estimate([run], size)
    assert estimated.seconds == pytest.approx(run.seconds_per_epoch, rel=0.05)
    assert estimated.n_runs == 1
    assert estimated.low < estimated.seconds < estimated.high
    assert estimated.within


def test_without_timed_batches_one_unlike_the_others_is_marked() -> None:
    assert not estimate([past(SIZES["small"][0])], SIZES["article"][1]).within


def test_a_wrong_measurement_among_many_moves_it_little() -> None:
    runs = [
        past(EpochSize(n, p, b)) for n in (500, 1600) for p in (10**5, 10**7) for b in (16, 32, 128)
    ]
    slow = past(EpochSize(1600, 10**7, 32), error=4)
    new = EpochSize(1200, 10**6, 32)
    assert factor(estimate([slow, *runs], new), epoch(new)) < 1.15


def test_it_says_between_which_runs_it_lies() -> None:
    runs = [past(SIZES["small"][0]), past(SIZES["article"][0])]
    estimated = estimate(runs, SIZES["small"][1])
    assert [estimated.smallest, estimated.largest] == sorted(run.seconds_per_epoch for run in runs)
    assert estimated.n_runs == 2
    assert estimate([], SIZES["small"][1], Calibration()).n_runs == 0


@given(st.lists(st.tuples(sizes, st.floats(0.01, 100)), max_size=30), sizes)
def test_bills_that_contradict_each_other_still_give_a_positive_time(
    bills: list[tuple[EpochSize, float]], size: EpochSize
) -> None:
    estimated = estimate([past(each, error=error) for each, error in bills], size, Calibration())
    assert 0 < estimated.low < estimated.seconds < estimated.high < float("inf")


# In all

PACE = EpochEstimate(1.0, 0.8, 1.25, n_runs=5, smallest=1.0, largest=1.0)
SMALL = 10_000


def runs_with(*besides: float | None) -> list[PastRun]:
    return [PastRun(EpochSize(1600, SMALL, 32), 1.0, seconds) for seconds in besides]


def test_a_training_of_seconds_takes_as_long_as_it_needs_to_start() -> None:
    """Ten epochs of a third of a second were said to take 3 to 4 seconds, and took 13."""
    pace = EpochEstimate(0.33, 0.26, 0.41, n_runs=1, smallest=0.33, largest=0.33)
    total = estimate_total(pace, 10, runs_with(9.7), n_parameters=SMALL)
    assert total.low < 9.7 + 3.3 < total.high
    assert total.low > 10
    assert total.besides == pytest.approx(9.7)
    assert total.seconds == pytest.approx(9.7 + 3.3)


def test_slow_starts_move_the_whole_little() -> None:
    """The first run also made features, for a minute; a busy computer may delay another."""
    for besides in ((60.0, 6.0), (300.0, 9.0, 60.0, 6.0), (6.0, 6.0, 7.0, 300.0)):
        total = estimate_total(PACE, 10, runs_with(*besides), n_parameters=SMALL)
        assert total.besides == pytest.approx(6.0)
        assert total.low < 16


def test_a_large_network_takes_longer_to_save_than_a_small_one() -> None:
    small, large = (
        estimate_total(PACE, 10, runs_with(6.0), n_parameters=n) for n in (SMALL, 20_000_000)
    )
    assert small.besides and large.besides
    assert 2 < large.besides / small.besides < 4


@pytest.mark.parametrize("besides", [[], [None], [float("nan")]])
def test_without_a_start_to_go_by_only_the_epochs_are_estimated(besides: list[float]) -> None:
    total = estimate_total(PACE, 10, runs_with(*besides), n_parameters=SMALL)
    assert (total.seconds, total.low, total.high, total.besides) == (10.0, 8.0, 12.5, None)
