"""The first layer: weights survive their bytes, noise is told from shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.errors import RunError
from ann_core.evaluation.first_layer import (
    FINAL,
    MAX_KEPT_UNITS,
    FirstLayer,
    describe_noise,
    first_layer,
    is_kept,
    load_first_layer,
    save_first_layer,
    smoothness,
    snapshot_name,
    snapshots,
    weight_change,
)
from ann_core.imaging.preprocessing import PreprocessConfig
from tests.helpers.kernels import COLOUR, GRAY, kernel


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
    with pytest.raises(RunError, match=r"final\.npz with the weights of this network is damaged"):
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


def test_the_noise_of_the_beginning_is_taken_away() -> None:
    before = kernel(GRAY)
    learned = np.zeros((8, 10), dtype=np.float32)
    learned[2:6, 3:8] = 0.2
    after = before + learned.reshape(-1, 1)
    start, end = first_layer(before, GRAY), first_layer(after, GRAY)
    change = weight_change(end, start, GRAY)
    step = float((start.scales + end.scales).max())
    for index in range(5):
        assert np.abs(change.image(index, GRAY)[..., 0] - learned).max() <= step
    assert (change.smoothness > 0.6).all()
    assert (np.abs(start.smoothness) < 0.4).all()
    assert (weight_change(start, start, GRAY).norms == 0).all()


def layer_of(weights: np.ndarray) -> FirstLayer:
    return first_layer(weights.astype(np.float32), GRAY)


def test_noise_that_was_learned_is_not_said_to_be_that_of_the_beginning() -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(0, 1, (80, 6))
    start[:, 5] = np.linspace(-1, 1, 80)  # smooth
    learned = np.array([3.0, 3.0, 3.0, 3.0, 3.0, 0.0]) * rng.normal(0, 1, (80, 6))
    begun, learned_from_single_images = layer_of(start), layer_of(start + learned)
    words = describe_noise(learned_from_single_images, begun)
    assert "training made much of this noise" in words
    words = describe_noise(layer_of(start + 0.05 * learned), begun)
    assert "by 13% of their length" in words
    assert words.endswith("that is mostly the noise they began with.")


def test_noise_is_not_explained_where_the_first_weights_are_gone_or_none_is_left() -> None:
    rough = layer_of(np.tile([[1.0], [-1.0]], (40, 3)))
    smooth = layer_of(np.tile(np.linspace(-1, 1, 80)[:, np.newaxis], (1, 3)))
    assert (
        "in 3 of 3 neurons. Whether that is the noise they began with is unknown"
        in describe_noise(rough, None)
    )
    assert describe_noise(smooth, rough).startswith("No neuron is still as rough as noise")
