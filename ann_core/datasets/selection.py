"""Some images of a data set, in an order, such as those of one class in one split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.datasets.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Selection:
    """Images of a data set, in the order in which they are looked at.

    Attributes
    ----------
    rows : int64 array
        Of ``Dataset.images``; none of them twice.
    """

    rows: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def index(self, row: int) -> int | None:
        """Where an image stands among these; None if it is none of them."""
        matches = np.flatnonzero(self.rows == row)
        return int(matches[0]) if len(matches) else None

    def neighbours(self, row: int) -> tuple[int | None, int | None]:
        """Rows before and after an image; none for an image that is not among these."""
        index = self.index(row)
        if index is None:
            return None, None
        before = int(self.rows[index - 1]) if index else None
        return before, int(self.rows[index + 1]) if index + 1 < len(self) else None


def select_images(
    dataset: Dataset,
    *,
    class_name: str | None = None,
    split: str | None = None,
    rows: Sequence[int] | None = None,
    mixed: bool = False,
) -> Selection:
    """Select images by class, split, and a list of them; None of these selects all.

    Parameters
    ----------
    rows : sequence of int, optional
        Their order is kept; what comes twice counts once.
    mixed : bool
        Whether the classes take turns, so that the first page shows all of them.
    """
    listed = range(len(dataset)) if rows is None else dict.fromkeys(rows)
    selected = np.array(list(listed), dtype=np.int64)
    if class_name is not None:
        label = dataset.class_names.index(class_name)
        selected = selected[dataset.labels[selected] == label]
    if split is not None:
        selected = selected[np.isin(selected, dataset.indices(split))]
    if mixed:
        selected = _in_turns(selected, dataset.labels[selected])
    return Selection(selected)


def _in_turns(rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Order rows so that each class has a turn after the other; within a class they stay."""
    by_class = np.argsort(labels, kind="stable")
    _, starts, counts = np.unique(labels[by_class], return_index=True, return_counts=True)
    rank = np.arange(len(rows)) - np.repeat(starts, counts)
    return rows[by_class[np.argsort(rank, kind="stable")]]
