"""Neighbours of a pixel: where NumPy puts them, and how they light up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from ann_core.errors import ShapeError
from ann_core.imaging.adjacency import neighbours
from ann_core.imaging.preprocessing import PreprocessConfig, flatten
from ann_core.plots.pixel_neighbours import COLOURS, close_up, describe_line, line_chart, overview

GRAY = PreprocessConfig(image_size=(8, 10))
COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")


def noise(config: PreprocessConfig) -> np.ndarray:
    shape = (*config.image_size, config.n_channels)
    values = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return values[:, :, 0] if config.mode == "gray" else values


def colour(direction: str) -> tuple[int, ...]:
    return ImageColor.getrgb(COLOURS[direction])  # type: ignore[index]


@pytest.mark.parametrize(("mode", "beside", "below"), [("gray", 1, 96), ("rgb", 3, 288)])
def test_in_a_image_of_96_pixels_they_lie_1_and_96_away(mode: str, beside: int, below: int) -> None:
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


@pytest.mark.parametrize("config", [GRAY, COLOUR])
def test_in_the_overview_the_five_pixels_light_up(config: PreprocessConfig) -> None:
    touching = neighbours(config, 3, 4)
    drawn = overview(noise(config), touching, factor=3)
    assert drawn.shape == (24, 30, 3)
    small = drawn[::3, ::3]
    np.testing.assert_array_equal(small.repeat(3, axis=0).repeat(3, axis=1), drawn)
    for one in touching:
        assert tuple(small[one.row, one.column]) == colour(one.direction)
    lit = {colour(one.direction) for one in touching}
    others = [tuple(small[y, x]) for y in range(8) for x in range(10)]
    assert sum(one in lit for one in others) == 5


@pytest.mark.parametrize("config", [GRAY, COLOUR])
@pytest.mark.parametrize("index", [(4, 5), (0, 0), (7, 9)])
def test_close_up_the_pixels_are_as_they_are(
    config: PreprocessConfig, index: tuple[int, int]
) -> None:
    image = noise(config)
    touching = neighbours(config, *index)
    drawn = close_up(image, touching, side=180)
    top, left = max(0, index[0] - 4), max(0, index[1] - 4)
    cut = image[top : index[0] + 5, left : index[1] + 5]
    assert drawn.shape == (20 * cut.shape[0], 20 * cut.shape[1], 3)
    middles = drawn[10::20, 10::20]
    np.testing.assert_array_equal(middles, cut if cut.ndim == 3 else np.stack([cut] * 3, axis=2))
    frames = drawn[::20, ::20]
    for one in touching:
        assert tuple(frames[one.row - top, one.column - left]) == colour(one.direction)


def test_the_image_itself_is_not_changed() -> None:
    image = noise(COLOUR)
    before = image.copy()
    overview(image, neighbours(COLOUR, 3, 4), factor=2)
    close_up(image, neighbours(COLOUR, 3, 4), side=90)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("config", [GRAY, COLOUR])
def test_the_line_shows_the_stretch_that_holds_all_of_them(config: PreprocessConfig) -> None:
    flat = noise(config).ravel()
    touching = neighbours(config, 4, 5)
    flags, bars = line_chart(flat, touching, n_channels=config.n_channels)["layer"]
    values = bars["data"]["values"]
    first = touching[0].index - 6
    assert [one["value"] for one in values] == flat[first : first + len(values)].tolist()
    assert len(values) == 2 * config.line_length + config.n_channels + 12
    assert {one["neighbour"]: one["place"] for one in flags["data"]["values"]} == {
        one.direction: one.index for one in touching
    }
    words = {"above": config.line_length, "left": config.n_channels}
    words |= {"right": config.n_channels, "below": config.line_length}
    distances = ", ".join(f"{name} {n}" for name, n in words.items())
    assert describe_line(touching) == f"Distances in the row of numbers: {distances}"


def test_the_line_ends_where_the_row_ends() -> None:
    flat = noise(GRAY).ravel()
    for index in ((0, 0), (7, 9)):
        _, bars = line_chart(flat, neighbours(GRAY, *index), n_channels=1)["layer"]
        drawn = [one["place"] for one in bars["data"]["values"]]
        assert min(drawn) >= 0
        assert max(drawn) < 80
