"""Figures of a finished run: what they draw is what the evaluation says."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from ann_core.evaluation.report import report
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.plots.results_plots import accuracy_chart, calibration_chart, curve_chart
from tests.helpers.made_up_predictions import answered


@given(answered())
def test_the_figures_draw_these_numbers(case: tuple[Predictions, tuple[str, ...]]) -> None:
    figures = report(*case)

    dots = {dot["split"]: dot["accuracy"] for dot in accuracy_chart(figures)["data"]["values"]}
    assert list(dots.values()) == [
        figures.splits[s].accuracy for s in ("train", "validation", "test")
    ]
    drawn = calibration_chart(figures.calibration)["data"]["values"]
    assert sum(dot["pictures"] for dot in drawn) == figures.test.n_images


def test_a_long_curve_is_thinned_out_and_keeps_its_ends() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(9000) % 2
    raw = rng.uniform(size=(9000, 1)).astype(np.float32)
    splits = np.array(["train", "validation", "test"])[np.arange(9000) // 3000]
    feature_rows = np.arange(9000)
    figures = report(
        Predictions(np.hstack([1 - raw, raw]), labels, splits, feature_rows, feature_rows),
        ("cat", "dog"),
    )
    assert figures.roc is not None
    points = curve_chart(figures.roc, "x", "y")["data"]["values"]
    assert len(points) == 300
    assert (points[0]["x"], points[-1]["y"]) == (0.0, 1.0)
