"""Weights of a first layer that nobody trained, and the settings that they fit."""

from __future__ import annotations

import numpy as np

from ann_core.imaging.preprocessing import PreprocessConfig

GRAY = PreprocessConfig(image_size=(8, 10))


COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")


def kernel(preprocess: PreprocessConfig, n_units: int = 5, seed: int = 0) -> np.ndarray:
    shape = (preprocess.n_features, n_units)
    return np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32)
