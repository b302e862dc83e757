"""The drawing of a network: to scale, from its values to its classes."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.plots.network_diagram import describe_network, network_diagram
from ann_core.training.network_config import PRESETS, NetworkConfig
from ann_core.training.network_size import LayerSize, layer_sizes
from tests.unit.training.test_network import configs

N_FEATURES, N_CLASSES = 9_216, 2


def parts(sizes: list[LayerSize], n_features: int) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Edges of the bands, bars, and the axis with the words."""
    bands, bars = network_diagram(sizes, n_features)["layer"]
    return bands["data"]["values"], bars["data"]["values"], bars["encoding"]["y"]["axis"]


@pytest.mark.parametrize("preset", PRESETS)
def test_bars_are_as_long_as_the_root_of_their_nodes(preset: str) -> None:
    sizes = layer_sizes(PRESETS[preset], N_FEATURES, N_CLASSES)
    _, bars, _ = parts(sizes, N_FEATURES)
    units = [N_FEATURES, *PRESETS[preset].hidden_units, N_CLASSES]
    assert [bar["right"] - bar["left"] for bar in bars] == pytest.approx(
        [2 * math.sqrt(n / N_FEATURES) for n in units]
    )


@given(configs, st.integers(64, 150_528), st.integers(2, 100))
def test_bands_join_the_bars_and_are_as_dark_as_their_share(
    network: NetworkConfig, n_features: int, n_classes: int
) -> None:
    sizes = layer_sizes(network, n_features, n_classes)
    edges, bars, _ = parts(sizes, n_features)
    assert len(bars) == len(sizes) + 1
    assert len(edges) == 2 * len(sizes)
    for number, size in enumerate(sizes):
        upper, lower = (edge for edge in edges if edge["number"] == number)
        assert (upper["left"], upper["place"]) == (bars[number]["left"], bars[number]["bottom"])
        assert (lower["left"], lower["place"]) == (
            bars[number + 1]["left"],
            bars[number + 1]["top"],
        )
        assert upper["opacity"] == lower["opacity"]
        share = size.n_parameters / sum(size.n_parameters for size in sizes)
        assert upper["opacity"] == pytest.approx(0.2 + 0.7 * share)
    assert all(-1 <= edge["left"] <= 0 <= edge["right"] <= 1 for edge in edges)


def test_every_bar_and_band_has_its_words() -> None:
    sizes = layer_sizes(NetworkConfig(hidden_units=(128, 1)), N_FEATURES, N_CLASSES)
    _, _, axis = parts(sizes, N_FEATURES)
    words = axis["labelExpr"].removesuffix("[round(2 * datum.value)]")
    assert json.loads(words.replace("'", '"')) == [
        "9,216 values",
        "1,179,776 parameters, 100.0%",
        "hidden 1: 128 neurons",
        "129 parameters, under 0.1%",
        "hidden 2: 1 neuron",
        "4 parameters, under 0.1%",
        "output: 2 neurons",
    ]
    assert axis["values"] == [0, 0.5, 1, 1.5, 2, 2.5, 3]


def test_the_sentence_says_what_the_drawing_shows() -> None:
    sizes = layer_sizes(NetworkConfig(hidden_units=(3,)), 4, N_CLASSES)
    assert describe_network(sizes, 4) == (
        "The network, from 4 values down: hidden 1 of 3 neurons with 15 parameters (65.2%), output "
        "of 2 neurons with 8 parameters (34.8%)."
    )


def test_a_deep_network_is_drawn_closer() -> None:
    heights = [
        network_diagram(layer_sizes(NetworkConfig(hidden_units=(64,) * n), 64, 2), 64)["height"]
        for n in (0, 7, 16)
    ]
    assert heights == sorted(heights)
    assert heights[-1] < 600
