"""Numbers of an image, of a class, of the classes: against NumPy and SciPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from scipy import ndimage, stats

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.features import load_features
from ann_core.datasets.profile.balance import imbalance
from ann_core.datasets.profile.class_means import class_images, describe_difference
from ann_core.datasets.profile.measures import (
    MEASURES,
    class_averages,
    measures_table,
    sharpness,
    summarise,
    summarise_sizes,
)
from ann_core.datasets.profile.scan import scan
from ann_core.datasets.split import SplitConfig
from ann_core.imaging.preprocessing import PreprocessConfig
from tests.helpers.profile_images import photograph

pixels_of_a_image = st.lists(st.integers(0, 255), min_size=1, max_size=300)


@given(pixels_of_a_image)
def test_measures_of_a_histogram_equal_those_of_the_pixels(pixels: list[int]) -> None:
    values = np.array(pixels)
    histogram = np.bincount(values, minlength=256)
    summary = dict(zip(MEASURES, summarise(histogram[np.newaxis])[0], strict=False))
    assert summary["brightness"] == pytest.approx(values.mean())
    assert summary["contrast"] == pytest.approx(values.std(), abs=1e-6)
    assert summary["dark_end"] == np.percentile(values, 5, method="inverted_cdf")
    assert summary["bright_end"] == np.percentile(values, 95, method="inverted_cdf")
    assert summary["entropy"] == pytest.approx(stats.entropy(histogram, base=2), abs=1e-9)
    shares = [((values >= low) & (values <= low + 16)).mean() for low in range(240)]
    assert summary["plain_share"] == pytest.approx(max(shares))


def test_sharpness_is_the_variance_of_scipys_laplacian() -> None:
    gray = photograph(1).convert("L")
    values = np.asarray(gray, dtype=float)
    laplacian = ndimage.laplace(values)[1:-1, 1:-1]
    assert sharpness(gray) == pytest.approx(laplacian.var() / values.var(), rel=1e-5)


def test_blur_takes_sharpness_away_and_paleness_does_not() -> None:
    gray = photograph(2).convert("L")
    by_blur = [sharpness(gray.filter(ImageFilter.GaussianBlur(radius))) for radius in range(4)]
    assert by_blur == sorted(by_blur, reverse=True)
    assert by_blur[3] < by_blur[0] / 20
    pale = gray.point(lambda value: value // 2 + 60)
    assert sharpness(pale) == pytest.approx(sharpness(gray), rel=0.05)


def test_sharpness_of_a_large_image_is_that_of_what_a_network_can_see() -> None:
    large = photograph(3).convert("L").resize((1024, 768), Image.Resampling.BICUBIC)
    small = large.copy()
    small.thumbnail((256, 256), reducing_gap=2.0)
    assert sharpness(large) == sharpness(small)
    assert large.size == (1024, 768)


@pytest.mark.parametrize("size", [(1, 1), (2, 40), (40, 2)])
def test_where_there_are_no_neighbours_there_is_no_sharpness(size: tuple[int, int]) -> None:
    values = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size)
    assert np.isnan(sharpness(Image.fromarray(values)))


def test_a_plain_image_has_no_sharpness() -> None:
    assert np.isnan(sharpness(Image.new("L", (20, 20), 90)))


def test_the_pixels_are_those_that_a_network_is_given(dataset: Dataset, tmp_path: Path) -> None:
    scanned = scan(dataset, tmp_path)
    features = load_features(dataset, PreprocessConfig(), tmp_path / "features").features
    np.testing.assert_array_equal(scanned.pixels, features)


def test_every_image_has_its_measures_in_the_order_of_the_data_set(
    dataset: Dataset, tmp_path: Path
) -> None:
    table = measures_table(dataset, scan(dataset, tmp_path).values)
    assert table["bytes"].tolist() == dataset.images["bytes"].tolist()
    assert table["aspect_ratio"].tolist() == [1.2] * 24
    for row in range(24):
        values = np.asarray(Image.open(dataset.path(row)).convert("L"), dtype=float)
        assert table["brightness"][row] == pytest.approx(values.mean())
        assert table["contrast"][row] == pytest.approx(values.std())


def test_mean_and_deviation_of_each_class_equal_numpys() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (700, 9216), dtype=np.uint8)  # more than a block
    labels = rng.integers(0, 3, 700)
    rows = np.flatnonzero(rng.random(700) < 0.9)
    means, stds = class_images(pixels, labels, rows, n_classes=4)
    assert means.dtype == stds.dtype == np.float32
    for label in range(3):
        own = pixels[rows[labels[rows] == label]].reshape(-1, 96, 96).astype(float)
        np.testing.assert_allclose(means[label], own.mean(axis=0), rtol=1e-6)
        np.testing.assert_allclose(stds[label], own.std(axis=0), rtol=1e-5)
    assert np.isnan(means[3]).all()
    assert np.isnan(stds[3]).all()


def test_equal_images_do_not_deviate() -> None:
    pixels = np.full((1000, 9216), 201, dtype=np.uint8)
    labels = np.zeros(1000, dtype=np.int64)
    _, stds = class_images(pixels, labels, np.arange(1000), n_classes=1)
    assert not stds.any()


def test_the_difference_of_two_means_is_told_by_its_ends() -> None:
    values = np.random.default_rng(0).normal(0, 20, (9, 5)).astype(np.float32)
    values[7, 3], values[2, 4] = 99.5, -80.25
    difference = describe_difference(values)
    assert difference is not None
    assert (difference.highest, difference.brightest) == (99.5, (7, 3))
    assert (difference.lowest, difference.darkest) == (-80.25, (2, 4))
    assert difference.mean_absolute == pytest.approx(np.abs(values.astype(float)).mean(), rel=1e-6)
    values[0, 0] = np.nan
    assert describe_difference(values) is None


def test_sizes_and_shapes_are_counted() -> None:
    sides = [(10, 10), (10, 10), (11, 10), (23, 20), (10, 12), (30, 90)]
    table = pd.DataFrame(sides, columns=["width", "height"])
    sizes = summarise_sizes(table.assign(aspect_ratio=table["width"] / table["height"]))
    assert sizes.n_sizes == 5
    assert (sizes.median_width, sizes.median_height) == (10.5, 11.0)
    assert sizes.wide_share == 1 / 6, "11 to 10 is nearly a square"
    assert sizes.tall_share == 2 / 6


def test_a_measure_is_averaged_by_class_without_what_cannot_be_read() -> None:
    table = pd.DataFrame(
        {"class_name": ["dog", "cat", "dog", "dog"], "contrast": [1.0, 5.0, np.nan, 4.0]}
    )
    assert class_averages(table, "contrast") == {"cat": 5.0, "dog": 2.5}


def info_of(**counts: int) -> DatasetInfo:
    return DatasetInfo(
        name="n",
        source="s",
        created="",
        class_names=tuple(counts),
        counts={name: {"train": n - n // 5, "test": n // 5} for name, n in counts.items()},
        n_images=sum(counts.values()),
        n_skipped=0,
        fingerprint="",
        split=SplitConfig(),
    )


def test_unequal_classes_are_warned_of_in_words() -> None:
    sentence = imbalance(info_of(cat=17, dog=83))
    assert sentence is not None
    assert "always answering 'dog' would score 83%" in sentence
    assert "'a' would score 43%" in str(imbalance(info_of(a=30, b=20, c=20)))
    assert "score more than 99%" in str(imbalance(info_of(a=5, b=4000)))


@pytest.mark.parametrize("counts", [{"a": 50, "b": 50}, {"a": 149, "b": 100}, {"a": 9, "b": 7}])
def test_about_equal_classes_are_not_warned_of(counts: dict[str, int]) -> None:
    assert imbalance(info_of(**counts)) is None


@given(st.integers(5, 1000), st.integers(5, 1000))
def test_the_warning_begins_at_60_to_40(cats: int, dogs: int) -> None:
    warned = imbalance(info_of(cat=cats, dog=dogs)) is not None
    assert warned == (5 * max(cats, dogs) >= 3 * (cats + dogs))
