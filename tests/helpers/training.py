"""Train in the process of a test, as a worker does in its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ann_core.datasets.features import FeatureSet
from ann_core.training.loop import TrainingResult, TrainingState, conclude, train
from ann_core.training.network_config import NetworkConfig

Stop = Callable[[TrainingState], bool]
"""Asked after each batch whether the training ends there."""


def never(_: TrainingState) -> bool:
    return False


def train_until(
    model: Any,
    data: FeatureSet,
    config: NetworkConfig,
    *,
    state: TrainingState | None = None,
    stop: Stop = never,
    flags: frozenset[str] | None = None,
) -> TrainingResult:
    """Train to the end, or to the batch after which `stop` says so."""
    state = TrainingState() if state is None else state
    for event in train(model, data, config, state=state, flags=flags):
        if isinstance(event, TrainingState) and stop(event):
            return conclude(model, config, state, stopped=True)
    return conclude(model, config, state, stopped=False)
