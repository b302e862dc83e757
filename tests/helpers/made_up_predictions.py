"""Predictions of networks that never were."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from ann_core.evaluation.stored_predictions import Predictions

NAMES = ("cat", "dog", "fox", "owl")


@st.composite
def answered(draw: st.DrawFn) -> tuple[Predictions, tuple[str, ...]]:
    """Answers on three splits; some classes are never answered, or never true."""
    names = NAMES[: draw(st.integers(2, 4))]
    n_images = draw(st.integers(6, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    raw = rng.uniform(0.01, 1, (n_images, len(names))).round(draw(st.integers(1, 6)))
    raw[:, draw(st.integers(0, len(names) - 1))] = 0.005
    labels = rng.integers(0, draw(st.integers(1, len(names))), n_images)
    splits = np.array(["train", "validation", "test"])[np.arange(n_images) % 3]
    probabilities = (raw / raw.sum(axis=1, keepdims=True)).astype(np.float32)
    feature_rows = np.arange(n_images)
    return Predictions(probabilities, labels, splits, feature_rows, feature_rows), names
