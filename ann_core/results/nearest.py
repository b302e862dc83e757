"""Which pictures lie nearest: in pixel space, or in a hidden layer."""

from __future__ import annotations

import numpy as np

_BLOCK = 1024  # pictures in memory at once
_SPARE = 8  # candidates beyond those asked for, as products of float32 are rounded


def nearest(
    queries: np.ndarray, table: np.ndarray, places: np.ndarray, *, k: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Find the `k` rows of a table that lie nearest to each query.

    Candidates are found by |a - b|² = |a|² + |b|² - 2ab, one product of matrices for all
    queries; the distances of those few are then computed without rounding.

    Parameters
    ----------
    queries : uint8 or float array, shape (n_queries, n_values)
    table : array of the same kind, shape (n_rows, n_values)
        Such as ``FeatureSet.features``; may be a memory map, a part is read at a time.
    places : int64 array
        Rows of `table` to look at.

    Returns
    -------
    places : int64 array, shape (n_queries, at most k)
        The nearest first.
    distances : float64 array of the same shape
        Euclidean.
    """
    asked = queries.astype(np.float32)
    closeness = np.empty((len(asked), len(places)), dtype=np.float32)
    for start in range(0, len(places), _BLOCK):
        block = np.asarray(table[places[start : start + _BLOCK]], dtype=np.float32)
        squares = np.einsum("ij,ij->i", block, block)
        closeness[:, start : start + len(block)] = 2 * (asked @ block.T) - squares
    n_candidates = min(k + _SPARE, len(places))
    found = np.argsort(-closeness, axis=1, kind="stable")[:, :n_candidates]
    exact = np.empty(found.shape, dtype=np.float64)
    for row, query in enumerate(queries):
        difference = table[places[found[row]]].astype(np.float64) - query
        exact[row] = np.sqrt(np.square(difference).sum(axis=1))
    order = np.argsort(exact, axis=1, kind="stable")[:, :k]
    return places[np.take_along_axis(found, order, axis=1)], np.take_along_axis(
        exact, order, axis=1
    )
