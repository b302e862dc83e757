"""Images of the test split come in one order, and go by their number in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ann_core.datasets.catalog import Catalog
from ann_core.evaluation.unseen_order import number_of, shuffled_rows
from tests.helpers.small_run import draw_cartoons


def test_rows_are_mixed_always_in_the_same_way() -> None:
    rows = np.arange(100, 200)
    assert sorted(shuffled_rows(rows)) == rows.tolist()
    assert (shuffled_rows(rows) != rows).any()
    assert np.array_equal(shuffled_rows(rows), shuffled_rows(rows))


def test_an_image_is_offered_under_its_number(tmp_path: Path) -> None:
    dataset = Catalog(tmp_path / "datasets").load(draw_cartoons(tmp_path).name)
    offered = shuffled_rows(dataset.indices("test")).tolist()
    assert [number_of(dataset, row) for row in offered] == [1, 2, 3, 4, 5, 6]
