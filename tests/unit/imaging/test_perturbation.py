"""Changes of an image keep its pixels where they should be; maps agree with single questions."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ann_core.imaging.perturbation import (
    MAX_SHIFT,
    Perturbation,
    brighten,
    max_shift,
    occlusion_map,
    patches_for,
    rotate_zoom,
    shift,
    shift_map,
)
from ann_core.imaging.preprocessing import edge_colour, flatten

SHAPES = [(8, 8, 1), (9, 12, 3), (50, 44, 1)]


def noise(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def linear_network(n_features: int, n_classes: int = 2):  # type: ignore[no-untyped-def]
    """A network without hidden layers: softmax of a product with fixed weights."""
    weights = np.random.default_rng(1).normal(0, 0.01, (n_features, n_classes))

    def predict(features: np.ndarray) -> np.ndarray:
        assert features.dtype == np.uint8
        assert features.shape[1] == n_features
        z = features.astype(np.float64) @ weights
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True), dtype=np.float32)

    return predict


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("right", "down"), [(0, 0), (3, 0), (-2, 1), (4, -4), (-1, -3)])
def test_a_shift_moves_every_pixel_and_fills_with_the_edge(
    shape: tuple[int, int, int], right: int, down: int
) -> None:
    image = noise(shape)
    moved = shift(image, right, down)
    height, width, _ = shape
    edge = edge_colour(image)
    for y in range(height):
        for x in range(width):
            inside = 0 <= y - down < height and 0 <= x - right < width
            expected = image[y - down, x - right] if inside else edge
            assert np.array_equal(moved[y, x], expected)


def test_an_image_that_is_moved_out_of_sight_is_all_edge() -> None:
    image = noise((8, 8, 1))
    for right, down in ((8, 0), (-30, 0), (0, 9), (0, -8)):
        assert (shift(image, right, down) == edge_colour(image)).all()


def test_the_edge_is_the_mean_of_the_outermost_pixels() -> None:
    image = np.zeros((4, 4, 1), np.uint8)
    image[1:3, 1:3] = 255
    assert edge_colour(image).tolist() == [0]
    image[0] = 200  # a quarter of the edge, the corners counted twice
    assert edge_colour(image).tolist() == [75]


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 9, 3)])
def test_quarter_turns_are_exact(shape: tuple[int, int, int]) -> None:
    image = noise(shape)
    assert np.array_equal(rotate_zoom(image, angle=90), np.rot90(image))
    assert np.array_equal(rotate_zoom(image, angle=180), image[::-1, ::-1])
    assert np.array_equal(rotate_zoom(image, angle=-90), np.rot90(image, -1))
    assert np.array_equal(rotate_zoom(image, angle=360), image)


@pytest.mark.parametrize("angle", [-35.0, 10.0, 120.0])
def test_a_turn_is_the_one_of_pillow(angle: float) -> None:
    image = noise((20, 20, 1))
    fill = int(edge_colour(image)[0])
    peer = Image.fromarray(image[:, :, 0]).rotate(angle, Image.Resampling.BILINEAR, fillcolor=fill)
    assert np.array_equal(rotate_zoom(image, angle=angle)[:, :, 0], np.asarray(peer))


def test_zoom_keeps_the_middle_and_fills_with_the_edge() -> None:
    image = np.full((16, 16, 1), 40, np.uint8)
    image[4:12, 4:12] = 240
    large = rotate_zoom(image, zoom=2.0)
    assert (large[1:15, 1:15] == 240).all()
    small = rotate_zoom(image, zoom=0.5)
    assert (small[7:9, 7:9] == 240).all()
    assert (small[[0, 15]] == 40).all()


def test_brightness_ends_at_black_and_white() -> None:
    image = np.array([[[0], [100], [250]]], np.uint8)
    assert brighten(image, 20).ravel().tolist() == [20, 120, 255]
    assert brighten(image, -100).ravel().tolist() == [0, 0, 150]


def test_no_change_is_none_and_changes_come_in_order() -> None:
    image = noise((9, 12, 3))
    assert np.array_equal(Perturbation().apply(image), image)
    both = Perturbation(mirrored=True, upside_down=True, brightness=30, right=2, down=-1)
    assert np.array_equal(both.apply(image), shift(brighten(image[::-1, ::-1], 30), 2, -1))


def test_an_image_moves_twenty_pixels_or_half_of_it() -> None:
    assert [max_shift(n) for n in (8, 9, 39, 40, 224)] == [4, 4, 19, 20, 20]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_map_of_shifts_holds_the_answer_to_each(shape: tuple[int, int, int]) -> None:
    image, predict = noise(shape), linear_network(int(np.prod(shape)), 3)
    shifts = shift_map(image, predict)
    assert shifts.probabilities.shape == (len(shifts.down), len(shifts.right), 3)
    assert shifts.right.max() == -shifts.right.min() == min(MAX_SHIFT, shape[1] // 2)
    assert shifts.down.max() == -shifts.down.min() == min(MAX_SHIFT, shape[0] // 2)
    rng = np.random.default_rng(2)
    for _ in range(20):
        row, column = (int(rng.integers(len(ends))) for ends in (shifts.down, shifts.right))
        moved = shift(image, int(shifts.right[column]), int(shifts.down[row]))
        alone = predict(flatten(moved[np.newaxis]))[0]
        assert shifts.probabilities[row, column] == pytest.approx(alone, abs=1e-6)
    predicted = shifts.probabilities.argmax(axis=2)
    assert shifts.flip_rate(1) == pytest.approx(1 - (predicted == 1).mean())


def test_patches_cover_images_of_every_size() -> None:
    for size in ((8, 8), (96, 96), (224, 224), (8, 224), (13, 30)):
        sizes = patches_for(size)
        assert sizes
        assert max(sizes) <= min(size) // 2


@pytest.mark.parametrize("patch", [4, 8])
def test_the_map_of_patches_is_the_mean_of_all_that_cover_a_pixel(patch: int) -> None:
    image, predict = noise((18, 17, 1)), linear_network(18 * 17)
    occlusion = occlusion_map(image, predict, patch=patch, label=1)
    assert occlusion.change.shape == (18, 17)
    assert np.isfinite(occlusion.change).all()
    covered = image.copy()
    covered[:patch, :patch] = np.rint(image.mean())
    before, after = predict(flatten(np.stack([image, covered])))[:, 1]
    assert occlusion.change[0, 0] == pytest.approx(after - before, abs=1e-6)


def test_only_the_place_that_the_network_looks_at_matters() -> None:
    def bright_corner(features: np.ndarray) -> np.ndarray:
        p = features.reshape(-1, 16, 16)[:, 0, 0] / 255
        return np.stack([1 - p, p], axis=1).astype(np.float32)

    image = np.zeros((16, 16, 1), np.uint8)
    image[0, 0] = 255
    occlusion = occlusion_map(image, bright_corner, patch=4, label=1)
    assert occlusion.change[0, 0] == pytest.approx(1 / 255 - 1, abs=1e-6)
    assert (occlusion.change[4:, 4:] == 0).all()
