"""What an experiment is: a claim, bets on how it ends, a plan of runs, and how to read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import RunError
from ann_core.evaluation.baselines import BaselineSet
from ann_core.evaluation.run_inputs import load_run_inputs
from ann_core.evaluation.sampling import evenly
from ann_core.evaluation.significance import McNemar, mcnemar
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion, Line, Number, share, share_line
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.experiments import PlannedRun
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run, RunConfig
from ann_core.runs.variation import ORDINARY, VariationConfig
from ann_core.training.history import EpochMetrics
from ann_core.training.network_config import NetworkConfig

PIXELS = PreprocessConfig(image_size=(32, 32))
"""Small enough for a few trainings in minutes, large enough for a person to tell the classes."""

DENSE = NetworkConfig(hidden_units=(128, 32), batch_size=32, keep="last")
CONVOLUTION = NetworkConfig(
    kind="convolution", hidden_units=(16, 32, 64), batch_size=32, keep="last"
)
"""With a sixth of the weights of `DENSE`."""


@dataclass(frozen=True)
class Bet:
    """One way in which an experiment may end.

    Attributes
    ----------
    sketch : dict of str to sequence of float
        How the figure would look: for some of its lines, shares from left to right.
    """

    key: str
    label: str
    sketch: Mapping[str, Sequence[float]]


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run of an experiment that has its result."""

    role: str
    run: Run
    history: Sequence[EpochMetrics]
    folder: RunFolder
    features_dir: Path

    def predictions(self) -> Predictions:
        """Read what it predicted for all pictures.

        Raises
        ------
        DamagedFileError
        """
        return load_predictions(self.folder.predictions, len(self.class_names))

    def test(self) -> Predictions:
        """Read what it predicted for the test pictures, as `predictions` does."""
        return self.predictions().of("test")

    def test_images(self, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Read at most so many test pictures as the network was given them, and their labels.

        They are spread over the whole split, which may be sorted by class.

        Returns
        -------
        images : uint8 array, shape (n_images, height, width, n_channels)
        labels : int64 array, shape (n_images,)

        Raises
        ------
        RunError
            If they are gone.
        """
        test = self.test()
        inputs = load_run_inputs(self.folder, self.run.config, self.features_dir)
        if inputs is None:
            raise RunError(
                "The test pictures of this experiment are gone, so its networks cannot be asked "
                "again. Start it again."
            )
        return inputs.images(evenly(test.rows, most)), evenly(test.labels, most)

    def test_rows(self, most: int) -> np.ndarray:
        """Rows in the data set of what `test_images` reads: int array, shape (n_images,)."""
        return evenly(self.test().rows, most)

    def test_accuracy(self) -> Number:
        """Say how many of the test pictures it has right."""
        test = self.run.learned.test
        return share(self.role, round(test.accuracy * test.n_images), test.n_images)

    def validation_curve(self) -> Line:
        """Draw its validation accuracy, epoch by epoch."""
        epochs = [epoch.epoch for epoch in self.history]
        accuracies = [epoch.val_accuracy for epoch in self.history]
        return share_line(self.role, epochs, accuracies, n_images=self.n_validation)

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the labels."""
        return self.run.learned.test.class_names

    @property
    def n_train(self) -> int:
        """How many pictures it learned from."""
        return self.run.learned.n_images["train"]

    @property
    def n_validation(self) -> int:
        """How many pictures its validation accuracy is of."""
        return self.run.learned.n_images["validation"]


@dataclass(frozen=True, eq=False)
class Evidence:
    """All finished runs of an experiment, and the baselines if it needs them."""

    runs: Sequence[FinishedRun]
    baselines: BaselineSet | None = None

    def of(self, role: str) -> list[FinishedRun]:
        """Take those of a role, one a seed.

        Raises
        ------
        RunError
            If there is none.
        """
        runs = [each for each in self.runs if each.role == role]
        if not runs:
            raise RunError(f"The network '{role}' of this experiment is missing.")
        return runs

    def one(self, role: str) -> FinishedRun:
        """Take the first of a role."""
        return self.of(role)[0]

    def compare(self, first: str, second: str) -> McNemar:
        """Compare the first network of two roles on the same test pictures."""
        pair = [self.one(role).test() for role in (first, second)]
        return mcnemar(*(np.asarray(each.correct) for each in pair))


@dataclass(frozen=True)
class Experiment:
    """One claim that is put to the test.

    Attributes
    ----------
    key : str
        Its name in commands and addresses.
    claim : str
        What is expected.
    how : str
        What is done.
    why : str
        Why it should be so, for those who want to know.
    bets : tuple of Bet
    plan : function of a data set and a budget
        All runs, in the order in which they are filed.
    conclude : function of the evidence
    needs_baselines : bool
        Whether simple rules are trained on the same pictures as well.
    draws : bool
        Whether its pictures are drawn for it, see `ann_core.experiments.moved`; it asks for no
        data set then.
    """

    key: str
    title: str
    claim: str
    how: str
    why: str
    bets: tuple[Bet, ...]
    plan: Callable[[DatasetInfo, Budget], list[PlannedRun]]
    conclude: Callable[[Evidence], Conclusion]
    needs_baselines: bool = False
    draws: bool = False

    def bet(self, key: str) -> Bet:
        """Find a bet.

        Raises
        ------
        RunError
            If there is none of this key.
        """
        for bet in self.bets:
            if bet.key == key:
                return bet
        known = ", ".join(bet.key for bet in self.bets)
        raise RunError(f"Expected a bet on one of {known}, got {key!r}.")


def planned(
    role: str,
    info: DatasetInfo,
    network: NetworkConfig,
    *,
    preprocess: PreprocessConfig = PIXELS,
    variation: VariationConfig = ORDINARY,
) -> PlannedRun:
    """Plan one run on a data set."""
    preprocess = preprocess.model_copy(update={"bits_used": info.bits_used})
    config = RunConfig(
        dataset=info.name,
        fingerprint=info.fingerprint,
        preprocess=preprocess,
        network=network,
        variation=variation,
    )
    return PlannedRun(role=role, config=config)


def with_epochs(network: NetworkConfig, epochs: int, seed: int = 0) -> NetworkConfig:
    """Let a network train for so long."""
    return network.model_copy(update={"epochs": epochs, "seed": seed})


def with_seed(experiment: Experiment, seed: int) -> Experiment:
    """Let all networks of an experiment begin with other weights, in another order of pictures.

    Parameters
    ----------
    seed : int
        Is added to the seed of each; 0 changes nothing.
    """

    def plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
        return [_add_seed(each, seed) for each in experiment.plan(info, budget)]

    return replace(experiment, plan=plan)


def _add_seed(run: PlannedRun, seed: int) -> PlannedRun:
    network = run.config.network.model_copy(update={"seed": run.config.network.seed + seed})
    return run.model_copy(update={"config": run.config.model_copy(update={"network": network})})
