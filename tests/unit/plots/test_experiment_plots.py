"""Figures of experiments: bars that are short can be seen."""

from __future__ import annotations

import pytest

from ann_core.experiments.conclusion import Figure, Line
from ann_core.experiments.definition import Bet
from ann_core.plots.experiment_plots import draws_bet, result_figure


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


def test_a_bet_is_drawn_beside_the_bars_that_it_names_and_not_beyond_the_axis() -> None:
    figure = bars(0.02, high=0.04, chance=None)
    named = Bet("more", "It is more", {"dense": (0.18,), "convolution": (0.9,)})

    *_, ticks = result_figure(figure, named)["layer"]

    assert ticks["mark"]["type"] == "tick"
    [tick] = ticks["data"]["values"]
    assert (tick["line"], tick["value"]) == ("dense", 0.18)
    domain = result_figure(figure, named)["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain == [0, 0.2]
    assert draws_bet(figure, named)
    other = Bet("other", "Nothing here", {"convolution": (0.9,)})
    assert not draws_bet(figure, other)
    assert len(result_figure(figure, other)["layer"]) == len(result_figure(figure)["layer"])
