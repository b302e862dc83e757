"""Whether weights stay near one another: the measure, and the training that drops the others."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from ann_core.experiments.locality import NEAR, measured_share, near_pairs, random_share
from ann_core.experiments.neighbours import SCRAMBLE_SEED, explain, measure
from ann_core.imaging.preprocessing import PreprocessConfig, pixel_order
from ann_core.training.beta_lasso import BETA, thin_out
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import toy_features
from tests.helpers.training import train_until

SIDE = 16
SCRAMBLED = PreprocessConfig(image_size=(SIDE, SIDE), scramble_seed=SCRAMBLE_SEED)
CENTRE = slice(4, 11)


def scattered(n_units: int = 40, share: float = 0.1) -> np.ndarray:
    return np.random.default_rng(0).random((n_units, SIDE, SIDE)) < share


def regions() -> np.ndarray:
    """Each neuron keeps a block of its own."""
    kept = np.zeros((40, SIDE, SIDE), dtype=bool)
    for unit, (row, column) in enumerate(np.random.default_rng(0).integers(0, SIDE - 4, (40, 2))):
        kept[unit, row : row + 4, column : column + 4] = True
    return kept


def one_part() -> np.ndarray:
    """All neurons keep pixels of the centre, here and there."""
    kept = np.zeros((40, SIDE, SIDE), dtype=bool)
    kept[:, CENTRE, CENTRE] = np.random.default_rng(0).random((40, 7, 7)) < 0.4
    return kept


def moved(kept: np.ndarray) -> np.ndarray:
    """The same weights, of pictures whose pixels are scrambled."""
    return kept.reshape(len(kept), -1)[:, pixel_order(SCRAMBLED)].reshape(kept.shape)


def test_near_pairs_are_those_of_scipy() -> None:
    kept = scattered(6)
    kept[0] = False
    kept[1] = False
    kept[1, 3, 3] = True
    near, pairs = near_pairs(kept)
    assert near[:2].tolist() == pairs[:2].tolist() == [0, 0]
    distances = [pdist(np.argwhere(unit)) for unit in kept[2:]]
    assert near[2:].tolist() == [(each <= NEAR).sum() for each in distances]
    assert pairs[2:].tolist() == [len(each) for each in distances]
    assert measured_share(kept).value == pytest.approx((np.concatenate(distances) <= NEAR).mean())


def test_random_places_are_as_near_as_all_pixels_are() -> None:
    expected = (pdist(np.argwhere(np.ones((SIDE, SIDE)))) <= NEAR).mean()
    drawn = random_share(regions())
    assert drawn.value == pytest.approx(expected, abs=0.01)
    assert drawn.low < expected < drawn.high
    assert random_share(one_part(), as_often=True).value > 2 * expected


@pytest.mark.parametrize(
    ("kept", "outcome"),
    [(regions(), "near"), (one_part(), "same places"), (scattered(), "anywhere")],
)
def test_each_way_to_keep_weights_is_recognised(kept: np.ndarray, outcome: str) -> None:
    measured = measure(kept, moved(kept), SCRAMBLED)
    assert measured.outcome == outcome
    assert measured.put_back == measured.kept, "put back, they are the same weights"
    assert measured.scrambled.value == pytest.approx(measured.random.value, abs=0.03)


def test_what_is_more_than_chance_and_not_twice_as_much_is_said() -> None:
    half = np.concatenate([regions()[: len(regions()) // 4], one_part()])
    measured = measure(half, moved(half), SCRAMBLED)
    assert measured.outcome == "same places" and measured.kept.value > measured.as_often.high
    share = f"{measured.as_often.value:.1%}"
    assert f"would give {share}, which is less, but more than half" in explain(
        measured.outcome, measured
    )
    alike = measure(one_part(), moved(one_part()), SCRAMBLED)
    assert "give as near pairs" in explain(alike.outcome, alike)


def test_without_a_kept_pair_there_is_nothing_to_measure() -> None:
    assert np.isnan(measured_share(np.zeros((3, SIDE, SIDE), dtype=bool)).value)


def test_a_step_descends_with_the_price_and_drops_what_is_small() -> None:
    data, strength = toy_features(20), 1e-3
    rows = data.indices("train")
    config = NetworkConfig(
        hidden_units=(),
        optimizer="sgd",
        learning_rate=0.5,
        batch_size=len(rows),
        epochs=1,
        keep="last",
    )
    model = build(config, data.n_features, 2)
    kernel = np.asarray(model.get_layer("probabilities").kernel, dtype=np.float64)
    thin_out(model, strength)
    train_until(model, data, config)

    pixels, targets = data.features[rows] / 255, np.eye(2)[data.labels[rows]]
    powers = np.exp(pixels @ kernel)
    errors = powers / powers.sum(axis=1, keepdims=True) - targets
    stepped = kernel - 0.5 * (pixels.T @ errors / len(rows) + strength * np.sign(kernel))
    expected = stepped * (np.abs(stepped) > BETA * strength)
    after = np.asarray(model.get_layer("probabilities").kernel)
    np.testing.assert_allclose(after, expected, atol=1e-6)
    assert 0 < (after == 0).mean() < 1
    assert "Threshold" not in model.to_json(), "saved, it is a network like any other"
