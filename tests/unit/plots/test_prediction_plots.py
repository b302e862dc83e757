"""Figures of one image's prediction show the probabilities, class by class."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.imaging.perturbation import OcclusionMap, ShiftMap
from ann_core.plots import theme
from ann_core.plots.prediction_plots import (
    LARGE_BARS,
    SMALL_BARS,
    occlusion_figure,
    probabilities_chart,
    shift_figure,
)


def test_the_bars_are_the_probabilities() -> None:
    spec = probabilities_chart((0.123, 0.877), ("cat", "dog"), text_colour="#000000")
    assert [(bar["class"], bar["probability"]) for bar in spec["data"]["values"]] == [
        ("cat", 0.123),
        ("dog", 0.877),
    ]
    assert spec["encoding"]["x"]["field"] == "probability"
    _, words = spec["layer"]
    assert (words["mark"]["type"], words["mark"]["color"]) == ("text", "#000000")
    assert words["encoding"]["text"]["field"] == "probability"
    assert words["encoding"]["text"]["format"] == ".1%"
    assert spec["encoding"]["x"]["scale"]["domain"] == [0, 1]


def test_large_bars_leave_room_for_the_number_of_the_longest() -> None:
    spec = probabilities_chart((0.0, 1.0), ("cat", "dog"), LARGE_BARS, text_colour="#000000")
    assert spec["encoding"]["x"]["scale"]["range"] == [0, {"expr": "width - 40"}]
    small = probabilities_chart((0.0, 1.0), ("cat", "dog"), SMALL_BARS)
    assert small["height"] < spec["height"]


def test_the_true_class_is_named_where_it_is_known() -> None:
    spec = probabilities_chart((0.4, 0.6), ("cat", "dog"), truth=0)
    assert [bar["class"] for bar in spec["data"]["values"]] == ["cat (true class)", "dog"]


def test_of_very_many_classes_the_most_probable_are_drawn() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(100))
    names = tuple(f"class {number}" for number in range(100))
    spec = probabilities_chart(tuple(probabilities.tolist()), names)
    bars, [layer] = spec["data"]["values"], spec["layer"]
    assert sorted(bar["probability"] for bar in bars) == sorted(probabilities)[-theme.MAX_BARS :]
    first = names.index(bars[0]["class"])
    assert layer["encoding"]["color"]["scale"]["range"][0] == theme.class_colour(first)


def test_bars_name_the_most_probable_classes() -> None:
    names = [f"class {n}" for n in range(30)]
    probabilities = np.linspace(0, 1, 30).tolist()
    values = probabilities_chart(probabilities, names)["data"]["values"]
    assert [value["class"] for value in values] == names[10:]
    assert [value["probability"] for value in values] == pytest.approx(probabilities[10:], abs=1e-5)


def test_figures_show_the_numbers() -> None:
    probabilities = np.random.default_rng(0).dirichlet((1, 1, 1), size=(5, 7))
    shifts = ShiftMap(np.arange(-3, 4), np.arange(-2, 3), probabilities)
    figure = shift_figure(shifts, 1)
    assert np.array_equal(figure.data[0].z, probabilities[:, :, 1])
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 1)
    change = np.array([[-0.3, 0.1]])
    covered = occlusion_figure(OcclusionMap(4, change, 1))
    assert (covered.data[0].zmin, covered.data[0].zmax) == (-0.3, 0.3)
