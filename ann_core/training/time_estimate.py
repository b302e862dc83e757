"""How long an epoch will take, judged by what earlier runs of this computer took.

A step of training costs twice: some time for each batch, whatever is in it, and some for
each product of an image's value with a weight. Two prices, then, and every earlier run is
a bill that tells something about them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_SPREAD = 1.25  # the same run, a second time, on a computer that has other things to do


@dataclass(frozen=True)
class PastRun:
    """What an earlier run had to do, and how long an epoch of it took.

    Attributes
    ----------
    n_train : int
        Images of its training split.
    n_parameters : int
        All there was to learn.
    batch_size : int
        Images a step.
    seconds_per_epoch : float
        A typical epoch, validation included.
    """

    n_train: int
    n_parameters: int
    batch_size: int
    seconds_per_epoch: float


@dataclass(frozen=True)
class EpochEstimate:
    """How long an epoch will take, and what that is judged by.

    Attributes
    ----------
    seconds : float
        Of one epoch.
    low, high : float
        As much less and more as the estimate would have been wrong about the runs themselves.
    n_runs : int
        Earlier runs that it rests upon.
    smallest, largest : float
        Seconds of an epoch in the quickest and the slowest of them.
    """

    seconds: float
    low: float
    high: float
    n_runs: int
    smallest: float
    largest: float

    @property
    def within(self) -> bool:
        """Whether epochs of about this length were measured, so that nothing is stretched far."""
        return self.smallest / 2 <= self.seconds <= self.largest * 2


def estimate_epoch(
    earlier: Sequence[PastRun], *, n_train: int, n_parameters: int, batch_size: int
) -> EpochEstimate | None:
    """Estimate the seconds of an epoch from earlier runs; None if there is nothing to go by.

    Fits ``seconds = a * n_batches + b * n_train * n_parameters`` with a, b >= 0 to the runs,
    by least squares of the relative errors: a tenth is a tenth, of a second as of an hour.

    Parameters
    ----------
    earlier : sequence of PastRun
        One is enough; those without a time are left out.
    n_train, n_parameters, batch_size : int
        Of the run to come.
    """
    runs = [run for run in earlier if 0 < run.seconds_per_epoch < float("inf")]
    if not runs:
        return None
    seconds = np.array([run.seconds_per_epoch for run in runs])
    work = np.array([_work(run.n_train, run.n_parameters, run.batch_size) for run in runs])
    prices = _non_negative_fit(work / seconds[:, np.newaxis])
    predicted = work @ prices
    # One run alone is met exactly, which says nothing of how far the next may be off.
    spread = max(_SPREAD, float(np.median(np.maximum(predicted / seconds, seconds / predicted))))
    estimate = float(np.array(_work(n_train, n_parameters, batch_size)) @ prices)
    return EpochEstimate(
        seconds=estimate,
        low=estimate / spread,
        high=estimate * spread,
        n_runs=len(runs),
        smallest=float(seconds.min()),
        largest=float(seconds.max()),
    )


@dataclass(frozen=True)
class TotalEstimate:
    """How long a training will take, from the click to its result.

    Attributes
    ----------
    low, high : float
        Seconds in all.
    besides : float or None
        Seconds that do not go into epochs: to start, to read the images, and to test the network
        in the end. None if no earlier run tells; then `low` and `high` are of the epochs alone.
    """

    low: float
    high: float
    besides: float | None


def estimate_total(
    pace: EpochEstimate, n_epochs: int, besides: Sequence[float] = ()
) -> TotalEstimate:
    """Estimate the seconds of a whole training.

    Parameters
    ----------
    pace : EpochEstimate
    n_epochs : int
    besides : sequence of float
        Seconds that earlier runs took besides their epochs, see `Registry.past_overheads`.
    """
    low, high = n_epochs * pace.low, n_epochs * pace.high
    known = np.array([max(seconds, 0.1) for seconds in besides if np.isfinite(seconds)])
    if not len(known):
        return TotalEstimate(low, high, None)
    typical = float(np.median(known))
    spread = max(_SPREAD, float(np.median(np.maximum(known / typical, typical / known))))
    return TotalEstimate(low + typical / spread, high + typical * spread, typical)


def _work(n_train: int, n_parameters: int, batch_size: int) -> tuple[float, float]:
    """Count what an epoch has to do: batches, and products of values and weights."""
    return float(-(-n_train // batch_size)), float(n_train) * n_parameters


def _non_negative_fit(shares: np.ndarray) -> np.ndarray:
    """Find the two prices, neither below 0, that make every row of `shares` cost about 1.

    With two unknowns there is no need for a solver: where the best pair has a negative
    price, the best of the allowed ones has a price of 0.

    Parameters
    ----------
    shares : float64 array, shape (n_runs, 2)

    Returns
    -------
    float64 array, shape (2,)
    """
    size = np.linalg.norm(shares, axis=0)  # batches are hundreds, products are billions
    scaled = shares / size
    ones = np.ones(len(shares))
    # Of runs that are all alike it takes the shortest answer: both prices share the bill.
    both = np.linalg.lstsq(scaled, ones, rcond=1e-6)[0]
    if (both >= 0).all():
        return np.asarray(both / size)
    alone = np.diag(scaled.T @ ones)
    best = min(alone, key=lambda prices: float(np.sum((scaled @ prices - ones) ** 2)))
    return np.asarray(best / size)
