"""Nearest images equal scikit-learn's, and a table is read without being kept in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from ann_core.evaluation.knn import distance_beyond, nearest


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 12))
def test_the_nearest_are_those_of_scikit_learn(seed: int, n_rows: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 256, (60, 30), dtype=np.uint8)
    queries = rng.integers(0, 256, (4, 30), dtype=np.uint8)
    feature_rows = np.sort(rng.choice(60, n_rows, replace=False))
    oracle = NearestNeighbors(n_neighbors=min(k, n_rows), algorithm="brute")
    expected, _ = oracle.fit(table[feature_rows].astype(float)).kneighbors(queries.astype(float))

    nearest_rows, distances = nearest(queries, table, feature_rows, k=k)

    assert distances == pytest.approx(expected)
    assert set(nearest_rows.ravel()) <= set(feature_rows.tolist())
    true = np.sqrt(
        np.square(table[nearest_rows].astype(float) - queries[:, np.newaxis]).sum(axis=2)
    )
    assert distances == pytest.approx(true)


def test_more_rows_than_a_block_and_activations_of_floats() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(2500, 6)).astype(np.float32)
    nearest_rows, distances = nearest(table[[2400, 3]], table, np.arange(2500), k=1)
    assert nearest_rows.tolist() == [[2400], [3]]
    assert distances == pytest.approx(np.zeros((2, 1)))


def test_bright_images_that_differ_by_one_value_are_told_apart() -> None:
    table = np.full((50, 9216), 255, dtype=np.uint8)
    table[np.arange(50), np.arange(50)] = 254 - np.arange(50)
    table[30, 30] = 254
    _, distances = nearest(np.full((1, 9216), 255, dtype=np.uint8), table, np.arange(50), k=2)
    assert distances[0].tolist() == [1.0, 1.0]


def test_a_distance_is_told_if_nothing_lies_within_the_limit() -> None:
    table = np.random.default_rng(0).integers(0, 256, (2500, 12), dtype=np.uint8)
    query = np.full(12, 255, np.uint8)
    feature_rows = np.arange(100, 2500)
    [[closest]] = nearest(query[np.newaxis], table, feature_rows, k=1)[1]
    assert closest == np.linalg.norm(table[feature_rows].astype(float) - 255, axis=1).min()
    assert distance_beyond(query, table, feature_rows, limit=closest - 1) == closest
    assert distance_beyond(query, table, feature_rows, limit=closest) is None
    assert distance_beyond(query, table, feature_rows[:0], limit=1.0) is None
