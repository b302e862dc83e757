"""The network that comes with Flatland: its arithmetic, and that its figures are true."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.datasets.sources.cartoons import CLASS_NAMES, CartoonConfig, draw_cartoon
from ann_core.imaging.perturbation import shift, shift_map
from ann_core.imaging.preprocessing import flatten, preprocess
from ann_core.imaging.standardizer import Standardiser
from ann_core.prediction.example_network import (
    FILE,
    PREPROCESS,
    ExampleNetwork,
    example_image,
    load_example_network,
    round_weights,
)
from scripts.train_example_network import fold

N_DRAWN = 20  # of each class; none of them is in the built-in set


@pytest.fixture(scope="module")
def network() -> ExampleNetwork:
    return load_example_network()


def test_it_is_small_enough_to_travel_with_a_page() -> None:
    assert FILE.stat().st_size < 200_000


def test_rounded_weights_are_off_by_half_a_step_at_most() -> None:
    weights = np.random.default_rng(0).normal(size=(40, 3)) * [1, 100, 1e-3]
    rounded, steps = round_weights(weights)
    assert rounded.dtype == np.int8
    assert (np.abs(rounded * steps - weights) <= steps / 2 * (1 + 1e-9)).all()


def test_it_predicts_what_the_trained_layers_do() -> None:
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, size=(5, 30)).astype(np.uint8)
    layers = [rng.normal(size=shape).astype(np.float32) for shape in ((30, 4), (4,), (4, 2), (2,))]
    standardiser = Standardiser(mean=rng.uniform(50, 200, 30), std=rng.uniform(20, 60, 30))
    folded = fold(layers, standardiser)
    network = ExampleNetwork(
        **folded, shifts=np.array([0]), accuracy=np.array([1.0]), n_train=1, n_test=1
    )
    exact = folded["weights"] * folded["steps"] * standardiser.std[:, np.newaxis]
    offset = standardiser.mean / standardiser.std @ (layers[0] - exact)  # of what was rounded
    hidden = np.maximum(standardiser.apply(images) @ exact + layers[1] - offset, 0)
    scores = np.exp(hidden @ layers[2] + layers[3])
    expected = scores / scores.sum(axis=1, keepdims=True)
    assert network.predict(images) == pytest.approx(expected, abs=1e-6)
    assert np.abs(exact - layers[0]).max() < 0.03


def test_new_drawings_are_told_apart_until_they_move(network: ExampleNetwork) -> None:
    config = CartoonConfig()
    images = [
        preprocess(draw_cartoon(name, config, 2000 + number), PREPROCESS)
        for number in range(N_DRAWN)
        for name in CLASS_NAMES
    ]
    labels = np.tile(range(len(CLASS_NAMES)), N_DRAWN)
    for pixels in network.shifts.tolist():
        moved = np.stack([shift(image, pixels, 0) for image in images])
        right = float((network.predict(flatten(moved)).argmax(axis=1) == labels).mean())
        assert right == pytest.approx(network.accuracy_at(pixels), abs=0.17)  # two errors of 40
    assert network.accuracy_at(0) - network.accuracy_at(10) > 0.17


def test_the_shown_cat_is_a_cat_and_becomes_a_dog(network: ExampleNetwork) -> None:
    image = preprocess(example_image(), PREPROCESS)
    around = shift_map(image, network.predict, farthest=10)
    assert around.probabilities.shape == (21, 21, 2)
    assert around.probabilities[10, 10, 0] > 0.99
    assert 0.2 < around.flip_rate(0) < 0.8
    assert around.probabilities[10, 20, 1] > 0.99  # ten to the right
