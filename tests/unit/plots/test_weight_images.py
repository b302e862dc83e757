"""Weights as images: zero is neutral, colours lie as in the picture, and sheets keep them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from ann_core.evaluation.first_layer import (
    first_layer,
)
from ann_core.plots.heat_maps import NEUTRAL, diverging_colours
from ann_core.plots.images import array_sheet
from ann_core.plots.weight_images import ZERO, weight_images, weight_maps
from tests.helpers.kernels import COLOUR, GRAY, kernel


def test_zero_has_the_neutral_colour_and_the_ends_the_strong_ones() -> None:
    weights = np.zeros((80, 1), dtype=np.float32)
    weights[3], weights[77] = 0.5, -0.5
    [drawn] = weight_maps(first_layer(weights, GRAY), 0, GRAY)
    neutral = [int(NEUTRAL[at : at + 2], 16) for at in (1, 3, 5)]
    assert drawn.shape == (8, 10, 3)
    assert drawn[0, 3].tolist() == diverging_colours()[-1].tolist()
    assert drawn[7, 7].tolist() == diverging_colours()[0].tolist()
    assert (drawn.reshape(-1, 3)[[0, 40, 79]] == neutral).all()
    [feature_rows], colours = weight_images(first_layer(weights, GRAY), np.array([0]), GRAY)
    assert colours is not None
    assert np.array_equal(colours[feature_rows[..., 0]], drawn)


def test_a_colour_network_is_drawn_around_gray_and_channel_by_channel() -> None:
    weights = np.zeros((*COLOUR.image_size, 3, 2), dtype=np.float32)
    weights[2, 5, 0, 1], weights[2, 5, 2, 1] = 0.25, -0.25
    layer = first_layer(weights.reshape(-1, 2), COLOUR)
    [_, image], colours = weight_images(layer, np.array([0, 1]), COLOUR)
    assert colours is None
    assert image[2, 5].tolist() == [ZERO + 127, ZERO, ZERO - 127]
    assert (np.delete(image.reshape(-1, 3), 25, axis=0) == ZERO).all()
    red, green, blue = weight_maps(layer, 1, COLOUR)
    assert red[2, 5].tolist() == diverging_colours()[-1].tolist()
    assert green[2, 5].tolist() == diverging_colours()[127].tolist()
    assert blue[2, 5].tolist() == diverging_colours()[0].tolist()


def test_a_sheet_of_places_has_the_colours_of_the_sheet_of_colours() -> None:
    layer = first_layer(kernel(GRAY, 7), GRAY)
    feature_rows, colours = weight_images(layer, np.arange(7), GRAY)
    assert colours is not None
    small, gap = array_sheet(feature_rows, columns=4, background="#101114", colours=colours)
    large, same = array_sheet(colours[feature_rows[..., 0]], columns=4, background="#101114")
    assert gap == same
    both = [np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in (small, large)]
    assert np.array_equal(*both)
    assert len(small) < len(large)
