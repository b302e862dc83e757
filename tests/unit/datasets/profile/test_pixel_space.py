"""Principal axes and neighbours, against scikit-learn and against all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from ann_core.datasets.profile.pixel_space import N_AXES, N_NEIGHBOURS, embed, sample_rows


def images(n_images: int, n_features: int = 200, seed: int = 0) -> np.ndarray:
    """Random pixels that vary more along some directions than along others."""
    rng = np.random.default_rng(seed)
    waves = rng.normal(size=(n_images, 12)) * np.geomspace(400, 20, 12)
    values = 128 + waves @ rng.normal(size=(12, n_features)) / np.sqrt(n_features)
    return np.clip(values + rng.normal(0, 2, values.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("n_images", [40, 300])  # all axes at once, and some of them
def test_principal_axes_equal_scikit_learns(n_images: int) -> None:
    pixels = images(n_images)
    space = embed(pixels, np.arange(n_images))
    peer = PCA(N_AXES, svd_solver="full")
    expected = peer.fit_transform(pixels.astype(float))
    np.testing.assert_allclose(space.explained, peer.explained_variance_ratio_, rtol=1e-4)
    signs = np.sign((expected * space.coordinates).sum(axis=0))
    np.testing.assert_allclose(space.coordinates, expected * signs, atol=0.02)
    np.testing.assert_allclose(space.axes, peer.components_ * signs[:, None], atol=1e-4)


def test_the_farthest_image_lies_on_the_positive_side() -> None:
    coordinates = embed(images(50), np.arange(50)).coordinates
    assert (coordinates.max(axis=0) >= -coordinates.min(axis=0)).all()


@pytest.mark.parametrize("n_images", [5, 9, 60])
def test_neighbours_equal_those_of_all_distances(n_images: int) -> None:
    pixels = images(3 * n_images)
    rows = np.sort(np.random.default_rng(1).permutation(3 * n_images)[:n_images])
    space = embed(pixels, rows)
    values = pixels[rows].astype(np.int64)
    squares = ((values[:, None] - values[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, squares.max() + 1)
    order = np.argsort(squares, axis=1, kind="stable")[:, : min(N_NEIGHBOURS, n_images - 1)]
    np.testing.assert_array_equal(space.neighbours, rows[order])
    expected = np.sqrt(np.take_along_axis(squares, order, axis=1))
    np.testing.assert_allclose(space.distances, expected, rtol=1e-6)
    assert space.neighbours.dtype == np.int32


def test_a_copy_is_the_nearest_and_its_distance_is_0() -> None:
    pixels = images(30)
    pixels[17] = pixels[4]
    space = embed(pixels, np.arange(30))
    assert space.neighbours[4, 0] == 17
    assert space.neighbours[17, 0] == 4
    assert space.distances[4, 0] == space.distances[17, 0] == 0.0


@pytest.mark.parametrize("n_images", [1, 2, 12])
def test_equal_images_lie_on_one_point(n_images: int) -> None:
    space = embed(np.full((n_images, 50), 99, dtype=np.uint8), np.arange(n_images))
    assert space.coordinates.shape == (n_images, N_AXES)
    assert not space.coordinates.any()
    assert not space.explained.any()
    assert not space.axes.any()
    assert space.distances.shape == (n_images, min(8, n_images - 1))
    assert not space.distances.any()


def test_two_images_lie_on_one_axis() -> None:
    pixels = np.zeros((2, 100), dtype=np.uint8)
    pixels[1] = 200
    space = embed(pixels, np.arange(2))
    assert np.abs(space.coordinates[:, 0]).tolist() == pytest.approx([1000.0, 1000.0])
    assert space.explained.tolist() == pytest.approx([1.0, *[0.0] * 9])
    np.testing.assert_allclose(np.abs(space.axes[0]), 0.1, rtol=1e-5)


def test_agreement_is_the_share_of_neighbours_of_the_same_class() -> None:
    pixels = np.repeat(np.array([10, 12, 15, 200, 203], dtype=np.uint8), 20).reshape(5, 20)
    space = embed(pixels, np.arange(5))
    assert space.neighbours[:, 0].tolist() == [1, 0, 1, 4, 3]
    assert space.agreement(np.array([0, 0, 0, 1, 1])) == 1.0
    assert space.agreement(np.array([0, 1, 0, 1, 1])) == 0.4
    assert np.isnan(embed(pixels[:1], np.arange(1)).agreement(np.array([0])))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=200), st.integers(5, 60), st.integers(0, 9))
def test_a_sample_keeps_the_share_of_each_class(labels: list[int], size: int, seed: int) -> None:
    given_labels = np.array(labels)
    rows = np.arange(len(labels))
    sample = sample_rows(given_labels, rows, size=size, seed=seed)
    assert len(sample) == min(size, len(labels))
    assert (np.diff(sample) > 0).all()
    drawn = np.bincount(given_labels[sample], minlength=5)
    present = np.bincount(given_labels, minlength=5)
    assert (drawn[present > 0] >= 1).all()
    expected = present * len(sample) / len(labels)
    assert (np.abs(drawn - expected) <= 4).all()
    np.testing.assert_array_equal(sample, sample_rows(given_labels, rows, size=size, seed=seed))


def test_a_sample_is_drawn_from_the_given_rows_by_its_seed() -> None:
    labels = np.zeros(1000, dtype=np.int64)
    rows = np.arange(0, 1000, 2)
    first, second = (sample_rows(labels, rows, size=50, seed=seed) for seed in (0, 1))
    assert set(first) <= set(rows)
    assert set(first) != set(second)
    np.testing.assert_array_equal(sample_rows(labels, rows), rows)


def test_agreement_is_measured_against_chance() -> None:
    pixels = images(60)
    rows = np.arange(0, 60, 2)
    space = embed(pixels, rows)
    labels = np.arange(60) % 7 % 3
    counts = np.bincount(labels[rows])
    assert space.chance_agreement(labels) == pytest.approx(
        (counts * (counts - 1)).sum() / (30 * 29)
    )
    same = labels[space.neighbours] == labels[rows][:, np.newaxis]
    assert space.agreement(labels) == pytest.approx(same[:, 0].mean())
    counted = [space.n_same_class(labels, index) for index in range(30)]
    assert counted == same.sum(axis=1).tolist()
    assert not space.separates_classes(labels), "they were dealt out in turn"


def test_classes_that_lie_apart_are_separated() -> None:
    pixels = np.vstack([images(20) // 4, 192 + images(20, seed=1) // 4])
    space = embed(pixels, np.arange(40))
    labels = np.repeat([0, 1], 20)
    assert space.agreement(labels) == 1.0
    assert space.chance_agreement(labels) == pytest.approx(19 / 39)
    assert space.separates_classes(labels)


def test_distances_a_pixel_are_root_mean_squares() -> None:
    pixels = images(12).astype(np.float64)
    space = embed(pixels.astype(np.uint8), np.arange(12))
    differences = pixels[space.neighbours] - pixels[:, np.newaxis]
    expected = np.sqrt((differences**2).mean(axis=2))
    np.testing.assert_allclose(space.rms_distances, expected, rtol=1e-6)
