"""The exact control of scrambling: weights that move along with their pixels change nothing."""

from __future__ import annotations

import numpy as np

from ann_core.evaluation.exported_weights import read_dense_weights
from ann_core.experiments.definition import FinishedRun
from ann_core.imaging.preprocessing import scrambled_columns

_N_IMAGES = 200


def largest_difference(each: FinishedRun, seed: int) -> float:
    """Scramble pictures, move the first weights along, and compare the probabilities.

    The pictures are noise: the sums must agree whatever is in them.
    """
    weights = read_dense_weights(each.folder)
    config = each.run.config.preprocess.model_copy(update={"scramble_seed": seed})
    order = scrambled_columns(config)
    rng = np.random.default_rng(0)
    features = rng.integers(0, 256, (_N_IMAGES, config.n_features), dtype=np.uint8)
    moved = weights.with_moved_inputs(order).probabilities(features[:, order])
    return float(np.abs(moved - weights.probabilities(features)).max())
