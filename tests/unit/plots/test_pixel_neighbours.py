"""A pixel and its neighbours light up, on the image and on the row of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageColor

from ann_core.imaging.adjacency import neighbours
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.pixel_neighbours import COLOURS, close_up, describe_line, line_chart, overview

GRAY = PreprocessConfig(image_size=(8, 10))
COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")


def noise(config: PreprocessConfig) -> np.ndarray:
    shape = (*config.image_size, config.n_channels)
    values = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return values[:, :, 0] if config.mode == "gray" else values


def colour(direction: str) -> tuple[int, ...]:
    return ImageColor.getrgb(COLOURS[direction])  # type: ignore[index]


@pytest.mark.parametrize("config", [GRAY, COLOUR])
def test_in_the_overview_the_five_pixels_light_up(config: PreprocessConfig) -> None:
    marks = neighbours(config, 3, 4)
    drawn = overview(noise(config), marks, factor=3)
    assert drawn.shape == (24, 30, 3)
    small = drawn[::3, ::3]
    np.testing.assert_array_equal(small.repeat(3, axis=0).repeat(3, axis=1), drawn)
    for mark in marks:
        assert tuple(small[mark.row, mark.column]) == colour(mark.direction)
    lit = {colour(mark.direction) for mark in marks}
    pixels = [tuple(small[y, x]) for y in range(8) for x in range(10)]
    assert sum(each in lit for each in pixels) == 5


@pytest.mark.parametrize("config", [GRAY, COLOUR])
@pytest.mark.parametrize("index", [(4, 5), (0, 0), (7, 9)])
def test_close_up_the_pixels_are_as_they_are(
    config: PreprocessConfig, index: tuple[int, int]
) -> None:
    image = noise(config)
    marks = neighbours(config, *index)
    drawn = close_up(image, marks, side=180)
    top, left = max(0, index[0] - 4), max(0, index[1] - 4)
    cut = image[top : index[0] + 5, left : index[1] + 5]
    assert drawn.shape == (20 * cut.shape[0], 20 * cut.shape[1], 3)
    middles = drawn[10::20, 10::20]
    np.testing.assert_array_equal(middles, cut if cut.ndim == 3 else np.stack([cut] * 3, axis=2))
    frames = drawn[::20, ::20]
    for mark in marks:
        assert tuple(frames[mark.row - top, mark.column - left]) == colour(mark.direction)


def test_the_image_itself_is_not_changed() -> None:
    image = noise(COLOUR)
    before = image.copy()
    overview(image, neighbours(COLOUR, 3, 4), factor=2)
    close_up(image, neighbours(COLOUR, 3, 4), side=90)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("config", [GRAY, COLOUR])
def test_the_line_shows_the_stretch_that_holds_all_of_them(config: PreprocessConfig) -> None:
    flat = noise(config).ravel()
    marks = neighbours(config, 4, 5)
    flags, bars = line_chart(flat, marks, n_channels=config.n_channels)["layer"]
    values = bars["data"]["values"]
    first = marks[0].index - 6
    assert [each["value"] for each in values] == flat[first : first + len(values)].tolist()
    assert len(values) == 2 * config.line_length + config.n_channels + 12
    assert {flag["neighbour"]: flag["place"] for flag in flags["data"]["values"]} == {
        mark.direction: mark.index for mark in marks
    }
    words = {"above": config.line_length, "left": config.n_channels}
    words |= {"right": config.n_channels, "below": config.line_length}
    distances = ", ".join(f"{name} {n}" for name, n in words.items())
    assert describe_line(marks) == f"Distances in the row of numbers: {distances}"


def test_the_line_ends_where_the_row_ends() -> None:
    flat = noise(GRAY).ravel()
    for index in ((0, 0), (7, 9)):
        _, bars = line_chart(flat, neighbours(GRAY, *index), n_channels=1)["layer"]
        indices = [each["place"] for each in bars["data"]["values"]]
        assert min(indices) >= 0
        assert max(indices) < 80
