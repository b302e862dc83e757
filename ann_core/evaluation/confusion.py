"""What stands in a confusion matrix: the most frequent mistakes, and the answers by class."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ann_core.runs.result import Evaluation


class Mistakes(NamedTuple):
    """Images of one class, by index, that were taken for another."""

    truth: int
    predicted: int
    n_images: int


def frequent_mistakes(evaluation: Evaluation, max_cells: int) -> list[Mistakes]:
    """List the cells off the diagonal by how many images they hold, the fullest first.

    Empty ones are left out; among equals, the first in reading order comes first.
    """
    counts = np.array(evaluation.confusion)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:max_cells]
    cells = (divmod(int(index), len(counts)) for index in order if counts.flat[index])
    return [Mistakes(*cell, int(counts[cell])) for cell in cells]


def start_cell(evaluation: Evaluation) -> tuple[int, int]:
    """Find the most frequent mistake, as (truth, predicted); the first cell if there is none."""
    for mistakes in frequent_mistakes(evaluation, 1):
        return mistakes.truth, mistakes.predicted
    return 0, 0


def prediction_counts(evaluation: Evaluation) -> list[int]:
    """Count how often each class was the answer."""
    return [int(n) for n in np.array(evaluation.confusion).sum(axis=0)]
