"""What is shown of each stage, against NumPy and Pillow; and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageOps

from ann_core.imaging.preprocessing import PreprocessConfig, preprocess, to_mode
from ann_core.imaging.stages import Stage, greatest_difference, invert, later_stages, stages
from ann_core.imaging.standardizer import Standardiser

GRAY = PreprocessConfig(image_size=(8, 10))
COLOUR = PreprocessConfig(image_size=(8, 10), mode="rgb")
STANDARD = PreprocessConfig(image_size=(8, 10), scaling="standard")


def random_image(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    width, height = size
    values = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def some_standardiser(n_features: int = 80) -> Standardiser:
    rng = np.random.default_rng(1)
    return Standardiser(rng.uniform(0, 255, n_features), rng.uniform(0.02, 120, n_features))


def test_the_articles_cat_from_252900_values_to_9216() -> None:
    shown = stages(random_image((300, 281)), PreprocessConfig())
    outlines = [stage.outline for stage in shown]
    assert [
        (one.name, one.shape, one.n_values, one.n_bytes, round(one.times_fewer(outlines[0])))
        for one in outlines
    ] == [
        ("original", (281, 300, 3), 252_900, 252_900, 1),
        ("gray", (281, 300), 84_300, 84_300, 3),
        ("resized", (96, 96), 9_216, 9_216, 27),
        ("flattened", (9_216,), 9_216, 9_216, 27),
        ("scaled", (9_216,), 9_216, 73_728, 27),
    ]


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_each_step_in_gray_is_numpys_and_pillows(mode: str) -> None:
    image = random_image(mode=mode)
    original, gray, resized, flattened, scaled = stages(image, GRAY)
    small = ImageOps.grayscale(image).resize((10, 8), Image.Resampling.BICUBIC)
    np.testing.assert_array_equal(original.values, np.asarray(image))
    np.testing.assert_array_equal(gray.values, np.asarray(ImageOps.grayscale(image)))
    np.testing.assert_array_equal(resized.values, np.asarray(small))
    np.testing.assert_array_equal(flattened.values, np.ravel(np.asarray(small)))
    np.testing.assert_array_equal(scaled.values, np.ravel(np.asarray(small)) / 255)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_each_step_in_colour_is_numpys_and_pillows(mode: str) -> None:
    image = random_image(mode=mode)
    original, resized, flattened, scaled = stages(image, COLOUR)
    small = np.asarray(image.convert("RGB").resize((10, 8), Image.Resampling.BICUBIC))
    assert [s.name for s in (original, resized)] == ["original", "resized"]
    np.testing.assert_array_equal(resized.values, small)
    np.testing.assert_array_equal(flattened.values, small.ravel())
    np.testing.assert_array_equal(scaled.values, small.ravel() / 255)


def test_the_row_is_the_one_that_the_network_gets() -> None:
    for config in (GRAY, COLOUR):
        row = stages(random_image(), config)[-2].values
        np.testing.assert_array_equal(row, preprocess(random_image(), config).ravel())


def test_from_the_gray_image_the_later_steps_are_the_same() -> None:
    image = random_image()
    for one, other in zip(
        later_stages(image, GRAY), later_stages(to_mode(image, "gray"), GRAY), strict=True
    ):
        np.testing.assert_array_equal(one.values, other.values)


def test_standardised_is_what_the_standardiser_says() -> None:
    standardiser = some_standardiser()
    *_, flattened, last = stages(random_image(), STANDARD, standardiser)
    expected = (flattened.values - standardiser.mean) / standardiser.std
    assert last.name == "standardised"
    np.testing.assert_allclose(last.values, expected)
    assert last.span == (expected.min(), expected.max())
    assert (last.levels.min(), last.levels.max()) == (0, 255)
    assert last.levels.argmax() == expected.argmax()


def test_without_a_standardiser_nothing_is_called_standardised() -> None:
    assert [stage.name for stage in later_stages(random_image(), STANDARD)] == [
        "resized",
        "flattened",
    ]


def test_scaled_values_have_the_brightness_of_the_bytes_they_came_from() -> None:
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(Stage("flattened", every).levels, every)
    np.testing.assert_array_equal(Stage("scaled", every / 255).levels, every)
    assert Stage("standardised", np.full(9, 0.3)).levels.tolist() == [0] * 9


@given(hnp.arrays(np.uint8, (8, 10, 3), elements=st.integers(0, 255)))
def test_the_way_back_loses_nothing(values: np.ndarray) -> None:
    image = Image.fromarray(values)
    for config, standardiser in (
        (GRAY, None),
        (COLOUR, None),
        (STANDARD, some_standardiser()),
    ):
        walked = {stage.name: stage.values for stage in later_stages(image, config, standardiser)}
        last = walked.get("scaled", walked.get("standardised"))
        assert last is not None
        back = invert(last, config, standardiser)
        assert back.dtype == np.uint8
        assert greatest_difference(back, walked["resized"]) == 0
        np.testing.assert_array_equal(back, walked["resized"])


def test_the_greatest_difference_is_found_in_both_directions() -> None:
    dark, bright = np.zeros((2, 2), dtype=np.uint8), np.array([[0, 3], [255, 9]], dtype=np.uint8)
    assert greatest_difference(dark, bright) == 255
    assert greatest_difference(bright, dark) == 255
    assert greatest_difference(bright, bright) == 0
