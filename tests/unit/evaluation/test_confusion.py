"""The most frequent mistakes are the fullest cells off the diagonal."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ann_core.evaluation.confusion import frequent_mistakes, prediction_counts, start_cell
from ann_core.evaluation.metrics import evaluate
from ann_core.runs.result import Evaluation


@st.composite
def evaluations(draw: st.DrawFn) -> Evaluation:
    n_classes = draw(st.integers(2, 5))
    some_classes = st.lists(st.integers(0, n_classes - 1), min_size=30, max_size=30)
    labels, predicted = np.array(draw(some_classes)), np.array(draw(some_classes))
    return evaluate(np.eye(n_classes)[predicted], labels, [f"class {n}" for n in range(n_classes)])


@given(evaluations(), st.integers(1, 12))
def test_mistakes_are_the_fullest_cells_off_the_diagonal(
    evaluation: Evaluation, max_cells: int
) -> None:
    cells = {
        (truth, predicted): count
        for truth, row in enumerate(evaluation.confusion)
        for predicted, count in enumerate(row)
        if truth != predicted and count
    }

    mistakes = frequent_mistakes(evaluation, max_cells)

    listed = {(each.truth, each.predicted): each.n_images for each in mistakes}
    assert len(listed) == len(mistakes) == min(max_cells, len(cells))
    assert listed.items() <= cells.items()
    counts = [each.n_images for each in mistakes]
    assert counts == sorted(cells.values(), reverse=True)[:max_cells]


def test_equal_mistakes_come_in_reading_order() -> None:
    evaluation = evaluate(np.eye(3)[[1, 0, 2, 2]], np.array([0, 1, 1, 2]), ["a", "b", "c"])
    assert [each[:2] for each in frequent_mistakes(evaluation, 9)] == [(0, 1), (1, 0), (1, 2)]
    assert start_cell(evaluation) == (0, 1)


def test_without_mistakes_the_first_cell_comes_first() -> None:
    evaluation = evaluate(np.eye(2), np.array([0, 1]), ["a", "b"])
    assert frequent_mistakes(evaluation, 9) == []
    assert start_cell(evaluation) == (0, 0)


@given(evaluations())
def test_every_image_got_one_answer(evaluation: Evaluation) -> None:
    counts = prediction_counts(evaluation)
    assert sum(counts) == evaluation.n_images
    assert counts == [sum(column) for column in zip(*evaluation.confusion, strict=True)]
