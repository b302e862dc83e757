"""Figures of a finished run: what they draw is what the evaluation says."""

from __future__ import annotations

import numpy as np

from ann_core.evaluation.metrics import evaluate
from ann_core.plots import results_plots


def test_the_confusion_matrix_is_drawn_as_it_is() -> None:
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    evaluation = evaluate(probabilities, np.array([0, 1, 1]), ("cat", "dog"))
    figure = results_plots.confusion_figure(evaluation)
    assert [list(row) for row in figure.data[0].z] == [[1, 0], [1, 1]]
    assert figure.layout.xaxis.title.text == "answer"
    assert figure.layout.yaxis.title.text == "truth"
    assert list(figure.data[0].customdata[1][0]) == ["dog", "cat"]
