"""Figures of experiments: bars that are short can be seen."""

from __future__ import annotations

import pytest

from ann_core.experiments.conclusion import Figure, Line
from ann_core.plots.experiment_plots import result_figure


def bars(value: float, *, high: float, chance: float | None) -> Figure:
    line = Line(name="dense", y=(value,), low=(0.0,), high=(high,))
    return Figure(kind="bars", chance=chance, lines=(line,))


@pytest.mark.parametrize(
    ("high", "chance", "end"),
    [(0.026, None, 0.05), (0.057, None, 0.1), (0.19, None, 0.2), (0.6, None, 1), (0.3, 0.1, 1)],
)
def test_the_axis_ends_near_the_longest_bar_unless_chance_is_on_it(
    high: float, chance: float | None, end: float
) -> None:
    chart = result_figure(bars(0.02, high=high, chance=chance))

    assert chart["layer"][0]["encoding"]["x"]["scale"] == {"domain": [0, end]}
