"""From an image to a row of numbers: each step against Pillow and NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageOps

from ann_core.errors import ShapeError
from ann_core.imaging.preprocessing import (
    PreprocessConfig,
    flatten,
    preprocess,
    scale,
    squeeze_gray,
    unflatten,
)

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
SMALL = PreprocessConfig(image_size=(8, 10), mode="rgb")


def random_image(size: tuple[int, int] = (40, 30), mode: str = "RGB") -> Image.Image:
    rng = np.random.default_rng(0)
    width, height = size
    values = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values).convert(mode)


def test_the_defaults_are_the_articles() -> None:
    image = random_image((300, 281))
    expected = np.asarray(ImageOps.grayscale(image).resize((96, 96)))
    got = preprocess(image, PreprocessConfig())
    assert got.shape == (96, 96, 1)
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got[:, :, 0], expected)
    assert PreprocessConfig().n_features == 9216


@pytest.mark.parametrize("resample", FILTERS)
@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_squash_is_pillows_resize(resample: str, mode: str) -> None:
    image = random_image()
    config = PreprocessConfig.parse(
        {"image_size": (8, 10), "mode": mode, "resample": resample, "resize": "squash"}
    )
    plain = image.convert("L") if mode == "gray" else image
    expected = np.asarray(plain.resize((10, 8), FILTERS[resample]))
    np.testing.assert_array_equal(np.squeeze(preprocess(image, config)), expected)


@pytest.mark.parametrize("resample", FILTERS)
@pytest.mark.parametrize("size", [(40, 30), (30, 40)])
def test_crop_is_pillows_resize_of_the_middle(resample: str, size: tuple[int, int]) -> None:
    image = random_image(size, "L")
    config = PreprocessConfig.parse(
        {"image_size": (16, 16), "resample": resample, "resize": "crop"}
    )
    left, top = (size[0] - 30) // 2, (size[1] - 30) // 2
    middle = (left, top, left + 30, top + 30)
    expected = np.asarray(image.resize((16, 16), FILTERS[resample], box=middle))
    np.testing.assert_array_equal(preprocess(image, config)[:, :, 0], expected)


@pytest.mark.parametrize("resample", FILTERS)
def test_pad_keeps_the_whole_image_between_borders(resample: str) -> None:
    image = random_image((40, 20), "L")
    config = PreprocessConfig.parse({"image_size": (16, 16), "resample": resample, "resize": "pad"})
    got = preprocess(image, config)[:, :, 0]
    expected = np.asarray(image.resize((16, 8), FILTERS[resample]))
    np.testing.assert_array_equal(got[4:12], expected)
    borders = np.concatenate([got[:4], got[12:]])
    assert len(np.unique(borders)) == 1


def test_the_border_has_the_mean_colour_of_the_edge() -> None:
    image = Image.new("RGB", (40, 20), (10, 200, 30))
    image.paste((255, 255, 255), (5, 5, 35, 15))
    config = PreprocessConfig(image_size=(16, 16), mode="rgb", resize="pad")
    assert preprocess(image, config)[0, 0].tolist() == [10, 200, 30]


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
@pytest.mark.parametrize("resample", FILTERS)
@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (7, 9)])
def test_no_shape_is_too_odd(resize: str, resample: str, size: tuple[int, int]) -> None:
    for mode, shape in (("gray", (8, 10, 1)), ("rgb", (8, 10, 3))):
        config = PreprocessConfig.parse(
            {"image_size": (8, 10), "mode": mode, "resize": resize, "resample": resample}
        )
        got = preprocess(Image.new("RGB", size, (90, 90, 90)), config)
        assert got.shape == shape
        assert set(got.ravel()) == {90}


def test_a_gray_image_in_rgb_has_three_equal_channels() -> None:
    got = preprocess(random_image(mode="L"), SMALL)
    assert got.shape == (8, 10, 3)
    assert (got == got[:, :, :1]).all()


def test_the_image_itself_is_not_changed() -> None:
    image = random_image()
    before = image.tobytes()
    for resize in ("squash", "crop", "pad"):
        preprocess(image, PreprocessConfig.parse({"resize": resize}))
    assert image.tobytes() == before


stacks = st.integers(0, 5).flatmap(
    lambda n_images: hnp.arrays(np.uint8, (n_images, 8, 10, 3), elements=st.integers(0, 255))
)


@given(stacks)
def test_unflatten_inverts_flatten(images: np.ndarray) -> None:
    rows = flatten(images)
    assert rows.shape == (len(images), SMALL.n_features)
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(unflatten(rows, SMALL), images)


@given(stacks.filter(len), st.integers(0, 7), st.integers(0, 9), st.integers(0, 2))
def test_neighbours_land_where_the_docstring_says(
    images: np.ndarray, y: int, x: int, channel: int
) -> None:
    rows = flatten(images)
    assert rows[0, (y * 10 + x) * 3 + channel] == images[0, y, x, channel]
    np.testing.assert_array_equal(rows[-1], np.ravel(images[-1]))


def test_flatten_reads_rows_first_however_the_memory_lies() -> None:
    images = np.arange(480, dtype=np.int64).reshape(2, 8, 10, 3).astype(np.uint8)
    np.testing.assert_array_equal(flatten(np.asfortranarray(images)), flatten(images))


@pytest.mark.parametrize("shape", [(8, 10), (2, 8, 10), (1, 2, 8, 10, 3)])
def test_flatten_wants_four_axes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"four axes .* got shape \(.*np.newaxis"):
        flatten(np.zeros(shape, dtype=np.uint8))


@pytest.mark.parametrize("shape", [(240,), (2, 239), (2, 8, 10, 3)])
def test_unflatten_wants_rows_of_this_config(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"\(n_images, 240\), got \(.*the config that made them"):
        unflatten(np.zeros(shape, dtype=np.uint8), SMALL)


def test_scale_divides_by_255() -> None:
    scaled = scale(np.array([0, 51, 255], dtype=np.uint8))
    assert scaled.dtype == np.float64
    assert scaled.tolist() == [0, 0.2, 1]


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 1), (5, 4, 3), (5, 1)])
def test_what_screens_get_has_a_channel_axis_for_colour_only(shape: tuple[int, ...]) -> None:
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    squeezed = squeeze_gray(image)
    assert squeezed.shape == (shape[:2] if shape[2:] == (1,) else shape)
    assert squeezed.ravel().tolist() == image.ravel().tolist()
    assert Image.fromarray(squeezed).size == (shape[1], shape[0])
