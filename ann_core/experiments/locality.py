"""Whether the weights that a neuron keeps lie near one another in the picture.

Near is within `NEAR` pixels, and what is counted is the share of near pairs among all pairs of
kept weights of a neuron: it does not depend on how many there are. At random places the share is
that of all pairs of pixels of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NEAR = 3
"""Pixels, as the crow flies."""

N_DRAWS = 100
_ENDS = (2.5, 97.5)  # percent: of a 95 % interval


@dataclass(frozen=True)
class Share:
    """A share of near pairs, with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def near_pairs(kept: np.ndarray) -> np.ndarray:
    """Say for each neuron which share of the pairs of its kept weights is near.

    Parameters
    ----------
    kept : bool array, shape (n_units, height, width)

    Returns
    -------
    float64 array, shape (n_units,)
        0..1; NaN of a neuron with fewer than two kept weights: it has no pair.
    """
    n_units, height, width = kept.shape
    padded = np.pad(kept, ((0, 0), (0, NEAR), (NEAR, NEAR)))
    near: np.ndarray = np.zeros(n_units, dtype=np.int64)
    for down, right in _steps():
        other = padded[:, down : down + height, NEAR + right : NEAR + right + width]
        near += (kept & other).sum(axis=(1, 2))
    count = kept.sum(axis=(1, 2)).astype(np.int64)
    pairs = count * (count - 1) // 2
    shares: np.ndarray = np.full(n_units, np.nan)
    np.divide(near, pairs, out=shares, where=pairs > 0)
    return shares


def measured_share(kept: np.ndarray, seed: int = 0) -> Share:
    """Average over neurons; the interval comes from drawing neurons again and again.

    Returns
    -------
    Share
        NaN if no neuron has a pair of kept weights.
    """
    shares = near_pairs(kept)
    shares = shares[np.isfinite(shares)]
    if not len(shares):
        return Share(np.nan, np.nan, np.nan)
    rng = np.random.default_rng(seed)
    means = shares[rng.integers(len(shares), size=(1000, len(shares)))].mean(axis=1)
    low, high = np.percentile(means, _ENDS)
    return Share(float(shares.mean()), float(low), float(high))


def random_share(kept: np.ndarray, seed: int = 0, *, as_often: bool = False) -> Share:
    """Give each neuron as many weights as it has kept, at random places, many times over.

    Parameters
    ----------
    as_often : bool
        Choose a pixel as often as the neurons of this layer keep one of its weights, and not all
        pixels alike: if all neurons keep to the same part of the picture, that alone makes
        pairs near.

    Returns
    -------
    Share
        Mean of the draws, and between which shares 95 % of them lie.
    """
    rng = np.random.default_rng(seed)
    n_units = len(kept)
    flat = kept.reshape(n_units, -1)
    often = flat.sum(axis=0) if as_often else np.ones(flat.shape[1])
    with np.errstate(divide="ignore"):
        chance = np.log(often / max(1, often.sum()))
    count = flat.sum(axis=1)
    means = []
    for _ in range(N_DRAWS):
        # The largest sums of a log chance and a Gumbel number: drawn without putting back.
        order = np.argsort(-(chance + rng.gumbel(size=flat.shape)), axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(flat.shape[1])[np.newaxis], axis=1)
        drawn = (rank < count[:, np.newaxis]).reshape(kept.shape)
        shares = near_pairs(drawn)
        means.append(shares[np.isfinite(shares)].mean() if np.isfinite(shares).any() else np.nan)
    low, high = np.percentile(means, _ENDS)
    return Share(float(np.mean(means)), float(low), float(high))


def _steps() -> list[tuple[int, int]]:
    """List the steps from a pixel to its near ones, each pair of pixels once."""
    span = range(-NEAR, NEAR + 1)
    return [
        (down, right)
        for down in range(NEAR + 1)
        for right in span
        if 0 < down**2 + right**2 <= NEAR**2 and (down > 0 or right > 0)
    ]
