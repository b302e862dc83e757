"""Figures of one image's prediction show the probabilities, class by class."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.imaging.perturbation import OcclusionMap, ShiftMap
from ann_core.plots import prediction_plots, theme
from ann_core.plots.prediction_plots import bars, occlusion_figure, shift_figure
from ann_core.prediction.classifier import Prediction


def test_the_bars_are_the_probabilities() -> None:
    figure = prediction_plots.probabilities_figure(Prediction(("cat", "dog"), (0.123, 0.877)))
    [bar] = figure.data
    assert bar.x == (0.123, 0.877)
    assert bar.text == ("12.3%", "87.7%")
    assert figure.layout.yaxis.ticktext == ("cat", "dog")


def test_of_very_many_classes_the_most_probable_are_drawn() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(100))
    names = tuple(f"class {number}" for number in range(100))
    [bar] = prediction_plots.probabilities_figure(
        Prediction(names, tuple(probabilities.tolist()))
    ).data
    assert sorted(bar.x) == sorted(probabilities)[-theme.MAX_BARS :]
    first = names.index(bar.customdata[0])
    assert bar.marker.color[0] == theme.class_colour(first)


def test_bars_name_the_most_probable_classes() -> None:
    names = [f"class {n}" for n in range(30)]
    probabilities = np.linspace(0, 1, 30).tolist()
    values = bars(probabilities, names)["data"]["values"]
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
