"""Standardising: what scikit-learn's transform gives with the same mean and deviation."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from ann_core.imaging.standardizer import Standardiser

VALUES = np.random.default_rng(0).integers(0, 256, (30, 12), dtype=np.uint8)


@pytest.mark.parametrize("chosen", [VALUES, VALUES[:1], VALUES[7], VALUES.reshape(5, 6, 12)])
def test_it_transforms_as_scikit_learn_does(chosen: np.ndarray) -> None:
    peer = StandardScaler().fit(VALUES)
    scaled = Standardiser(peer.mean_, peer.scale_).apply(chosen)
    assert scaled.dtype == np.float64
    assert scaled.shape == chosen.shape
    expected = peer.transform(chosen.reshape(-1, 12))
    np.testing.assert_allclose(scaled.reshape(-1, 12), expected, rtol=1e-12, atol=1e-12)
