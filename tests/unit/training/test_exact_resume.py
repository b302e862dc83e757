"""Interrupted before any batch and gone on with elsewhere, a training ends the same, to the bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ann_core.training.loop import FEWEST_COMPILED
from ann_core.training.network_config import NetworkConfig
from tests.helpers.resumption import in_fresh_process

# 26 images: the last batch of an epoch is a short one.
SETTINGS: dict[str, dict[str, Any]] = {
    "adam": {
        **{"batch_normalization": True, "dropout_rate": 0.3, "l2": 0.001},
        **{"schedule": "cosine", "learning_rate": 0.01, "batch_size": 12},
    },
    "sgd": {
        **{"batch_normalization": True, "schedule": "exponential"},
        **{"learning_rate": 0.3, "batch_size": 16},
    },
    "rmsprop": {
        **{"dropout_rate": 0.2, "l2": 0.01, "early_stopping_patience": 2},
        # As many epochs as are worth compiling the step, if it did not stop early.
        **{"learning_rate": 0.1, "batch_size": 16, "epochs": FEWEST_COMPILED},
    },
}


@pytest.mark.parametrize("optimizer", SETTINGS)
def test_a_fresh_process_ends_the_training_as_if_it_had_run_through(
    optimizer: str, tmp_path: Path
) -> None:
    small = {"hidden_units": (8,), "epochs": 3, "optimizer": optimizer}
    config = NetworkConfig.parse(small | SETTINGS[optimizer])
    (tmp_path / "network.json").write_text(json.dumps(config.model_dump(mode="json")))
    through = in_fresh_process(tmp_path)
    if config.early_stopping_patience:
        assert 1 < through["kept_epoch"] < len(through["history"]) < config.epochs, "shows little"
    n_batches = -(-26 // config.batch_size)
    starts = [(epoch, batch) for epoch in (1, 2) for batch in range(1, n_batches + 1)]
    if optimizer != "adam":  # before the short batch of one epoch, and between two
        starts = [(1, n_batches - 1), (2, n_batches)]

    for start in (f"{epoch}-{batch}" for epoch, batch in starts):
        assert in_fresh_process(tmp_path, start) == through, start
