"""Who can be compared: a network, or a baseline of what a network was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ann_core.errors import RunError
from ann_core.evaluation.comparison import Judged
from ann_core.evaluation.run_table import baseline_id
from ann_core.evaluation.stored_predictions import Answers
from ann_core.runs.run import Run
from ui.compare.plots import names_of
from ui.compare.run_table import BaselinesOf
from ui.runs.run_cache import report_of


@dataclass(frozen=True, eq=False)
class Contender:
    """Somebody who answered.

    Attributes
    ----------
    run : Run
        The network; of a baseline, one that was given the same pictures.
    answers : Answers
        Of that network.
    """

    title: str
    judged: Judged
    run: Run
    answers: Answers
    class_names: tuple[str, ...]
    is_network: bool = True

    @property
    def accuracy(self) -> float:
        """Share of right answers on the test pictures, 0..1."""
        return float((self.judged.said == self.judged.labels).mean())

    def sureness(self, row: int) -> str:
        """Say how sure a network is of a picture; baselines only answer."""
        place = np.flatnonzero(self.answers.rows == row)
        if not self.is_network or not len(place):
            return ""
        return f", {float(self.answers.confidence[place[0]]):.0%} sure"


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


def contender(
    row_id: str, title: str, runs: Sequence[Run], baselines: Sequence[BaselinesOf]
) -> Contender:
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
        judged = Judged.of_run(report.answers, run.config.fingerprint)
        return Contender(title, judged, run, report.answers, report.test.class_names)
    key = row_id.partition(".")[0]
    of = next(of for of in baselines if baseline_id(of.config, key) == row_id)
    if of.made is None:
        raise RunError("These baselines are gone. Train them again.")
    judged = Judged.of_baseline(of.made, key, of.config.fingerprint)
    run, answers, class_names = _pictures_of(of, runs)
    return Contender(title, judged, run, answers, class_names, is_network=False)


def _pictures_of(of: BaselinesOf, runs: Sequence[Run]) -> tuple[Run, Answers, tuple[str, ...]]:
    """Find a network that was given the same pictures as a baseline."""
    for run in runs:
        same = run.config.fingerprint == of.config.fingerprint
        if same and run.config.preprocess == of.config.preprocess and run.has_model:
            report = report_of(run)
            return run, report.answers, report.test.class_names
    raise RunError(
        "No network was trained on what these baselines were given, so their pictures cannot be "
        "shown. Train one."
    )


def places_of(answers: Answers, rows: list[int]) -> np.ndarray:
    """Find the rows of features of some pictures."""
    place_of = dict(zip(answers.rows.tolist(), answers.places.tolist(), strict=True))
    return np.array([place_of[row] for row in rows], dtype=np.int64)
