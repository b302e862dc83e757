"""What can be compared: networks, and baselines of the features that a network was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ann_core.errors import RunError
from ann_core.evaluation.baselines import BaselineSet, load_baselines
from ann_core.evaluation.comparison import (
    HeldOutPredictions,
    features_key,
    run_names,
    same_preprocessing,
)
from ann_core.evaluation.report import RunReport
from ann_core.evaluation.run_table import baseline_id
from ann_core.runs.run import Run, RunConfig


@dataclass(frozen=True, eq=False)
class ConfigBaselines:
    """The baselines of all runs that were given the same features.

    Attributes
    ----------
    config : RunConfig
        Of one of these runs.
    fitted : BaselineSet or None
        None if nobody has trained them yet.
    """

    config: RunConfig
    fitted: BaselineSet | None

    def titles(self) -> dict[str, str]:
        """Title of each baseline, by its id in the table of runs."""
        baselines = self.fitted.baselines if self.fitted is not None else ()
        return {baseline_id(self.config, each.key): each.title for each in baselines}


@dataclass(frozen=True, eq=False)
class ComparedModel:
    """A network or a baseline, and what it predicted.

    Attributes
    ----------
    title : str
    test_predictions : HeldOutPredictions
    run : Run
        The network; of a baseline, one that was given the same images.
    report : RunReport
        Of that network.
    is_network : bool
    """

    title: str
    test_predictions: HeldOutPredictions
    run: Run
    report: RunReport
    is_network: bool

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the labels."""
        return self.report.test.class_names

    @property
    def accuracy(self) -> float:
        """Share of correct predictions on the test images, 0..1."""
        return self.test_predictions.accuracy

    def confidence(self, row: int) -> float | None:
        """Largest probability that a network gave an image; None of a baseline, which has none.

        Parameters
        ----------
        row : int
            Of ``Dataset.images``.
        """
        if not self.is_network:
            return None
        return float(self.report.predictions.at_rows([row]).confidence[0])


def find_baselines(configs: Sequence[RunConfig], root: Path) -> list[ConfigBaselines]:
    """Find the baselines of everything that runs with these configs were given.

    Parameters
    ----------
    root : Path
        ``Settings.baselines_dir``.
    """
    return [
        ConfigBaselines(config, load_baselines(config.fingerprint, config.preprocess, root))
        for config in same_preprocessing(configs)
    ]


@dataclass(frozen=True)
class ComparableModels:
    """All networks and baselines that there are to choose from.

    Attributes
    ----------
    runs : sequence of Run
    baselines : sequence of ConfigBaselines
    report_of : function of a run
        It raises RunError if the run's predictions are gone.
    """

    runs: Sequence[Run]
    baselines: Sequence[ConfigBaselines]
    report_of: Callable[[Run], RunReport]

    def titles(self, ids: Sequence[str]) -> dict[str, str]:
        """Title those of some rows of the table that have predictions, in this order; by id."""
        titles = run_names([run for run in self.runs if run.id in ids and run.has_model])
        for each in self.baselines:
            titles |= each.titles()
        return {row_id: titles[row_id] for row_id in ids if row_id in titles}

    def open(self, row_id: str, title: str) -> ComparedModel:
        """Read what a row of the table predicted.

        Raises
        ------
        RunError
            If its predictions are gone; of a baseline, also if no network was given the same.
        """
        for run in self.runs:
            if run.id == row_id:
                return self._network(run, title)
        for each in self.baselines:
            if each.fitted is not None and row_id in each.titles():
                return self._baseline(each.config, each.fitted, row_id)
        raise RunError("These baselines are gone. Train them again.")

    def _network(self, run: Run, title: str) -> ComparedModel:
        report = self.report_of(run)
        tested = HeldOutPredictions.of_run(report.predictions, run.config.fingerprint)
        return ComparedModel(title, tested, run, report, is_network=True)

    def _baseline(self, config: RunConfig, fitted: BaselineSet, row_id: str) -> ComparedModel:
        baseline = fitted.of(row_id.partition(".")[0])
        tested = HeldOutPredictions.of_baseline(fitted, baseline.key, config.fingerprint)
        for run in self.runs:
            if run.has_model and features_key(run.config) == features_key(config):
                report = self.report_of(run)
                return ComparedModel(baseline.title, tested, run, report, is_network=False)
        raise RunError(
            "No network was trained on what these baselines were given, so their pictures cannot "
            "be shown. Train one."
        )
