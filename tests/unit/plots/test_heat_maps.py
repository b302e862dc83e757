"""Values as colours: each has the colour of its place on the scale."""

from __future__ import annotations

import numpy as np
from PIL import ImageColor

from ann_core.plots.heat_maps import (
    NEUTRAL,
    colour_bar,
    diverging_colours,
    even_span,
    heat_map,
    span_of,
)
from ann_core.plots.theme import CLASS_COLOURS


def test_a_heat_map_gives_each_value_the_colour_of_its_place() -> None:
    values = np.random.default_rng(0).uniform(-20, 120, (9, 7))
    colours = np.random.default_rng(1).integers(0, 256, (101, 3), dtype=np.uint8)
    drawn = heat_map(values, (0.0, 100.0), colours)
    for value, colour in zip(values.ravel(), drawn.reshape(-1, 3), strict=True):
        assert colour.tolist() == colours[round(min(max(value, 0), 100))].tolist()
    flat = heat_map(np.full((2, 2), 5.0), (5.0, 5.0), colours)
    assert (flat == colours[0]).all(), "equal ends are no reason to fail"


def test_differences_are_blue_above_zero_orange_below_and_neutral_at_zero() -> None:
    difference = np.array([[-8.0, 0.0, 4.0, 8.0]])
    [low, none, half, high] = heat_map(difference, even_span(difference), diverging_colours())[0]
    blue, orange, neutral = (
        np.array(ImageColor.getrgb(name)) for name in (CLASS_COLOURS[0], CLASS_COLOURS[1], NEUTRAL)
    )
    assert (low == orange).all()
    assert (none == neutral).all()
    assert (high == blue).all()
    assert np.abs(half - (blue + neutral) / 2).max() <= 1
    assert even_span(np.array([[-1.0, 3.0]])) == (-3.0, 3.0)


def test_images_on_one_scale_have_the_ends_of_both() -> None:
    first, second = np.array([[1.0, np.nan]]), np.array([[-2.0, 0.5]])
    assert span_of(first, second) == (-2.0, 1.0)
    assert span_of(np.full((2, 2), np.nan)) == (0.0, 0.0)


def test_the_scale_shows_all_colours_from_first_to_last() -> None:
    colours = diverging_colours()
    bar = colour_bar(colours, width=len(colours), height=3)
    assert bar.shape == (3, len(colours), 3)
    assert (bar == colours).all()
