"""Values of layers as strips: zero is told from all others, and every place is as wide."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageColor

from ann_core.plots.heat_maps import diverging_colours
from ann_core.plots.value_strips import ZERO_COLOUR, strip, value_strips

GRAY, WHITE = ImageColor.getrgb(ZERO_COLOUR), (255, 255, 255)


def test_zero_the_largest_value_and_what_is_left_of_a_line_have_colours_of_their_own() -> None:
    colours = strip(np.array([0.0, 2.0, -2.0, 1e-9, 0.0]), 3, background="#ffffff")
    scale = diverging_colours()
    expected = [GRAY, scale[-1], scale[0], scale[127], GRAY, WHITE]
    assert colours.reshape(-1, 3).tolist() == [list(map(int, each)) for each in expected]
    assert GRAY not in {tuple(map(int, each)) for each in scale}
    silent = strip(np.zeros(2), 2, background="#ffffff")
    assert silent.tolist() == [[list(GRAY), list(GRAY)]]


def test_places_are_as_wide_in_every_layer() -> None:
    layers = [np.ones(n_units) for n_units in (600, 32, 2)]
    pngs, widths = value_strips(layers, background="#ffffff")
    assert widths == [960, 128, 8], "240 places of 4 pixels in a line"
    sizes = [Image.open(io.BytesIO(png)).size for png in pngs]
    assert [width for width, _ in sizes] == [2 * width for width in widths]
    assert [height for _, height in sizes] == [72, 24, 24]
    assert value_strips([np.ones(2)], background="#ffffff")[1] == [48]
