"""The network and its training as written code: the same weights, to the last bit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ann_core.datasets.features import FeatureSet
from ann_core.datasets.standardizing import standardiser_of
from ann_core.export.code.network_code import (
    model_cell,
    needs_math,
    settings_code,
    standardising_cell,
    training_cell,
)
from ann_core.export.code.step_code import StepKind, step_cell
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.loop import FEWEST_COMPILED, TrainingState, one_hot
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.precision import BFLOAT16_UNITS
from tests.helpers.runs import PIXELS, toy_features
from tests.helpers.training import Stop, never, train_until

BASE = {"hidden_units": (6, 5), "epochs": 4, "batch_size": 8, "learning_rate": 0.01, "seed": 3}
CASES: dict[str, dict[str, Any]] = {
    "linear": {"hidden_units": (), "optimizer": "sgd", "learning_rate": 0.1},
    "all of it": {
        "dropout_rate": 0.4,
        "batch_normalization": True,
        "l2": 0.01,
        "activation": "tanh",
        "optimizer": "rmsprop",
        "schedule": "exponential",
        "keep": "last",
    },
    "cosine": {"schedule": "cosine", "dropout_rate": 0.2},
    # So many epochs are worth compiling the step.
    "early": {"early_stopping_patience": 1, "learning_rate": 0.3, "epochs": FEWEST_COMPILED},
    "best": {"learning_rate": 0.3, "epochs": 10, "precision": "bfloat16"},
    "early, last": {
        **{"early_stopping_patience": 1, "learning_rate": 0.3, "epochs": 30, "keep": "last"},
    },
}


def in_the_third_epoch(state: TrainingState) -> bool:
    return (state.epoch, state.batch) == (3, 2)


def in_the_first_epoch(state: TrainingState) -> bool:
    return (state.epoch, state.batch) == (1, 3)


@pytest.mark.parametrize(
    ("case", "stop"),
    [
        ("linear", never),
        ("cosine", in_the_first_epoch),
        ("all of it", in_the_third_epoch),
        ("early", never),
        ("early", in_the_third_epoch),
        ("best", never),
        ("best", in_the_third_epoch),
        ("early, last", never),
    ],
)
def test_written_code_gives_the_same_weights(case: str, stop: Stop) -> None:
    scaling = "standard" if case in {"linear", "all of it"} else "unit"
    data = toy_features(overlap=0.8)
    preprocess = PIXELS.model_copy(update={"scaling": scaling})
    network = NetworkConfig.parse(BASE | CASES[case])
    standardiser = standardiser_of(data) if scaling == "standard" else None
    model = build(network, 64, 2, standardiser=standardiser)
    state = TrainingState()
    ended = train_until(model, data, network, state=state, stop=stop, flags=BFLOAT16_UNITS)
    assert ended.stopped == (stop is not never)

    weights = written(network, preprocess, data, state, stopped=ended.stopped)
    expected = model.get_weights()
    assert len(weights) == len(expected) > 0
    for mine, theirs in zip(expected, weights, strict=True):
        assert np.array_equal(mine, theirs)
    if stop is never:
        assert (len(state.history) < network.epochs) == ("early" in case)
        assert (ended.kept_epoch == ended.best_epoch) == (network.keep == "best")
        assert (ended.best_epoch < len(state.history)) == (case != "linear")


def written(
    network: NetworkConfig,
    preprocess: PreprocessConfig,
    data: FeatureSet,
    state: TrainingState,
    *,
    stopped: bool,
) -> list[np.ndarray]:
    """Run the code that is written for a training; return the weights it ends with."""
    import keras

    training = training_cell(
        network,
        n_epochs=len(state.history) if stopped else network.epochs,
        n_batches=state.batch if stopped else 0,
    )
    parts = [settings_code(network)]
    parts += [standardising_cell().code] if preprocess.scaling == "standard" else []
    kind = StepKind.of(
        *(network, state.precision), n_train=len(data.indices("train")), n_features=data.n_features
    )
    parts += [model_cell(network, preprocess).code, step_cell(kind).code, training.code]
    space: dict[str, Any] = {"np": np, "keras": keras, "CLASSES": data.class_names}
    space |= {"math": math} if needs_math(network) else {}
    space |= {"x": np.asarray(data.features), "y": one_hot(data.labels, 2)}
    space |= {split: data.indices(split) for split in ("train", "validation", "test")}
    exec(compile("\n".join(parts), "train.py", "exec"), space)
    weights: list[np.ndarray] = space["model"].get_weights()
    return weights
