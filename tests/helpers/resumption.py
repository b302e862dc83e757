"""A training in a process of its own: ``python -m tests.helpers.resumption FOLDER [START]``.

It goes on from the checkpoint ``FOLDER/START.npz``, or begins, and then saves a checkpoint
after each batch. How it ended it writes to ``FOLDER/START.json`` or ``FOLDER/whole.json``.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ann_core.datasets.standardizing import standardiser_of
from ann_core.training.checkpoints import load_checkpoint, save_checkpoint
from ann_core.training.loop import TrainingResult, TrainingState
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import toy_features
from tests.helpers.training import train_until
from tests.helpers.warm_engine import run_fresh

WHOLE = "whole"
DATA = toy_features(42, overlap=0.9)  # 26 images to learn from


def in_fresh_process(folder: Path, start: str = WHOLE) -> Any:
    """Train there, where nothing has been traced yet; return how it ended."""
    run_fresh(__name__, str(folder), start, log=folder / f"{start}.log")
    return json.loads((folder / f"{start}.json").read_text())


def variables(model: Any) -> list[tuple[str, str, bytes]]:
    """Every variable of model and optimizer, to the bit."""
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return [
        (variable.name, str(variable.dtype), np.asarray(variable.numpy()).tobytes())
        for variable in [*model.variables, *model.optimizer.variables]
    ]


def outcome(result: TrainingResult) -> dict[str, Any]:
    """How a training ended, but for the time it took."""
    values = asdict(result)
    for metrics in values["history"]:
        del metrics["seconds"]
    return values


def main(folder: Path, start: str) -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    config = NetworkConfig.parse(json.loads((folder / "network.json").read_text()))
    model = build(config, DATA.n_features, 2, standardiser=standardiser_of(DATA))
    begins = start == WHOLE
    state = TrainingState() if begins else load_checkpoint(folder / f"{start}.npz", model)

    def save(now: TrainingState) -> bool:
        if begins:
            save_checkpoint(folder / f"{now.epoch}-{now.batch}.npz", model, now)
        return False

    ended = outcome(train_until(model, DATA, config, state=state, stop=save))
    bits = [(name, dtype, value.hex()) for name, dtype, value in variables(model)]
    (folder / f"{start}.json").write_text(json.dumps(ended | {"variables": bits}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
