"""Training images near an image: found by all distances, each with its true class."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.errors import RunError
from ann_core.evaluation.embeddings import Embeddings
from ann_core.evaluation.nearest_images import (
    distance_beyond_training,
    distance_text,
    nearest_embeddings,
    nearest_inputs,
)
from ann_core.evaluation.run_inputs import RunInputs
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.imaging.preprocessing import PreprocessConfig

N_IMAGES, K = 30, 5
CONFIG = PreprocessConfig(image_size=(8, 8))
RNG = np.random.default_rng(0)
TABLE = RNG.integers(0, 256, (N_IMAGES, 64), dtype=np.uint8)
ORDER = RNG.permutation(N_IMAGES)
LABELS = np.arange(N_IMAGES) % 3


@pytest.fixture
def inputs() -> RunInputs:
    return RunInputs(TABLE, np.arange(N_IMAGES) + 100, CONFIG)


@pytest.fixture
def predictions() -> Predictions:
    """Of 20 training images and 10 test images, in no order; the class follows from the row."""
    return Predictions(
        probabilities=np.full((N_IMAGES, 3), 1 / 3, dtype=np.float32),
        labels=LABELS[ORDER],
        splits=np.where(ORDER < 20, "train", "test"),
        rows=ORDER + 100,
        feature_rows=ORDER,
    )


def test_nearest_in_pixel_space_are_training_images(
    inputs: RunInputs, predictions: Predictions
) -> None:
    query = TABLE[25]
    far = np.linalg.norm(TABLE[:20].astype(float) - query, axis=1)
    expected = np.argsort(far)[:K]
    near = nearest_inputs(query, inputs, predictions, k=K)
    assert near.rows.tolist() == (expected + 100).tolist()
    assert near.labels.tolist() == LABELS[expected].tolist()
    assert near.distances == pytest.approx(far[expected])
    assert len(near) == K
    assert [near.n_of_class(label) for label in range(3)] == np.bincount(
        LABELS[expected], minlength=3
    ).tolist()


def test_nearest_in_the_hidden_layer_are_those_that_were_kept(predictions: Predictions) -> None:
    kept = np.array([2, 3, 7, 11, 13, 19])
    embeddings = Embeddings(RNG.normal(size=(6, 4)).astype(np.float32), kept)
    query = RNG.normal(size=4).astype(np.float32)
    far = np.linalg.norm(embeddings.values.astype(float) - query, axis=1)
    near = nearest_embeddings(query, embeddings, predictions, k=K)
    assert near.rows.tolist() == (kept[np.argsort(far)[:K]] + 100).tolist()
    assert near.labels.tolist() == LABELS[near.rows - 100].tolist()
    assert near.distances == pytest.approx(np.sort(far)[:K], rel=1e-6)


def test_an_image_far_from_all_training_images_tells_how_far(
    inputs: RunInputs, predictions: Predictions
) -> None:
    query = TABLE[25]
    closest = np.linalg.norm(TABLE[:20].astype(float) - query, axis=1).min()
    beyond = distance_beyond_training(query, inputs, predictions, limit=closest - 1)
    assert beyond == pytest.approx(closest)
    assert distance_beyond_training(query, inputs, predictions, limit=closest + 1) is None


def test_without_training_images_there_are_none_to_find(predictions: Predictions) -> None:
    test = np.arange(20, 30)
    inputs = RunInputs(TABLE[test], test + 100, CONFIG)
    with pytest.raises(RunError, match="These pictures are not here"):
        nearest_inputs(TABLE[0], inputs, predictions, k=K)
    with pytest.raises(RunError, match="These pictures are not here"):
        distance_beyond_training(TABLE[0], inputs, predictions, limit=1.0)


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (0.0, "0"),
        (0.12345, "0.123"),
        (7.0, "7"),
        (99.94, "99.9"),
        (100.4, "100"),
        (1234.5, "1,234"),
    ],
)
def test_distances_have_three_digits_or_no_decimals(distance: float, text: str) -> None:
    assert distance_text(distance) == text
