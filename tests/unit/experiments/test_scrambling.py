"""Scrambling only moves pixels, and to a dense network it changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.config import content_key
from ann_core.datasets.dataset import Dataset
from ann_core.evaluation.exported_weights import DenseWeights
from ann_core.experiments.examples import example_strip, image_kinds
from ann_core.imaging.preprocessing import (
    PreprocessConfig,
    flatten,
    pixel_order,
    scramble,
    scrambled_columns,
)
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.run import RunConfig

COLOUR = PreprocessConfig(image_size=(9, 12), mode="rgb", scramble_seed=5)


@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_every_pixel_is_there_once_and_can_be_put_back(mode: str) -> None:
    config = PreprocessConfig.parse(COLOUR.model_dump() | {"mode": mode})
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, config.image_shape, dtype=np.uint8)
    order = pixel_order(config)

    scrambled = scramble(image, config)

    assert sorted(order) == list(range(9 * 12))
    assert not np.array_equal(scrambled, image)
    back = scrambled.reshape(-1, config.n_channels)[np.argsort(order)].reshape(image.shape)
    assert np.array_equal(back, image)
    rows = flatten(image[np.newaxis])
    assert np.array_equal(rows[:, scrambled_columns(config)], flatten(scrambled[np.newaxis]))


def test_without_a_seed_all_stays_and_stored_settings_keep_their_name() -> None:
    plain = PreprocessConfig(image_size=(9, 12))

    assert list(pixel_order(plain)) == list(range(9 * 12))
    assert "scramble_seed" not in plain.model_dump(mode="json")
    assert plain.key() == content_key(plain.model_dump(mode="json", exclude={"scramble_seed"}))
    assert plain.key() != COLOUR.model_copy(update={"mode": "gray"}).key()


def test_weights_that_move_along_give_the_same_probabilities() -> None:
    rng = np.random.default_rng(1)
    shapes = [(COLOUR.n_features, 40), (40, 8), (8, 3)]
    weights = DenseWeights(
        [rng.normal(0, 0.3, shape).astype(np.float32) for shape in shapes],
        [rng.normal(0, 0.3, shape[1]).astype(np.float32) for shape in shapes],
    )
    features = rng.integers(0, 256, (50, COLOUR.n_features), dtype=np.uint8)
    order = scrambled_columns(COLOUR)

    moved = weights.with_moved_inputs(order).probabilities(features[:, order])

    assert np.abs(moved - weights.probabilities(features)).max() < 1e-5
    assert np.abs(weights.probabilities(features[:, order]) - moved).max() > 0.01


def test_both_kinds_of_picture_are_shown_pixel_for_pixel(dataset: Dataset) -> None:
    plan = [
        PlannedRun(
            role=str(seed), config=RunConfig(dataset="x", fingerprint="f", preprocess=pixels)
        )
        for seed in (0, 3)
        for pixels in (PreprocessConfig(image_size=(8, 9), scramble_seed=seed),)
    ]
    kinds = image_kinds(tuple(plan))
    assert list(kinds) == ["as they are", "scrambled"]
    assert image_kinds(tuple(plan[:1])) == {}

    plain, scrambled = (example_strip(dataset, each.preprocess) for each in kinds.values())

    assert plain.shape == scrambled.shape and plain.shape[0] == 8 * 4
    assert not np.array_equal(plain, scrambled)
    first, other = (strip[: 8 * 4, : 9 * 4] for strip in (plain, scrambled))
    assert np.array_equal(np.sort(first, axis=None), np.sort(other, axis=None))
