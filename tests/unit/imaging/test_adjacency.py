"""Neighbours of a pixel: where NumPy puts them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.errors import ShapeError
from ann_core.imaging.adjacency import neighbours
from ann_core.imaging.preprocessing import PreprocessConfig, flatten

GRAY = PreprocessConfig(image_size=(8, 10))
COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")


def noise(config: PreprocessConfig) -> np.ndarray:
    shape = (*config.image_size, config.n_channels)
    values = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return values[:, :, 0] if config.mode == "gray" else values


@pytest.mark.parametrize(("mode", "beside", "below"), [("gray", 1, 96), ("rgb", 3, 288)])
def test_in_96_pixels_they_lie_1_and_96_away(mode: str, beside: int, below: int) -> None:
    touching = neighbours(PreprocessConfig.parse({"mode": mode}), 48, 20)
    assert {one.direction: one.distance for one in touching} == {
        "above": -below,
        "left": -beside,
        "here": 0,
        "right": beside,
        "below": below,
    }
    assert [one.index for one in touching] == sorted(one.index for one in touching)


@given(st.sampled_from([GRAY, COLOUR]), st.integers(0, 7), st.integers(0, 9))
def test_each_place_holds_the_value_of_its_pixel(
    config: PreprocessConfig, row: int, column: int
) -> None:
    image = noise(config).reshape(8, 10, config.n_channels)
    flat = flatten(image[np.newaxis])[0]
    for one in neighbours(config, row, column):
        assert abs(one.row - row) + abs(one.column - column) == (one.direction != "here")
        assert flat[one.index] == image[one.row, one.column, 0]


def test_at_the_edges_there_are_fewer() -> None:
    corners = {(row, column): neighbours(GRAY, row, column) for row in (0, 7) for column in (0, 9)}
    assert {index: [one.direction for one in touching] for index, touching in corners.items()} == {
        (0, 0): ["here", "right", "below"],
        (0, 9): ["left", "here", "below"],
        (7, 0): ["above", "here", "right"],
        (7, 9): ["above", "left", "here"],
    }


@pytest.mark.parametrize("index", [(-1, 0), (0, -1), (8, 0), (0, 10)])
def test_a_pixel_outside_is_refused(index: tuple[int, int]) -> None:
    with pytest.raises(ShapeError, match="within 8 rows and 10 columns, got row"):
        neighbours(GRAY, *index)
