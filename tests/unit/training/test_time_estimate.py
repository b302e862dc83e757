"""Seconds of an epoch, estimated from earlier runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from ann_core.training.time_estimate import (
    EpochEstimate,
    PastRun,
    estimate_epoch,
    estimate_total,
)

BATCH, PRODUCT = 2e-3, 3e-11  # seconds


def past(n_train: int, n_parameters: int, batch_size: int, *, error: float = 1.0) -> PastRun:
    """A run on a computer that follows the two prices exactly, but for `error`."""
    seconds = -(-n_train // batch_size) * BATCH + n_train * n_parameters * PRODUCT
    return PastRun(n_train, n_parameters, batch_size, seconds * error)


def estimate(earlier: list[PastRun], run: PastRun) -> EpochEstimate:
    estimated = estimate_epoch(
        earlier, n_train=run.n_train, n_parameters=run.n_parameters, batch_size=run.batch_size
    )
    assert estimated is not None
    return estimated


runs = st.builds(
    past,
    st.integers(10, 100_000),
    st.integers(100, 50_000_000),
    st.integers(1, 4096),
    error=st.floats(0.3, 3),
)


def test_nothing_to_go_by_is_none() -> None:
    assert estimate_epoch([], n_train=10, n_parameters=10, batch_size=1) is None
    useless = [PastRun(10, 10, 1, 0.0), PastRun(10, 10, 1, float("nan"))]
    assert estimate_epoch(useless, n_train=10, n_parameters=10, batch_size=1) is None


@given(runs)
def test_the_same_run_again_takes_the_same_time(run: PastRun) -> None:
    estimated = estimate([run], run)
    assert estimated.seconds == pytest.approx(run.seconds_per_epoch)
    assert estimated.n_runs == 1
    assert estimated.low < estimated.seconds < estimated.high
    assert estimated.within


def test_from_one_run_a_larger_one_takes_longer_but_not_by_every_factor() -> None:
    one = past(1600, 100_000, 32)
    ten = PastRun(1600, 1_000_000, 32, 0)
    assert one.seconds_per_epoch * 5 < estimate([one], ten).seconds < one.seconds_per_epoch * 6
    assert not estimate([one], ten).within


def test_two_different_runs_tell_both_prices() -> None:
    earlier = [past(1600, 1_184_000, 32), past(1600, 22_000_000, 128)]
    for new in (past(1600, 5_000_000, 64), past(800, 1_184_000, 8), past(50_000, 10_000, 512)):
        assert estimate(earlier, new).seconds == pytest.approx(new.seconds_per_epoch)


def test_a_wrong_measurement_among_many_moves_it_little() -> None:
    earlier = [past(n, p, b) for n in (500, 1600) for p in (10**5, 10**7) for b in (16, 32, 128)]
    slow = past(1600, 10**7, 32, error=4)
    new = past(1200, 10**6, 32)
    assert estimate([*earlier, slow], new).seconds == pytest.approx(new.seconds_per_epoch, rel=0.3)


def test_it_says_between_which_runs_it_lies() -> None:
    earlier = [past(1600, 100_000, 32), past(1600, 10_000_000, 32)]
    estimated = estimate(earlier, past(1600, 1_000_000, 32))
    assert [estimated.smallest, estimated.largest] == sorted(
        run.seconds_per_epoch for run in earlier
    )
    assert estimated.n_runs == 2
    assert estimated.within


@given(st.lists(runs, min_size=1, max_size=30), runs)
def test_it_is_the_best_that_prices_of_no_less_than_nothing_can_do(
    earlier: list[PastRun], new: PastRun
) -> None:
    def work(run: PastRun) -> list[float]:
        return [-(-run.n_train // run.batch_size), run.n_train * run.n_parameters]

    shares = np.array([work(run) for run in earlier]) / np.array(
        [[run.seconds_per_epoch] for run in earlier]
    )
    size = np.linalg.norm(shares, axis=0)
    _, error = nnls(shares / size, np.ones(len(earlier)))
    estimated = [estimate(earlier, run) for run in earlier]
    ours = [
        t.seconds / run.seconds_per_epoch - 1 for t, run in zip(estimated, earlier, strict=True)
    ]
    assert np.linalg.norm(ours) == pytest.approx(error, abs=1e-4)
    assert estimate(earlier, new).seconds > 0


def test_a_training_of_seconds_takes_as_long_as_it_needs_to_start() -> None:
    """Ten epochs of a third of a second were said to take 3 to 4 seconds, and took 13."""
    pace = EpochEstimate(0.33, 0.26, 0.41, n_runs=1, smallest=0.33, largest=0.33)
    total = estimate_total(pace, 10, [9.7])
    assert total.low < 9.7 + 3.3 < total.high
    assert total.low > 10
    assert total.besides == pytest.approx(9.7)


def test_one_slow_start_among_many_moves_the_whole_little() -> None:
    pace = EpochEstimate(1.0, 0.8, 1.25, n_runs=5, smallest=1.0, largest=1.0)
    total = estimate_total(pace, 10, [9.0, 10.0, 10.0, 11.0, 300.0])
    assert (total.low, total.high) == pytest.approx((8 + 8, 12.5 + 12.5))


@pytest.mark.parametrize("besides", [[], [float("nan")]])
def test_without_a_start_to_go_by_only_the_epochs_are_estimated(besides: list[float]) -> None:
    pace = EpochEstimate(1.0, 0.8, 1.25, n_runs=5, smallest=1.0, largest=1.0)
    total = estimate_total(pace, 10, besides)
    assert (total.low, total.high, total.besides) == (8.0, 12.5, None)
