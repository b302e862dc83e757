"""How long a training will take, judged by timed batches and by earlier runs of this computer.

Learning costs four times: some time for each batch, whatever is in it; some for each weight
that a batch changes, which is more where the step is not compiled; some for each product of an
image's value with a weight, which is less in bfloat16; and some for each value that is read. Six
prices, then. A computer is asked for them
once, by a few timed batches (`ann_core.jobs.calibration`), and every run since is a bill that
corrects those it is made of.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ann_core.training.loop import is_compiled
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count, product_count
from ann_core.training.precision import expected_precision
from ann_core.training.prices import fit_prices

PRECISIONS = ("float32", "bfloat16")

TYPICAL = (1e-3, 1e-9, 2e-11, 1e-11, 2e-9, 5e-9)
"""Seconds of a batch, of a weight changed in one pass, of a product in float32, of one in bfloat16,
of a value read, and of a weight changed in many passes."""

_UNKNOWN = 1.5  # how far the prices of a computer may be from those, as a natural logarithm
_MEASURED = 0.5  # the same for prices that were measured on it, perhaps on a busy day
_SPREAD = 1.25  # the same run, a second time, on a computer that has other things to do
_FAR = 1.5  # a network unlike those that were measured

_START_SECONDS = 4.0  # besides the epochs: to start, and to test the network
_SECONDS_A_PARAMETER = 4e-7  # to save and to export it
_QUICK = 0.25  # share of the runs: slower ones also made features, or waited for the processor


@dataclass(frozen=True)
class EpochSize:
    """What an epoch has to do.

    Attributes
    ----------
    n_train : int
        Images of the training split.
    n_parameters : int
        All there is to learn.
    batch_size : int
        Images a step.
    precision : "float32" or "bfloat16"
        Of the products.
    n_products : int or None
        Products of a value and a weight an image; None if each weight has one.
    n_values : int
        Values of an image; 0 if nobody says, as if reading them took no time.
    in_passes : bool
        Whether the optimizer goes over all weights several times a batch (`is_in_passes`).
    """

    n_train: int
    n_parameters: int
    batch_size: int
    precision: str = "float32"
    n_products: int | None = None
    n_values: int = 0
    in_passes: bool = False

    @property
    def amounts(self) -> tuple[float, ...]:
        """How much there is of what each of the six prices is for."""
        n_batches = float(-(-self.n_train // self.batch_size))
        products = [0.0, 0.0]
        an_image = self.n_parameters if self.n_products is None else self.n_products
        products[PRECISIONS.index(self.precision)] = float(self.n_train) * an_image
        values = float(self.n_train) * self.n_values
        changes = [n_batches * self.n_parameters, 0.0]
        if self.in_passes:
            changes.reverse()
        return (n_batches, changes[0], *products, values, changes[1])


def epoch_size(
    network: NetworkConfig, n_features: int, n_classes: int, *, n_train: int, n_channels: int = 1
) -> EpochSize:
    """Say what an epoch of a new training would have to do on this computer."""
    counted = {"n_channels": n_channels}
    n_parameters = parameter_count(network, n_features, n_classes, **counted)
    precision = expected_precision(network.precision, n_parameters * network.batch_size)
    return EpochSize(
        n_train,
        n_parameters,
        network.batch_size,
        precision=precision,
        n_products=product_count(network, n_features, n_classes, **counted),
        n_values=n_features,
        in_passes=is_in_passes(network, precision, n_train),
    )


def is_in_passes(network: NetworkConfig, precision: str, n_train: int) -> bool:
    """Whether a step is neither compiled nor in bfloat16, for which there is one pass."""
    n_batches = -(-n_train // network.batch_size)
    return precision == "float32" and not is_compiled(network, precision, n_batches)


@dataclass(frozen=True)
class PastRun:
    """What an earlier run had to do, and how long it took.

    Attributes
    ----------
    size : EpochSize
    seconds_per_epoch : float
        A typical epoch, validation included.
    besides : float or None
        Seconds that did not go into epochs; None if it was interrupted, for then it also waited.
    """

    size: EpochSize
    seconds_per_epoch: float
    besides: float | None = None


@dataclass(frozen=True)
class Calibration:
    """The prices of this computer, as timed batches told them, and since when they hold.

    Attributes
    ----------
    prices : tuple of float
        As `TYPICAL`.
    since : float
        Seconds since 1970; earlier runs were of another computer or another program.
    """

    prices: tuple[float, ...] = TYPICAL
    since: float = 0.0


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
        Seconds of an epoch in the quickest and the slowest of them; 0 without any.
    within : bool
        Whether epochs of about this length were measured, so that nothing is stretched far.
    """

    seconds: float
    low: float
    high: float
    n_runs: int
    smallest: float = 0.0
    largest: float = 0.0
    within: bool = field(default=True, kw_only=True)


def estimate_epoch(
    earlier: Sequence[PastRun], size: EpochSize, calibration: Calibration | None = None
) -> EpochEstimate | None:
    """Estimate the seconds of an epoch; None if there is nothing to go by.

    Parameters
    ----------
    earlier : sequence of PastRun
        The newest first; those without a time are left out.
    size : EpochSize
        Of the run to come.
    calibration : Calibration, optional
        Of this computer, by whose prices a run is judged that none before was like.
    """
    runs = tuple(run for run in earlier if 0 < run.seconds_per_epoch < float("inf"))
    if not runs and calibration is None:
        return None
    prices, off = _prices_by(runs, calibration)
    estimate = float(np.array(size.amounts) @ prices)
    measured = [run.seconds_per_epoch for run in runs]
    smallest, largest = min(measured, default=0.0), max(measured, default=0.0)
    within = bool(runs) and smallest / 2 <= estimate <= largest * 2
    # One run alone is met nearly exactly, which says nothing of how far the next may be off.
    spread = max(_SPREAD if within else _FAR, off)
    return EpochEstimate(
        seconds=estimate,
        low=estimate / spread,
        high=estimate * spread,
        n_runs=len(runs),
        smallest=smallest,
        largest=largest,
        within=within or calibration is not None,
    )


@functools.lru_cache(maxsize=8)  # they are the same wherever a slider is moved to
def _prices_by(
    runs: tuple[PastRun, ...], calibration: Calibration | None
) -> tuple[tuple[float, ...], float]:
    """Find the prices by all runs, and the factor by which they are off for a typical one."""
    bills = np.array([run.size.amounts for run in runs]).reshape(len(runs), len(TYPICAL))
    seconds = np.array([run.seconds_per_epoch for run in runs])
    prior = np.array(TYPICAL if calibration is None else calibration.prices)
    known = _UNKNOWN if calibration is None else _MEASURED
    prices = fit_prices(bills, seconds, prior, spread=known)
    return tuple(prices.tolist()), _typical_factor(bills @ prices, seconds)


@dataclass(frozen=True)
class TotalEstimate:
    """How long a training will take, from the click to its result.

    Attributes
    ----------
    seconds : float
        In all.
    low, high : float
        As much less and more as it may be.
    besides : float or None
        Seconds that do not go into epochs: to start, to read the images, and to test and save
        the network in the end. None if no earlier run tells; then the others are of the epochs
        alone.
    """

    seconds: float
    low: float
    high: float
    besides: float | None


def estimate_total(
    pace: EpochEstimate, n_epochs: int, earlier: Sequence[PastRun] = (), *, n_parameters: int
) -> TotalEstimate:
    """Estimate the seconds of a whole training.

    What earlier runs took besides their epochs is compared with what is usual for a network of
    their size. A slow start counts little: pictures were made features of, once, or others kept
    the computer busy.
    """
    epochs, low, high = (n_epochs * each for each in (pace.seconds, pace.low, pace.high))
    known = [run for run in earlier if run.besides is not None and np.isfinite(run.besides)]
    if not known:
        return TotalEstimate(epochs, low, high, None)
    factors = np.array(
        [max(run.besides or 0.0, 0.1) / _besides(run.size.n_parameters) for run in known]
    )
    quick = np.quantile(factors, _QUICK, method="lower")
    typical = float(quick * _besides(n_parameters))
    spread = max(_SPREAD, float(np.median(factors) / quick))
    low, high = low + typical / _SPREAD, high + typical * spread
    return TotalEstimate(epochs + typical, low, high, typical)


def _besides(n_parameters: int) -> float:
    return _START_SECONDS + _SECONDS_A_PARAMETER * n_parameters


def _typical_factor(predicted: np.ndarray, seconds: np.ndarray) -> float:
    if not len(seconds):
        return 1.0
    return float(np.median(np.maximum(predicted / seconds, seconds / predicted)))
