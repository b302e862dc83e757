"""How long an experiment may take, and how many epochs fit into that.

Everything is decided before the start, from what earlier runs of this computer took, so that the
plan that is stored is the plan that is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ann_core.datasets.dataset import DatasetInfo
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.experiments import PlannedRun
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import product_count
from ann_core.training.time_estimate import PastRun, epoch_size, estimate_epoch

FEWEST_EPOCHS, MOST_EPOCHS = 4, 20

_SECONDS = (100.0, 900.0)  # for small data sets and for large ones
_SECONDS_AN_IMAGE = 0.045
_BESIDES = 6.0  # seconds of a run that are no epochs, if no earlier run tells
# Prices if no earlier run tells: a quarter more than two cores of a server took.
_A_BATCH = 6e-4
_A_PRODUCT = {"dense": 4e-11, "convolution": 1e-10}


@dataclass(frozen=True)
class Budget:
    """What is known of this computer's pace.

    Attributes
    ----------
    past : dict of network kind to sequence of PastRun
    besides : float
        Seconds of a run that are no epochs.
    max_epochs : int
        Epochs that a run may have here; 0 for any number.
    """

    past: Mapping[str, Sequence[PastRun]]
    besides: float = _BESIDES
    max_epochs: int = 0

    def allowed(self, epochs: int) -> int:
        """Say how many of these epochs a run may have here."""
        return min(epochs, self.max_epochs or epochs)

    def seconds_per_epoch(
        self, network: NetworkConfig, preprocess: PreprocessConfig, *, n_train: int, n_classes: int
    ) -> float:
        """Estimate the seconds of an epoch on so many pictures."""
        n_features, n_channels = preprocess.n_features, preprocess.n_channels
        size = epoch_size(network, n_features, n_classes, n_train=n_train, n_channels=n_channels)
        pace = estimate_epoch(self.past.get(network.kind, ()), size)
        if pace is not None:
            return pace.seconds
        products = product_count(network, n_features, n_classes, n_channels=n_channels)
        n_batches = -(-n_train // network.batch_size)
        return _A_BATCH * n_batches + _A_PRODUCT[network.kind] * n_train * products

    def epochs(
        self,
        networks: Sequence[tuple[NetworkConfig, PreprocessConfig]],
        info: DatasetInfo,
        *,
        n_train: int = 0,
        n_runs: int = 0,
        weight: float = 1.0,
        most: int = MOST_EPOCHS,
    ) -> int:
        """Say for how many epochs all these networks can train in the time that there is.

        Parameters
        ----------
        n_train : int
            Pictures that each learns from; 0 for all.
        n_runs : int
            How many runs there are, if not one each.
        weight : float
            How much the runs cost in all, in that of `networks`.
        """
        n_images, n_classes = n_train or info.n_images_of("train"), len(info.class_names)
        paces = [
            self.seconds_per_epoch(*pair, n_train=n_images, n_classes=n_classes)
            for pair in networks
        ]
        one = weight * sum(paces)
        left = seconds_for(info.n_images_of("train")) - self.besides * (n_runs or len(networks))
        return self.allowed(int(min(most, max(FEWEST_EPOCHS, left / one))))

    def runs_beside(self, info: DatasetInfo) -> float:
        """Say how many runs can be started and tested in half of the time that there is."""
        return seconds_for(info.n_images_of("train")) / 2 / max(0.1, self.besides)

    def total_seconds(self, plan: Sequence[PlannedRun], info: DatasetInfo) -> float:
        """Estimate the seconds of all runs of a plan, one after another."""
        n_classes = len(info.class_names)
        total = 0.0
        for each in plan:
            config = each.config
            n_train = config.variation.n_train or info.n_images_of("train")
            pace = self.seconds_per_epoch(
                config.network, config.preprocess, n_train=n_train, n_classes=n_classes
            )
            total += self.besides + pace * config.network.epochs
        return total


def seconds_for(n_train: int) -> float:
    """Say how long an experiment on so many training pictures may take."""
    shortest, longest = _SECONDS
    return min(longest, max(shortest, _SECONDS_AN_IMAGE * n_train))
