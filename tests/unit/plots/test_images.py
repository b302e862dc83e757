"""Arrays as images for the screen: pixels stay squares, sheets keep their order."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ann_core.errors import ShapeError
from ann_core.imaging.preprocessing import MAX_SIDE, MIN_SIDE
from ann_core.plots.images import (
    GAP,
    array_sheet,
    contact_sheet,
    enlargement,
    fill_png,
    fit_png,
    to_png,
)


def decoded(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def noise(height: int, width: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)


def test_pixels_become_squares() -> None:
    values = noise(3, 5)
    drawn = decoded(to_png(values, factor=4))
    assert drawn.shape == (12, 20)
    assert np.array_equal(drawn, np.kron(values, np.ones((4, 4), dtype=np.uint8)))


@pytest.mark.parametrize("values", [np.zeros(5, dtype=np.uint8), np.zeros((2, 2))])
def test_what_is_no_image_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ShapeError, match="Expected a uint8 picture"):
        to_png(values)


@pytest.mark.parametrize("side", [MIN_SIDE, 96, 104, 136, MAX_SIDE, 260])
def test_small_images_are_exact_on_the_page(side: int) -> None:
    values = noise(side, side)
    png, width = fit_png(values, side=260)
    drawn = decoded(png)
    factor = 260 // side
    assert width == factor * side
    assert drawn.shape == (2 * width, 2 * width)
    assert np.array_equal(drawn[:: 2 * factor, :: 2 * factor], values)


@pytest.mark.parametrize(
    ("shape", "factor"), [((8, 8), 25), ((96, 40), 2), ((40, 96), 2), ((201, 9), 1), ((3, 400), 1)]
)
def test_an_image_is_enlarged_by_whole_factors(shape: tuple[int, int], factor: int) -> None:
    assert enlargement(noise(*shape), side=200) == factor


@pytest.mark.parametrize("shape", [(300, 400), (3000, 40), (1, 5000), (261, 261)])
def test_large_images_fit_their_place(shape: tuple[int, int]) -> None:
    png, width = fit_png(noise(*shape), side=260)
    drawn = decoded(png)
    assert max(drawn.shape) <= 2 * 260
    assert 1 <= width <= 260


@pytest.mark.parametrize(
    ("shape", "width"), [((128, 128), 192), ((96, 40), 80), ((40, 96), 192), ((192, 1), 1)]
)
def test_images_of_any_size_take_the_same_side_of_the_page(
    shape: tuple[int, int], width: int
) -> None:
    values = noise(*shape)
    png, taken = fill_png(values, side=192)
    assert taken == width
    drawn = decoded(png)
    factor = len(drawn) // shape[0]
    assert max(drawn.shape) >= 2 * 192  # sharp where a screen has two pixels for one of the page
    assert np.array_equal(drawn, values.repeat(factor, axis=0).repeat(factor, axis=1))


@pytest.mark.parametrize(("shape", "width"), [((300, 400), 192), ((400, 300), 144)])
def test_photographs_are_made_smaller(shape: tuple[int, int], width: int) -> None:
    png, taken = fill_png(noise(*shape), side=192)
    assert taken == width
    assert max(decoded(png).shape) <= 2 * 192


def test_a_sheet_shows_images_in_order_and_a_gray_tile_for_a_broken_one(tmp_path: Path) -> None:
    paths = []
    for number, colour in enumerate([(255, 0, 0), (0, 255, 0), (0, 0, 255)]):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (8, 4), colour).save(paths[-1])
    paths[1].write_bytes(b"no picture")
    sheet = decoded(contact_sheet(paths, columns=2, tile=40, background="#102030")).astype(int)
    assert sheet.shape == (84, 84, 3)
    middles = {"first": (20, 20), "second": (20, 64), "third": (64, 20), "none": (64, 64)}
    seen = {name: sheet[index].tolist() for name, index in middles.items()}
    expected = {
        "first": (255, 0, 0),
        "second": (200, 200, 200),
        "third": (0, 0, 255),
        "none": (16, 32, 48),
    }
    for name, colour in expected.items():
        assert np.allclose(seen[name], colour, atol=12), name  # JPEG


def test_a_sheet_of_nothing_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least one picture"):
        contact_sheet([], columns=2)


def tiles(png: bytes, side: int, columns: int, n_images: int) -> list[np.ndarray]:
    sheet = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    pitch = side + GAP
    corners = [divmod(number, columns) for number in range(n_images)]
    return [sheet[r * pitch :, c * pitch :][:side, :side] for r, c in corners]


@pytest.mark.parametrize("n_channels", [1, 3])
def test_a_sheet_shows_every_image_exactly(n_channels: int) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 8, 10, n_channels), dtype=np.uint8)
    png, gap = array_sheet(images, columns=3, background="#102030")
    side = 11 * 10  # as often as ten pixels fit into a tile
    assert gap == GAP / side
    for drawn, values in zip(tiles(png, side, 3, 5), images, strict=True):
        inside = drawn[11:99]  # eight rows of ten: a margin above and below
        expected = values.repeat(11, axis=0).repeat(11, axis=1)
        assert np.array_equal(inside, np.broadcast_to(expected, inside.shape))
        assert (drawn[:11] == (16, 32, 48)).all()


def test_large_images_are_made_smaller_and_none_is_refused() -> None:
    images = np.full((2, 600, 300, 1), 7, dtype=np.uint8)
    png, gap = array_sheet(images, columns=2)
    assert gap == GAP / 200
    first, _ = tiles(png, 200, 2, 2)
    assert (first[:, 50:150] == 7).all()
    assert (first[:, :50] == 255).all()
    with pytest.raises(ShapeError, match="at least one picture"):
        array_sheet(images[:0], columns=2)
