"""What the duel plans, on a computer whose pace is known and on one that has trained nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.split import SplitConfig
from ann_core.experiments.budget import Budget
from ann_core.experiments.definition import CONVOLUTION, DENSE, PIXELS
from ann_core.experiments.duel import DUEL, MOST_EPOCHS
from ann_core.training.time_estimate import PastRun, epoch_size

N_TRAIN = 18_000
PHOTOGRAPHS = DatasetInfo(
    name="photographs",
    source="counted but not drawn",
    created="2026-01-01T00:00:00+00:00",
    class_names=("cat", "dog"),
    counts={
        name: {"train": N_TRAIN // 2, "validation": 1000, "test": 1000} for name in ("cat", "dog")
    },
    n_images=N_TRAIN + 4000,
    n_skipped=0,
    fingerprint="0" * 64,
    split=SplitConfig(),
)


def paced(dense: float, convolution: float) -> Budget:
    """A computer that needs so many seconds for an epoch."""
    seconds = {DENSE: dense, CONVOLUTION: convolution}
    return Budget(
        {
            network.kind: [PastRun(epoch_size(network, 1024, 2, n_train=N_TRAIN), each)]
            for network, each in seconds.items()
        }
    )


def planned_epochs(budget: Budget) -> list[int]:
    return [each.config.network.epochs for each in DUEL.plan(PHOTOGRAPHS, budget)]


@pytest.mark.parametrize("times", [3, 15])
def test_as_many_seconds_are_as_many_more_epochs(times: int) -> None:
    *equal, longer = planned_epochs(paced(0.25, 0.25 * times))

    assert equal == [20, 20, 20]
    assert longer == pytest.approx(20 * times, rel=0.05)


def test_epochs_end_somewhere() -> None:
    slow = paced(0.25, 25)
    *equal, longer = planned_epochs(slow)
    assert longer == MOST_EPOCHS > max(equal)
    assert planned_epochs(replace(slow, max_epochs=100)) == [*equal, 100]
    assert planned_epochs(replace(slow, max_epochs=2)) == [2, 2, 2, 2]


def test_a_computer_that_has_trained_nothing_expects_a_slower_convolution() -> None:
    dense, convolution = (
        Budget({}).seconds_per_epoch(network, PIXELS, n_train=N_TRAIN, n_classes=2)
        for network in (DENSE, CONVOLUTION)
    )

    # Measured: 0.24 and 3.4 to 4.2 s.
    assert 0.2 < dense < 1 and 3 < convolution < 9
