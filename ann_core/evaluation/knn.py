"""Which images lie nearest: in pixel space, or in a hidden layer."""

from __future__ import annotations

import mmap

import numpy as np

_BLOCK = 512  # images in memory at once
_SPARE = 8  # candidates beyond those asked for, as products of float32 are rounded


def nearest(
    queries: np.ndarray, table: np.ndarray, feature_rows: np.ndarray, *, k: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Find the `k` rows of a table that lie nearest to each query.

    Candidates are found by |a - b|² = |a|² + |b|² - 2ab, one product of matrices for all
    queries; the distances of those few are then computed without rounding.

    Parameters
    ----------
    queries : uint8 or float array, shape (n_queries, n_values)
    table : array of the same kind, shape (n_rows, n_values)
        Such as ``FeatureSet.features``; may be a memory map, a part is read at a time.
    feature_rows : int64 array
        Rows of `table` to look at.

    Returns
    -------
    feature_rows : int64 array, shape (n_queries, at most k)
        The nearest first.
    distances : float64 array of the same shape
        Euclidean.
    """
    rounded = queries.astype(np.float32)
    closeness = np.empty((len(rounded), len(feature_rows)), dtype=np.float32)
    for start in range(0, len(feature_rows), _BLOCK):
        block = np.asarray(table[feature_rows[start : start + _BLOCK]], dtype=np.float32)
        squares = np.einsum("ij,ij->i", block, block)
        closeness[:, start : start + len(block)] = 2 * (rounded @ block.T) - squares
        _release_memory(table)
    n_candidates = min(k + _SPARE, len(feature_rows))
    candidates = feature_rows[np.argsort(-closeness, axis=1, kind="stable")[:, :n_candidates]]
    distances = np.empty(candidates.shape, dtype=np.float64)
    for index, query in enumerate(queries):
        difference = table[candidates[index]].astype(np.float64) - query
        distances[index] = np.sqrt(np.square(difference).sum(axis=1))
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    nearest_rows = np.take_along_axis(candidates, order, axis=1)
    return nearest_rows, np.take_along_axis(distances, order, axis=1)


def _release_memory(table: np.ndarray) -> None:
    """Hand the pages of a memory map back: read once, they would count as this process's own.

    The operating system keeps them for the next time as long as nobody needs the space.
    """
    mapped = getattr(table, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mapped, "madvise"):  # not on Windows
        mapped.madvise(mmap.MADV_DONTNEED)


def distance_beyond(
    query: np.ndarray, table: np.ndarray, feature_rows: np.ndarray, *, limit: float
) -> float | None:
    """Tell how far the nearest row is, if none lies within `limit`.

    Most images have a row within it among the first thousand, and then nobody looks further.

    Parameters
    ----------
    query : uint8 or float array, shape (n_values,)
    table, feature_rows
        As `nearest` takes them.

    Returns
    -------
    float or None
        None as soon as a row lies within `limit`, or if there are no rows.
    """
    closest: float | None = None
    for start in range(0, len(feature_rows), _BLOCK):
        _, distances = nearest(query[np.newaxis], table, feature_rows[start : start + _BLOCK], k=1)
        distance = float(distances[0, 0])
        if distance <= limit:
            return None
        closest = distance if closest is None else min(closest, distance)
    return closest
