"""Images are selected by class, split and list, and know who stands beside them."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.selection import Selection, select_images


@pytest.mark.parametrize("class_name", [None, "dark", "bright"])
@pytest.mark.parametrize("split", [None, "train", "test"])
def test_class_and_split_select_what_pandas_would(
    dataset: Dataset, class_name: str | None, split: str | None
) -> None:
    table = dataset.images
    chosen = np.ones(len(table), dtype=bool)
    if class_name is not None:
        chosen &= table["class_name"] == class_name
    if split is not None:
        chosen &= table["split"] == split
    selection = select_images(dataset, class_name=class_name, split=split)
    assert selection.rows.tolist() == np.flatnonzero(chosen).tolist()
    assert len(selection) == chosen.sum() > 0


def test_a_list_keeps_its_order_and_has_nothing_twice(dataset: Dataset) -> None:
    assert select_images(dataset, rows=[9, 2, 9, 5]).rows.tolist() == [9, 2, 5]
    bright = np.flatnonzero(dataset.images["class_name"] == "bright")
    mixed = [int(bright[2]), *np.flatnonzero(dataset.images["class_name"] == "dark").tolist()]
    assert select_images(dataset, class_name="bright", rows=mixed).rows.tolist() == [bright[2]]
    assert len(select_images(dataset, rows=[])) == 0


def test_neighbours_are_those_of_the_selection() -> None:
    selection = Selection(np.array([7, 3, 5]))
    assert [selection.neighbours(row) for row in (7, 3, 5)] == [(None, 3), (7, 5), (3, None)]
    assert [selection.index(row) for row in (7, 3, 5, 4)] == [0, 1, 2, None]
    assert selection.neighbours(4) == (None, None)
    assert Selection(np.array([], dtype=np.int64)).neighbours(0) == (None, None)
