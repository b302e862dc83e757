"""The cost of a size: products that anybody can check, and NumPy's own sizes."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.size_cost import compare_sizes, size_cost
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import layer_sizes


def test_the_articles_bill() -> None:
    cost = size_cost(PreprocessConfig(), units=2048, n_images=22_498)
    assert cost.n_features == 9_216
    assert cost.n_weights == 18_874_368
    assert cost.weight_bytes == 75_497_472
    assert cost.table_bytes == 1_658_732_544
    assert cost.stored_bytes == 207_341_568


@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_it_is_what_the_arrays_take(mode: str) -> None:
    config = PreprocessConfig.parse({"image_size": (12, 9), "mode": mode})
    cost = size_cost(config, units=5, n_images=7)
    table = np.zeros((7, config.n_features))
    assert cost.table_bytes == table.nbytes
    assert cost.stored_bytes == table.astype(np.uint8).nbytes
    assert cost.weight_bytes == np.zeros((config.n_features, 5), dtype=np.float32).nbytes


def test_the_weights_are_the_networks_without_its_biases() -> None:
    config = PreprocessConfig(image_size=(32, 32))
    first = layer_sizes(NetworkConfig(hidden_units=(48,)), config.n_features, 2)[0]
    assert size_cost(config, units=48, n_images=0).n_weights == first.n_parameters - first.units


def test_other_sizes_stand_beside_the_chosen_one_once_and_in_order() -> None:
    chosen = PreprocessConfig(image_size=(40, 50), resize="pad")
    costs = compare_sizes(chosen, (32, 64), units=10, n_images=3)
    assert [(one.image_size, one.mode) for one, _ in costs] == [
        ((32, 32), "gray"),
        ((40, 50), "gray"),
        ((32, 32), "rgb"),
        ((64, 64), "gray"),
        ((64, 64), "rgb"),
    ]
    for one, cost in costs:
        assert cost == size_cost(one, units=10, n_images=3)
    again = compare_sizes(PreprocessConfig(image_size=(64, 64)), (32, 64), units=10, n_images=3)
    assert len(again) == 4
