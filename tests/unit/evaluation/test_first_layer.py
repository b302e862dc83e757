"""The first layer as images: weights survive their bytes, noise is told from shapes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ann_core.errors import RunError, ShapeError
from ann_core.evaluation.first_layer import (
    FINAL,
    MAX_KEPT_UNITS,
    first_layer,
    is_kept,
    load_first_layer,
    save_first_layer,
    smoothness,
    snapshot_name,
    snapshots,
)
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.heat_maps import NEUTRAL, diverging_colours
from ann_core.plots.images import GAP, array_sheet
from ann_core.plots.weight_images import ZERO, weight_change, weight_images, weight_maps

GRAY = PreprocessConfig(image_size=(8, 10))
COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")


def kernel(preprocess: PreprocessConfig, n_units: int = 5, seed: int = 0) -> np.ndarray:
    shape = (preprocess.n_features, n_units)
    return np.random.default_rng(seed).normal(0, 0.1, shape).astype(np.float32)


@pytest.mark.parametrize("preprocess", [GRAY, COLOUR], ids=["gray", "colour"])
def test_a_node_is_drawn_as_the_pixels_lie(preprocess: PreprocessConfig) -> None:
    weights = kernel(preprocess)
    layer = first_layer(weights, preprocess)
    for index in range(5):
        shape = (8, 10, preprocess.n_channels)
        expected = weights[:, index].reshape(shape)
        half_a_step = np.abs(expected).max() / 127 / 2
        assert np.abs(layer.image(index, preprocess) - expected).max() <= half_a_step * 1.001
    assert layer.norms == pytest.approx(np.linalg.norm(weights, axis=0), rel=1e-5)
    assert layer.units.tolist() == [0, 1, 2, 3, 4]
    assert layer.n_units == 5


def moran(grid: np.ndarray) -> float:
    """Moran's I as its definition says, a pair at a time."""
    height, width = grid.shape
    apart = grid - grid.mean()
    products = [
        apart[r, c] * apart[r + down, c + correct]
        for r in range(height)
        for c in range(width)
        for down, correct in ((0, 1), (1, 0))
        if r + down < height and c + correct < width
    ]
    return float(np.mean(products) / np.mean(apart**2))


@given(st.integers(0, 2**32 - 1))
def test_smoothness_is_morans_i(seed: int) -> None:
    weights = kernel(GRAY, 3, seed).T.astype(np.float64)
    expected = [moran(row.reshape(8, 10)) for row in weights]
    assert smoothness(weights, GRAY) == pytest.approx(expected)


def test_a_slope_is_smooth_noise_is_not_and_a_chessboard_is_the_opposite() -> None:
    rows, columns = np.mgrid[:8, :10]
    images = np.stack([rows + columns, (-1.0) ** (rows + columns), np.ones((8, 10))])
    slope, board, flat = smoothness(images.reshape(3, 80), GRAY)
    assert slope > 0.7
    assert board == pytest.approx(-1)
    assert flat == 0
    noise = smoothness(kernel(GRAY, 200).T.astype(np.float64), GRAY)
    assert abs(noise.mean()) < 0.03


def test_of_many_nodes_an_even_sample_is_kept() -> None:
    layer = first_layer(kernel(GRAY, 1000), GRAY)
    assert len(layer.units) == MAX_KEPT_UNITS
    assert (layer.units[0], layer.units[-1]) == (0, 999)
    assert set(np.diff(layer.units)) <= {3, 4}


def test_a_layer_survives_its_file(tmp_path: Path) -> None:
    layer = first_layer(kernel(COLOUR), COLOUR)
    save_first_layer(layer, tmp_path / "layers", snapshot_name(4))
    again = load_first_layer(tmp_path / "layers" / "epoch-0004.npz", COLOUR.n_features)
    for field in ("units", "weights", "scales", "norms", "smoothness"):
        assert np.array_equal(getattr(again, field), getattr(layer, field)), field
    assert again.n_units == layer.n_units


def test_damaged_files_are_a_sentence(tmp_path: Path) -> None:
    save_first_layer(first_layer(kernel(GRAY), GRAY), tmp_path, FINAL)
    path = tmp_path / "final.npz"
    with pytest.raises(RunError, match=r"final\.npz with the weights of this run is damaged"):
        load_first_layer(path, GRAY.n_features + 1)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(RunError, match="is damaged"):
        load_first_layer(path, GRAY.n_features)


def test_snapshots_come_in_the_order_of_epochs(tmp_path: Path) -> None:
    layer = first_layer(kernel(GRAY), GRAY)
    for name in (FINAL, *(snapshot_name(epoch) for epoch in (16, 0, 2, 1024, 1))):
        save_first_layer(layer, tmp_path, name)
    (tmp_path / "other.npz").write_bytes(b"")
    assert list(snapshots(tmp_path)) == ["0", "1", "2", "16", "1024", FINAL]
    assert [epoch for epoch in range(70) if is_kept(epoch)] == [0, 1, 2, 4, 8, 16, 32, 64]
    assert snapshots(tmp_path / "nowhere") == {}


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


def test_the_noise_of_the_beginning_is_taken_away() -> None:
    before = kernel(GRAY)
    learned = np.zeros((8, 10), dtype=np.float32)
    learned[2:6, 3:8] = 0.2
    after = before + learned.reshape(-1, 1)
    start, end = first_layer(before, GRAY), first_layer(after, GRAY)
    found = weight_change(end, start, GRAY)
    step = float((start.scales + end.scales).max())
    for index in range(5):
        assert np.abs(found.image(index, GRAY)[..., 0] - learned).max() <= step
    assert (found.smoothness > 0.6).all()
    assert (np.abs(start.smoothness) < 0.4).all()
    assert (weight_change(start, start, GRAY).norms == 0).all()


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


def test_large_images_are_made_smaller_and_none_is_refused() -> None:
    images = np.full((2, 600, 300, 1), 7, dtype=np.uint8)
    png, gap = array_sheet(images, columns=2)
    assert gap == GAP / 200
    first, _ = tiles(png, 200, 2, 2)
    assert (first[:, 50:150] == 7).all()
    assert (first[:, :50] == 255).all()
    with pytest.raises(ShapeError, match="at least one picture"):
        array_sheet(images[:0], columns=2)
