"""A row of values as a strip: every gray is a value, and the width decides what is seen."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ann_core.errors import ShapeError
from ann_core.imaging.preprocessing import MAX_SIDE, MIN_SIDE, PreprocessConfig
from ann_core.imaging.stages import later_stages
from ann_core.plots.images import to_png
from ann_core.plots.strips import GRAYS, middle, odd_width, wrapped
from ann_core.plots.theme import heat_colours

BOX = (720, 440)
BACKGROUND = "#010203"


def noise(n: int, seed: int = 0) -> np.ndarray:
    """Values with room in the palette: 256 is more than there are."""
    return np.random.default_rng(seed).integers(3, 250, n, dtype=np.uint8)


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def values_of(colours: np.ndarray) -> np.ndarray:
    """Read values from their grays; -1 where a colour is none."""
    known = {tuple(colour): level for level, colour in enumerate(GRAYS.tolist())}
    levels = [known.get(tuple(colour), -1) for colour in colours.reshape(-1, 3).tolist()]
    return np.array(levels).reshape(colours.shape[:-1])


def squares(png: bytes, *, columns: int) -> np.ndarray:
    """Values of a strip, one for each square; proves that the squares have hard edges."""
    drawn = decoded(png)
    side = drawn.shape[1] // columns
    small = drawn[::side, ::side]
    np.testing.assert_array_equal(small.repeat(side, axis=0).repeat(side, axis=1), drawn)
    return values_of(small)


def test_all_256_intensities_have_different_colours() -> None:
    assert len({tuple(colour) for colour in heat_colours().tolist()}) == 256


@pytest.mark.parametrize("mode", ["gray", "rgb"])
@pytest.mark.parametrize("size", [(8, 8), (96, 96), (40, 24), (9, 101)])
def test_at_the_width_of_the_image_the_image_is_back_exactly(
    size: tuple[int, int], mode: str
) -> None:
    config = PreprocessConfig.parse({"image_size": size, "mode": mode})
    values = np.random.default_rng(0).integers(0, 256, (50, 60, 3), dtype=np.uint8)
    resized, flat, _ = later_stages(Image.fromarray(values), config)
    strip = wrapped(flat.values, config.line_length, box=BOX, background=BACKGROUND)
    lines = squares(strip.png, columns=config.line_length)
    np.testing.assert_array_equal(lines.reshape(resized.shape), resized.values)
    assert strip.n_shown == config.n_features


def test_at_any_other_width_it_is_not() -> None:
    image = noise(16 * 16).reshape(16, 16)
    for width in {*range(4, 33)} - {16}:
        strip = wrapped(image.ravel(), width, box=BOX, background=BACKGROUND)
        lines = squares(strip.png, columns=width)
        assert lines.shape == (-(-256 // width), width)
        np.testing.assert_array_equal(lines.ravel()[:256], image.ravel())
        assert (lines.ravel()[256:] == -1).all(), "what is left of the last line is no value"
        assert not np.array_equal(lines[:8, :4], image[:8, :4])


def test_the_rest_of_the_last_line_has_the_colour_of_the_ground() -> None:
    for features in (noise(100), np.resize(np.arange(256, dtype=np.uint8), 500)):
        strip = wrapped(features, 33, box=BOX, background=BACKGROUND)
        drawn = decoded(strip.png)
        assert tuple(drawn[-1, -1]) == (1, 2, 3)
        lines = squares(strip.png, columns=33)
        np.testing.assert_array_equal(lines.ravel()[: len(features)], features)


def test_a_strip_fits_its_place_in_whole_pixels_if_it_can() -> None:
    for line, n_lines in ((4, 400), (96, 96), (672, 224), (300, 2)):
        strip = wrapped(noise(line * n_lines), line, box=BOX, background=BACKGROUND)
        height, width = decoded(strip.png).shape[:2]
        assert width == 2 * strip.width
        assert strip.width <= BOX[0]
        assert height // 2 <= BOX[1]


@pytest.mark.parametrize("n_channels", [1, 3])
@pytest.mark.parametrize("max_width", [200, 720])
def test_at_an_odd_width_no_image_comes_back(n_channels: int, max_width: int) -> None:
    for side in range(MIN_SIDE, MAX_SIDE + 1):
        line = side * n_channels
        width = odd_width(line, max_width)
        assert 2 * max_width // 3 <= width <= max_width
        shift = max(line, width) / min(line, width) % 1
        assert 1 / 6 < shift < 5 / 6, "a line starts far from where the one above it starts"


@pytest.mark.parametrize("n", [64, 200, 9_216])
def test_the_middle_of_a_row_is_one_line_in_order(n: int) -> None:
    features = noise(n)
    strip = middle(features, side=200)
    n_shown = min(n, 200)
    drawn = decoded(strip.png)
    assert strip.n_shown == n_shown
    assert drawn.shape[1] == 2 * strip.width <= 400
    assert (drawn == drawn[0]).all(), "bars from top to bottom"
    bars = values_of(drawn[:1])[0][:: drawn.shape[1] // n_shown]
    first = (n - n_shown) // 2
    np.testing.assert_array_equal(bars, features[first : first + n_shown])


def test_a_row_is_no_image() -> None:
    with pytest.raises(ShapeError, match="Expected a uint8 picture"):
        to_png(noise(5))
