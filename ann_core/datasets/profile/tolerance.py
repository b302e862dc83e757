"""How far from 1 the correlation of copies may be: it depends on how alike a set's images are."""

from __future__ import annotations

import numpy as np

MIN_TOLERANCE, MAX_TOLERANCE = 0.005, 0.03  # of 1 - correlation
NEARER = 10  # times as near as images of this set usually are to their fifth nearest

_N_SAMPLED, _RANK, _BLOCK = 512, 5, 64


def tolerance(vectors: np.ndarray) -> float:
    """How far from 1 the correlation of copies may be in this data set.

    A tenth of what it usually is for an image and its fifth nearest (the median
    over at most 512 images), but 0.005 at least and 0.03 at most. The nearest
    few may be copies themselves, where all images have some.

    Parameters
    ----------
    vectors : float32 array, shape (n_images, 1024)
        As `ann_core.datasets.profile.hashing.unit_vectors` gives them.
    """
    if len(vectors) < 2:
        return MIN_TOLERANCE
    n_nearer = min(_RANK, len(vectors) - 1)
    near = []
    for start in range(0, min(_N_SAMPLED, len(vectors)), _BLOCK):
        sampled = np.arange(start, min(start + _BLOCK, _N_SAMPLED, len(vectors)))
        likeness = vectors[sampled] @ vectors.T
        likeness[np.arange(len(sampled)), sampled] = -1.0
        near.append(np.partition(likeness, -n_nearer, axis=1)[:, -n_nearer])
    usual = 1.0 - float(np.median(np.concatenate(near)))
    return min(max(usual / NEARER, MIN_TOLERANCE), MAX_TOLERANCE)
