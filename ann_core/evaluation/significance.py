"""How much of a result is luck.

A test set is a sample: with other images of the same kind, the share of right answers
would have been another one. What is said here, and how often, is tested by simulation in
``tests/unit/evaluation/test_sentences_hold.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

Z_95 = 1.959963984540054
"""Standard deviations of a normal distribution that hold 95 of 100 cases."""

_FEW = 5  # to be expected, below which an exact test decides
_ROUNDING = 1e-7  # of logarithms that are equal


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same test images.

    Attributes
    ----------
    only_first, only_second : int
        Images that only one of them has right.
    p_value : float
        How often chance alone would make the difference as large, 0..1.
    """

    only_first: int
    only_second: int
    p_value: float

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would make such a difference in at most 5 of 100 cases."""
        return self.p_value <= 0.05

    @property
    def ahead(self) -> Literal["first", "second", "neither"]:
        """Which of the two has more images right, by more than chance explains."""
        if not self.is_significant:
            return "neither"
        return "first" if self.only_first > self.only_second else "second"


def wilson_interval(n_correct: int, n_images: int) -> tuple[float, float]:
    """95 % interval of the true share: of all images of this kind (Wilson 1927).

    It holds the true share for 95 of 100 test sets. It is no forecast for as many other
    images, whose share has luck of its own: that falls inside for 82 to 84 of 100.

    Unlike the textbook's p ± 1.96 sqrt(p (1 - p) / n) it never leaves 0..1. Right answers are
    whole numbers, so for one share and one number of images it cannot hold for 95 exactly:
    for 93 to 97 of 100 if ten mistakes or more are to be expected, else for 90 to 98, from 20
    images on. In the mean over all true shares it is 95.
    """
    share, z2 = n_correct / n_images, Z_95**2
    middle = (share + z2 / (2 * n_images)) / (1 + z2 / n_images)
    spread = math.sqrt(share * (1 - share) / n_images + z2 / (4 * n_images**2))
    half = Z_95 * spread / (1 + z2 / n_images)
    # At the ends the bounds are exact, but for rounding.
    return (
        max(0.0, middle - half) if n_correct else 0.0,
        min(1.0, middle + half) if n_correct < n_images else 1.0,
    )


def shares_may_be_equal(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Whether two shares, each of its own images, may have the same true share.

    Their difference has a 95 % interval made of both Wilson intervals (Newcombe 1998,
    method 10); it is luck if that holds 0. So of two networks that are equally good on
    both kinds of images, 5 of 100 are said to differ. Where fewer than five mistakes, or
    right answers, are to be expected, that interval is too narrow, and Fisher's exact test
    decides (1935): then fewer than 5 of 100.

    Parameters
    ----------
    first, second : (n_correct, n_images)
    """
    n_correct, n_images = (sum(both) for both in zip(first, second, strict=True))
    rarer = min(n_correct, n_images - n_correct)
    if rarer * min(first[1], second[1]) / n_images < _FEW:
        return fisher_p_value(first, second) > 0.05
    (higher, lower) = sorted((first, second), key=lambda each: each[0] / each[1], reverse=True)
    from_above = higher[0] / higher[1] - wilson_interval(*higher)[0]
    from_below = wilson_interval(*lower)[1] - lower[0] / lower[1]
    difference = higher[0] / higher[1] - lower[0] / lower[1]
    return difference <= math.hypot(from_above, from_below)


def fisher_p_value(first: tuple[int, int], second: tuple[int, int]) -> float:
    """How often two shares would differ as much by chance, 0..1: Fisher's exact test, two-sided.

    Of all ways to deal as many right answers out to both, those that are as rare as this one.

    Parameters
    ----------
    first, second : (n_correct, n_images)
    """
    n_correct = first[0] + second[0]
    ways = range(max(0, n_correct - second[1]), min(n_correct, first[1]) + 1)
    logs = np.array([_log_ways(first[1], k) + _log_ways(second[1], n_correct - k) for k in ways])
    as_rare = logs <= logs[first[0] - ways.start] + _ROUNDING
    shares = np.exp(logs - logs.max())
    return float(shares[as_rare].sum() / shares.sum())


def _log_ways(n: int, k: int) -> float:
    """Logarithm of the number of ways to choose `k` of `n`."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def optimism_of_best(n_models: int, accuracy: float, n_images: int) -> float:
    """By how much the best of some equally good models looks too good, on average, 0..1.

    The mean of the largest of `n_models` independent shares of right answers, less
    `accuracy`, which all of them truly have. Models that err on the same images differ
    less than independent ones, so for them it is less.
    """
    if n_models < 2 or not 0 < accuracy < 1:
        return 0.0
    at_most = np.cumsum(np.exp(_binomial_logs(np.arange(n_images), n_images, accuracy)))
    mean_of_largest = float((1 - np.minimum(at_most, 1.0) ** n_models).sum()) / n_images
    return mean_of_largest - accuracy


def frequency_text(p_value: float) -> str:
    """Say how often something happens by chance: "in 3 of 100 cases"."""
    if p_value >= 0.995:
        return "nearly always"
    if p_value >= 0.01:
        return f"in {100 * p_value:.0f} of 100 cases"
    return f"in {1000 * p_value:.0f} of 1,000 cases" if p_value >= 0.001 else "hardly ever"


def chance_sentence(p_value: float) -> str:
    """Say in a sentence how often chance would make a difference as large as was found."""
    return f"A difference this large happens by chance {frequency_text(p_value)}."


def chance_p_value(n_correct: int, n_images: int, n_classes: int) -> float:
    """How often a die with a side for each class would be right as often, or more often, 0..1.

    The upper tail of the binomial distribution with ``1 / n_classes``.
    """
    return binomial_tail(n_correct, n_images, 1 / n_classes)


def binomial_tail(at_least: int, n: int, p: float) -> float:
    """Probability of `at_least` or more successes in `n` tries that succeed with `p`.

    Terms are added as logarithms, relative to the largest: none of them overflows.
    """
    if at_least <= 0:
        return 1.0
    if at_least > n:
        return 0.0
    logs = _binomial_logs(np.arange(at_least, n + 1), n, p)
    largest = float(logs.max())
    return min(1.0, math.exp(largest) * float(np.exp(logs - largest).sum()))


def _binomial_logs(k: np.ndarray, n: int, p: float) -> np.ndarray:
    """Logarithm of the probability of exactly `k` successes in `n` tries; float64, as `k`."""
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    logs = factorials[n] - factorials[k] - factorials[n - k]
    return np.asarray(logs + k * math.log(p) + (n - k) * math.log1p(-p))


def mcnemar(first: np.ndarray, second: np.ndarray) -> McNemar:
    """Compare two networks by the images that only one of them has right (McNemar 1947).

    If both were equally good, each such image would fall to either like a coin; the
    exact two-sided test asks how often a coin is as one-sided as this.

    Parameters
    ----------
    first, second : bool arrays, shape (n_images,)
        Whether each prediction is right; the same images in the same order.
    """
    return mcnemar_of_counts(int((first & ~second).sum()), int((~first & second).sum()))


def mcnemar_of_counts(only_first: int, only_second: int) -> McNemar:
    """Compare by how many images only one of the two has right; see `mcnemar`."""
    n = only_first + only_second
    p_value = min(1.0, 2 * binomial_tail(max(only_first, only_second), n, 0.5)) if n else 1.0
    return McNemar(only_first, only_second, p_value)
