"""Who can be compared: a network, or a baseline of what a network was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.errors import RunError
from ann_core.evaluation.comparison import HeldOutPredictions
from ann_core.evaluation.run_table import baseline_id
from ann_core.evaluation.stored_predictions import Predictions
from ann_core.runs.run import Run
from ui.compare.plots import names_of
from ui.compare.run_table import BaselinesOf
from ui.runs.run_cache import report_of


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """Somebody who answered.

    Attributes
    ----------
    run : Run
        The network; of a baseline, one that was given the same images.
    predictions : Answers
        Of that network.
    """

    title: str
    test_predictions: HeldOutPredictions
    run: Run
    predictions: Predictions
    class_names: tuple[str, ...]
    is_network: bool = True

    @property
    def accuracy(self) -> float:
        """Share of right answers on the test images, 0..1."""
        return float((self.test_predictions.predicted == self.test_predictions.labels).mean())

    def confidence(self, row: int) -> str:
        """Say how sure a network is of an image; baselines only answer."""
        index = np.flatnonzero(self.predictions.rows == row)
        if not self.is_network or not len(index):
            return ""
        return f", {float(self.predictions.confidence[index[0]]):.0%} sure"


def titles_of(
    chosen: Sequence[str], runs: Sequence[Run], baselines: Sequence[BaselinesOf]
) -> dict[str, str]:
    """Name the chosen rows that have answers, in the order in which they were chosen."""
    tested = [run for run in runs if run.id in chosen and run.has_model]
    known = names_of(tested)
    for of in baselines:
        for baseline in of.made.baselines if of.made is not None else ():
            known[baseline_id(of.config, baseline.key)] = baseline.title
    return {row_id: known[row_id] for row_id in chosen if row_id in known}


def compared_model(
    row_id: str, title: str, runs: Sequence[Run], baselines: Sequence[BaselinesOf]
) -> ComparedModel:
    """Read what a row answered.

    Raises
    ------
    RunError
        If its answers are not there.
    """
    by_id = {run.id: run for run in runs}
    if row_id in by_id:
        run = by_id[row_id]
        report = report_of(run)
        test_predictions = HeldOutPredictions.of_run(report.predictions, run.config.fingerprint)
        return ComparedModel(
            title, test_predictions, run, report.predictions, report.test.class_names
        )
    key = row_id.partition(".")[0]
    of = next(of for of in baselines if baseline_id(of.config, key) == row_id)
    if of.made is None:
        raise RunError("These baselines are gone. Train them again.")
    test_predictions = HeldOutPredictions.of_baseline(of.made, key, of.config.fingerprint)
    run, predictions, class_names = _images_of(of, runs)
    return ComparedModel(title, test_predictions, run, predictions, class_names, is_network=False)


def _images_of(of: BaselinesOf, runs: Sequence[Run]) -> tuple[Run, Predictions, tuple[str, ...]]:
    """Find a network that was given the same images as a baseline."""
    for run in runs:
        same = run.config.fingerprint == of.config.fingerprint
        if same and run.config.preprocess == of.config.preprocess and run.has_model:
            report = report_of(run)
            return run, report.predictions, report.test.class_names
    raise RunError(
        "No network was trained on what these baselines were given, so their pictures cannot be "
        "shown. Train one."
    )


def places_of(predictions: Predictions, rows: list[int]) -> np.ndarray:
    """Find the rows of features of some images."""
    place_of = dict(zip(predictions.rows.tolist(), predictions.feature_rows.tolist(), strict=True))
    return np.array([place_of[row] for row in rows], dtype=np.int64)
