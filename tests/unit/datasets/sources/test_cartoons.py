"""Cartoons: the same from the same seed, real files, and told apart by shape alone."""

from __future__ import annotations

import functools
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from ann_core.datasets.sources.cartoon_drawing import Canvas, blob, ellipse
from ann_core.datasets.sources.cartoons import (
    CLASS_NAMES,
    CartoonConfig,
    ClassName,
    draw_cartoon,
)

STILL = {"shift": 0.0, "scale": 0.0, "rotation": 0.0, "background": 0.0, "noise": 0.0}
EVERYTHING = {"shift": 0.4, "scale": 0.5, "rotation": 90.0, "background": 1.0, "noise": 0.5}


def pixels(class_name: ClassName = "cat", index: int = 0, **knobs: Any) -> np.ndarray:
    config = CartoonConfig(**({"image_size": 64} | knobs))
    return np.asarray(draw_cartoon(class_name, config, index)).astype(int)


@functools.cache
def gray_rows(config: CartoonConfig) -> tuple[np.ndarray, np.ndarray]:
    """800 flattened gray images in random order and their labels."""
    labels = np.random.default_rng(0).permutation(np.arange(800) % 2)
    images = [draw_cartoon(CLASS_NAMES[k], config, i).convert("L") for i, k in enumerate(labels)]
    return np.stack([np.asarray(image).ravel() for image in images]) / 255, labels


def animal_box(image: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is not ground, as fractions of the side."""
    differs = np.abs(image - image[0, 0]).max(axis=2) > 24
    rows, columns = np.nonzero(differs)
    left, right, top, bottom = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    side = len(image)
    return left / side, top / side, right / side, bottom / side


def test_class_names_are_those_of_the_type() -> None:
    assert get_args(ClassName) == CLASS_NAMES


@pytest.mark.parametrize("knobs", [{}, STILL, EVERYTHING])
@pytest.mark.parametrize("class_name", CLASS_NAMES)
def test_a_cartoon_is_an_rgb_square(class_name: ClassName, knobs: dict[str, float]) -> None:
    for size in (32, 77, 256):
        image = draw_cartoon(class_name, CartoonConfig(image_size=size, **knobs), 0)
        assert (image.mode, image.size) == ("RGB", (size, size))


def test_seed_class_and_index_decide_the_image() -> None:
    first = pixels()
    np.testing.assert_array_equal(first, pixels())
    np.testing.assert_array_equal(first, pixels(n_images=20))
    for other in (pixels(seed=1), pixels("dog"), pixels(index=1)):
        assert (first != other).mean() > 0.2


def test_global_random_state_is_neither_read_nor_moved() -> None:
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)
    first = pixels()
    assert np.random.random() == expected
    np.testing.assert_array_equal(first, pixels())


@pytest.mark.parametrize("knob", STILL)
@pytest.mark.parametrize("class_name", CLASS_NAMES)
def test_each_knob_changes_the_image(class_name: ClassName, knob: str) -> None:
    still = pixels(class_name, **STILL)
    assert (still != pixels(class_name, **STILL | {knob: EVERYTHING[knob]})).mean() > 0.05


def test_without_knobs_every_animal_sits_in_the_middle() -> None:
    for class_name in CLASS_NAMES:
        boxes = [animal_box(pixels(class_name, i, **STILL)) for i in range(24)]
        for left, top, right, bottom in boxes:
            assert 0 < left < 0.25 and 0.75 < right < 1, "nothing is cut off"
            assert 0 < top < 0.2 and 0.8 < bottom < 1
            assert (left + right) / 2 == pytest.approx(0.5, abs=0.05)
            assert (top + bottom) / 2 == pytest.approx(0.5, abs=0.05)


def test_shift_is_the_farthest_way_from_the_middle() -> None:
    ways = []
    for i in range(40):
        still = animal_box(pixels(index=i, **STILL))
        moved = animal_box(pixels(index=i, **STILL | {"shift": 0.05}))
        # The top of an ear and the foot move alike as long as they stay inside.
        ways.append(moved[1] - still[1])
    assert max(map(abs, ways)) <= 0.05 + 1 / 64
    assert np.std(ways) > 0.005


def test_a_knob_leaves_everything_else_as_it_was() -> None:
    corner = np.s_[:3, :3]  # wall, for the animal keeps clear of it
    rooms = [pixels(index=i, **STILL | {"background": 1.0}) for i in range(10)]
    for i, room in enumerate(rooms):
        turned = pixels(index=i, **STILL | {"background": 1.0, "rotation": 20.0})
        np.testing.assert_array_equal(room[corner], turned[corner])


def test_plain_ground_is_one_light_colour_and_a_busy_one_is_not() -> None:
    rim = np.s_[:, [0, 1, -2, -1]]
    for i in range(10):
        plain = pixels("dog", i, **STILL)[rim]
        assert plain.min() > 200
        assert np.ptp(plain.reshape(-1, 3), axis=0).max() == 0
        busy = pixels("dog", i, **STILL | {"background": 1.0})[rim]
        assert np.ptp(busy.reshape(-1, 3), axis=0).max() > 40


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_noise_is_gray_grain_of_the_strength_it_says(noise: float) -> None:
    clean = pixels(**STILL)
    grain = pixels(**STILL | {"noise": noise}) - clean
    middling = ((clean > 90) & (clean < 165)).all(axis=2)  # far from clipping at 0 and 255
    assert grain[middling].std() == pytest.approx(80 * noise, rel=0.2)
    assert np.ptp(grain[middling], axis=1).max() <= 1


def test_a_pose_moves_the_animal_line_for_line() -> None:
    image = Image.new("RGB", (100, 100))
    shape = blob((-0.2, -0.1), (0.3, -0.2), (0.1, 0.4))
    plain = np.reshape(Canvas(image).pixels(shape), (-1, 2))
    np.testing.assert_allclose(plain, 100 * (shape + 0.5))
    placed = np.reshape(Canvas(image, position=(0.1, -0.2)).pixels(shape), (-1, 2))
    np.testing.assert_allclose(placed - plain, np.broadcast_to([10, -20], plain.shape))
    mirrored = np.reshape(Canvas(image, mirror=True).pixels(shape), (-1, 2))
    np.testing.assert_allclose(mirrored, [100, 0] + plain * [-1, 1])
    posed = np.reshape(Canvas(image, size=1.5, tilt=30, mirror=True).pixels(shape), (-1, 2))
    lengths = [np.linalg.norm(points - 50, axis=1) for points in (plain, posed)]
    np.testing.assert_allclose(lengths[1], 1.5 * lengths[0])


def test_a_quarter_turn_goes_clockwise() -> None:
    canvas = Canvas(Image.new("RGB", (100, 100)), tilt=90)
    assert canvas.pixels(np.array([[0.0, -0.5]])) == pytest.approx([100, 50])


def test_marks_are_cut_off_at_the_edge_of_their_region() -> None:
    image = Image.new("RGB", (80, 80))
    canvas = Canvas(image)
    canvas.fill_inside(ellipse((0, 0), (0.2, 0.2)), [ellipse((0.2, 0), (0.3, 0.3))], (255, 0, 0))
    rows, columns = np.nonzero(np.asarray(image)[..., 0])
    assert columns.min() >= 0.4 * 80 - 1
    assert np.hypot(rows - 40, columns - 40).max() <= 0.2 * 80 + 1.5


@pytest.mark.parametrize("knobs", [STILL, {}])
def test_mean_brightness_does_not_tell_the_class(knobs: dict[str, float]) -> None:
    rows, labels = gray_rows(CartoonConfig(image_size=32, **knobs))
    brightness = rows.mean(axis=1)
    train, test = np.s_[:400], np.s_[400:]
    thresholds = np.quantile(brightness[train], np.linspace(0.05, 0.95, 91))
    accuracy = [((brightness[train] > t) == labels[train]).mean() for t in thresholds]
    best = int(np.argmax(np.abs(np.array(accuracy) - 0.5)))
    says_dog = (brightness[test] > thresholds[best]) == (accuracy[best] > 0.5)
    assert abs((says_dog == labels[test]).mean() - 0.5) <= 0.06


def test_shape_tells_the_class_until_the_animal_moves() -> None:
    def accuracy(knobs: dict[str, float]) -> float:
        """Ridge regression on pixels: one weight a pixel, as a network's first layer."""
        rows, labels = gray_rows(CartoonConfig(image_size=32, **knobs))
        mean = rows[:400].mean(axis=0)
        train, test = rows[:400] - mean, rows[400:] - mean
        gram = train @ train.T + 10 * np.eye(len(train))
        weights = train.T @ np.linalg.solve(gram, 2 * labels[:400] - 1)
        return float(((test @ weights > 0) == labels[400:]).mean())

    assert accuracy(STILL) >= 0.97
    assert accuracy(EVERYTHING) <= 0.75


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n_images", 9),
        ("n_images", 20_001),
        ("image_size", 31),
        ("image_size", 257),
        ("shift", -0.01),
        ("shift", 0.51),
        ("scale", -0.01),
        ("scale", 0.61),
        ("rotation", -1),
        ("rotation", 181),
        ("background", -0.01),
        ("background", 1.01),
        ("noise", -0.01),
        ("noise", 1.01),
        ("seed", -1),
        ("seed", 2**32),
        ("shift", float("nan")),
        ("colour", "pink"),
    ],
)
def test_values_outside_their_bounds_are_refused(field: str, value: float | str) -> None:
    with pytest.raises(ValidationError, match=field):
        CartoonConfig.model_validate({field: value})


@pytest.mark.parametrize(
    "knobs",
    [
        {"shift": 0.5, "scale": 0.6, "rotation": 180.0, "background": 1.0, "noise": 1.0},
        {"seed": 2**32 - 1, "n_images": 20_000},
    ],
)
def test_the_bounds_themselves_can_be_drawn(knobs: dict[str, Any]) -> None:
    assert pixels(**knobs).shape == (64, 64, 3)


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CartoonConfig().shift = 0.3  # type: ignore[misc]
