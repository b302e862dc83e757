"""Whether the weights that a neuron keeps lie near one another in the picture.

Near is within `NEAR` pixels, and what is counted is the share of near pairs among all pairs of
weights that a neuron keeps, of all neurons together: it does not depend on how many there are. At
random places the share is that of all pairs of pixels of the picture.
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


def near_pairs(kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the pairs of kept weights of each neuron, and the near ones among them.

    Parameters
    ----------
    kept : bool array, shape (n_units, height, width)

    Returns
    -------
    near, pairs : int64 array, shape (n_units,)
    """
    n_units, height, width = kept.shape
    padded = np.pad(kept, ((0, 0), (0, NEAR), (NEAR, NEAR)))
    near: np.ndarray = np.zeros(n_units, dtype=np.int64)
    for down, right in _steps():
        other = padded[:, down : down + height, NEAR + right : NEAR + right + width]
        near += (kept & other).sum(axis=(1, 2))
    count = kept.sum(axis=(1, 2)).astype(np.int64)
    return near, count * (count - 1) // 2


def measured_share(kept: np.ndarray, seed: int = 0) -> Share:
    """Measure the share of near pairs; the interval comes from drawing neurons again and again.

    Returns
    -------
    Share
        NaN if no neuron has a pair of kept weights.
    """
    near, pairs = near_pairs(kept)
    drawn = np.random.default_rng(seed).integers(len(kept), size=(1000, len(kept)))
    shares = _ratio(near[drawn].sum(axis=1), pairs[drawn].sum(axis=1))
    low, high = np.nanpercentile(shares, _ENDS) if pairs.any() else (np.nan, np.nan)
    return Share(float(_ratio(near.sum(), pairs.sum())), float(low), float(high))


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
    shares = []
    for _ in range(N_DRAWS):
        # The largest sums of a log chance and a Gumbel number: drawn without putting back.
        order = np.argsort(-(chance + rng.gumbel(size=flat.shape)), axis=1)
        rank = np.empty_like(order)
        np.put_along_axis(rank, order, np.arange(flat.shape[1])[np.newaxis], axis=1)
        near, pairs = near_pairs((rank < count[:, np.newaxis]).reshape(kept.shape))
        shares.append(_ratio(near.sum(), pairs.sum()))
    low, high = np.percentile(shares, _ENDS)
    return Share(float(np.mean(shares)), float(low), float(high))


def _ratio(near: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Divide, with NaN where there is no pair."""
    return np.where(pairs > 0, near / np.maximum(pairs, 1), np.nan)


def _steps() -> list[tuple[int, int]]:
    """List the steps from a pixel to its near ones, each pair of pixels once."""
    span = range(-NEAR, NEAR + 1)
    return [
        (down, right)
        for down in range(NEAR + 1)
        for right in span
        if 0 < down**2 + right**2 <= NEAR**2 and (down > 0 or right > 0)
    ]
