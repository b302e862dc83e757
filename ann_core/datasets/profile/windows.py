"""Find pictures that may be part of another one, or its mirror image, without trying all pairs.

Every picture is hashed as a whole and in 255 windows, which leave out up to 15 % at each side. What
was cut out of a picture has nearly the hash of one of its windows. A hash is the signs of the 8 x 8
lowest waves of the cosine transform: seen in a mirror, every second wave changes its sign, so the
hash of the mirror image costs nothing. Hashes that agree in some of the lowest waves are found by
a table (locality-sensitive hashing; Indyk and Motwani, "Approximate Nearest Neighbors", 1998).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ann_core.datasets.profile.hashing import GIST_SIDE, N_WAVES
from ann_core.files import ProgressCallback, no_progress

MARGINS = (0.0, 0.05, 0.1, 0.15)  # of a side, that a window leaves out
MAX_BITS = 10  # of 63 by which a part and its window may differ
N_TURNS = 4  # quarters, anticlockwise, as np.rot90 counts them

_SIDES = [(near, far) for near in MARGINS for far in MARGINS]
_WHOLE = 0  # the window that leaves nothing out
_N_TABLES, _N_KEY_BITS = 6, 18
_SPARE = 5  # bits by which a key is longer than what is needed to number the hashes
_LOWEST = 7  # row and column together: waves that keep their sign if a window is not quite right
_MOST_IN_KEY = 32  # a key that more pictures share tells nothing
_MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number: spreads keys over the table
_BLOCK = 128


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of a picture and what may have been made of it.

    Attributes
    ----------
    whole, part : int64 arrays, shape (n,)
        Places of the pictures.
    margins : float32 array, shape (n, 4)
        Left out at the left, right, top and bottom of `whole`, as shares of its sides.
    turned : int64 array, shape (n,)
        Quarters to turn `part` by, after mirroring, so that it lies as `whole` does.
    mirrored : bool array, shape (n,)
        Whether `part` is to be mirrored.
    """

    whole: np.ndarray
    part: np.ndarray
    margins: np.ndarray
    turned: np.ndarray
    mirrored: np.ndarray

    def __len__(self) -> int:
        return len(self.whole)

    def take(self, chosen: np.ndarray) -> Candidates:
        """Only some of them."""
        return Candidates(
            *(self.whole[chosen], self.part[chosen], self.margins[chosen]),
            *(self.turned[chosen], self.mirrored[chosen]),
        )


def find_candidates(small: np.ndarray, progress: ProgressCallback = no_progress) -> Candidates:
    """Find pairs whose hashes are near enough to be looked at.

    Parameters
    ----------
    small : float32 array, shape (n_images, 32, 32)
        As `ann_core.datasets.profile.hashing.gists` gives them.

    Returns
    -------
    Candidates
        Each pair and orientation once, with its best window. A pair that needs no window, no
        mirror and no turn is not among them: it is an ordinary near duplicate.
    """
    n_images = len(small)
    # Orientation: 2 * quarters + mirrored. Those that are turned are looked for as a whole only.
    orientations = np.stack([_hashes(_oriented(small, o), _SIDES[:1])[:, 0] for o in range(8)])
    tables = _Tables.of(orientations[:2].ravel()), _Tables.of(orientations[2:].ravel())
    pairs = []
    for start in range(0, n_images, _BLOCK):
        hashes = _hashes(small[start : start + _BLOCK], _SIDES)
        for table, of_table, first in ((tables[0], hashes, 0), (tables[1], hashes[:, :1], 2)):
            for positions, queries, bits in table.near(of_table):
                rows, windows = np.divmod(positions, of_table.shape[1])
                orientation, part = np.divmod(queries, n_images)
                orientation += first
                fits = (part != rows + start) & ((windows != _WHOLE) | (orientation != 0))
                columns = (rows + start, part, orientation, windows, bits)
                pairs.append(np.stack([column[fits] for column in columns], axis=1))
        progress(min(start + _BLOCK, n_images), n_images)
    return _best(np.concatenate(pairs) if pairs else np.empty((0, 5), dtype=np.int64))


def _best(pairs: np.ndarray) -> Candidates:
    """Keep the nearest window of each pair and orientation; the nearest pairs come first."""
    whole, part, orientation, windows, bits = pairs.T
    order = np.lexsort((windows, bits, orientation, part, whole))
    pairs = pairs[order]
    is_first = np.ones(len(pairs), dtype=bool)
    is_first[1:] = (pairs[1:, :3] != pairs[:-1, :3]).any(axis=1)
    pairs = pairs[is_first]
    pairs = pairs[np.argsort(pairs[:, 4], kind="stable")]
    whole, part, orientation, windows, bits = pairs.T
    rows, columns = np.divmod(windows, len(_SIDES))
    sides = np.asarray(_SIDES, dtype=np.float32)
    margins = np.concatenate([sides[columns], sides[rows]], axis=1)
    return Candidates(whole, part, margins, orientation // 2, orientation % 2 == 1)


def _oriented(small: np.ndarray, orientation: int) -> np.ndarray:
    mirrored = small[:, :, ::-1] if orientation % 2 else small
    return np.rot90(mirrored, orientation // 2, axes=(1, 2))


def _hashes(small: np.ndarray, sides: list[tuple[float, float]]) -> np.ndarray:
    """uint64 array, shape (n_images, n_sides**2): a hash of every window.

    Rows are by the margins at top and bottom, then left and right. The waves of a window are
    integrals over parts of pixels, so no picture is resampled.
    """
    waves = np.concatenate([_waves(near, far) for near, far in sides])
    n_sides, out = len(sides), np.empty((len(small), len(sides) ** 2), dtype=np.uint64)
    for start in range(0, len(small), _BLOCK):
        values = waves @ small[start : start + _BLOCK] @ waves.T
        values = values.reshape(-1, n_sides, N_WAVES, n_sides, N_WAVES).transpose(0, 1, 3, 2, 4)
        bits = np.ascontiguousarray(values > 0).reshape(-1, n_sides**2, N_WAVES**2)
        bits[:, :, 0] = False  # the brightness
        packed = np.packbits(bits, axis=-1, bitorder="little")
        out[start : start + _BLOCK] = packed.view("<u8")[..., 0]
    return out


def _waves(near: float, far: float) -> np.ndarray:
    """float32 array, shape (8, 32): the lowest waves of a window, integrated over each pixel."""
    edges = np.clip(np.linspace(0.0, 1.0, GIST_SIDE + 1), near, 1.0 - far)
    within = (edges - near) / (1.0 - near - far)
    waves = [np.diff(within)]
    waves += [np.diff(np.sin(np.pi * n * within)) / (np.pi * n) for n in range(1, N_WAVES)]
    return np.stack(waves).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Tables:
    """Hashes by some of their bits, several times.

    Attributes
    ----------
    hashes : uint64 array, shape (n,)
    masks : uint64 array, shape (6,)
        Bits that make a key.
    n_bits : int
        Length of a key.
    orders, starts, counts : lists of int64 arrays
        Places of the hashes by key; where each key's begin, and how many it has.
    """

    hashes: np.ndarray
    masks: np.ndarray
    n_bits: int
    orders: list[np.ndarray]
    starts: list[np.ndarray]
    counts: list[np.ndarray]

    @classmethod
    def of(cls, hashes: np.ndarray) -> _Tables:
        rows, columns = np.divmod(np.arange(N_WAVES**2), N_WAVES)
        lowest = np.flatnonzero(rows + columns <= _LOWEST)[1:].astype(np.uint64)
        rng = np.random.default_rng(0)
        drawn = [rng.choice(lowest, _N_KEY_BITS, replace=False) for _ in range(_N_TABLES)]
        masks = np.array([(np.uint64(1) << bits).sum(dtype=np.uint64) for bits in drawn])
        n_bits = len(hashes).bit_length() + _SPARE
        orders, starts, counts = [], [], []
        for mask in masks:
            keys = _keys(hashes, mask, n_bits)
            orders.append(np.argsort(keys, kind="stable"))
            size = np.bincount(keys, minlength=1 << n_bits)
            starts.append(np.cumsum(size) - size)
            counts.append(np.where(size <= _MOST_IN_KEY, size, 0))
        return cls(hashes, masks, n_bits, orders, starts, counts)

    def near(self, hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Places among `hashes` and in the table that differ in few bits, and in how many."""
        flat = hashes.ravel()
        for mask, order, start, count in zip(
            self.masks, self.orders, self.starts, self.counts, strict=True
        ):
            keys = _keys(flat, mask, self.n_bits)
            positions = np.flatnonzero(count[keys])
            sizes = count[keys[positions]]
            ends = np.cumsum(sizes)
            within = np.arange(int(sizes.sum())) - np.repeat(ends - sizes, sizes)
            queries = order[np.repeat(start[keys[positions]], sizes) + within]
            positions = np.repeat(positions, sizes)
            bits = np.bitwise_count(flat[positions] ^ self.hashes[queries])
            near = bits <= MAX_BITS
            yield positions[near], queries[near], bits[near]


def _keys(hashes: np.ndarray, mask: np.uint64, n_bits: int) -> np.ndarray:
    return (((hashes & mask) * _MIX) >> np.uint64(64 - n_bits)).astype(np.int64)
