"""The training loop, with real Keras on 8x8 pixels."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.datasets.features import FeatureSet
from ann_core.training.checkpoints import load_checkpoint, save_checkpoint
from ann_core.training.history import EpochMetrics, best_of
from ann_core.training.loop import (
    DivergedError,
    OtherFeaturesError,
    TrainingResult,
    TrainingState,
    conclude,
    epoch_order,
    one_hot,
    train,
)
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig, learning_rate_at
from tests.helpers.runs import toy_features

SMALL = NetworkConfig(hidden_units=(8,), batch_size=12, epochs=3, learning_rate=0.01, keep="last")


class Watcher:
    """Trains, notes what the loop yields, and stops at one batch, if any."""

    def __init__(self, stop_at: tuple[int, int] | None = None) -> None:
        self.stop_at = stop_at
        self.batches: list[tuple[int, int, int]] = []
        self.epochs: list[EpochMetrics] = []

    def train(
        self,
        model: Any,
        data: FeatureSet,
        config: NetworkConfig,
        *,
        state: TrainingState | None = None,
    ) -> TrainingResult:
        state = TrainingState() if state is None else state
        stopped = False
        for event in train(model, data, config, state=state):
            if isinstance(event, EpochMetrics):
                self.epochs.append(event)
                continue
            assert event is state
            self.batches.append((state.epoch, state.batch, state.n_batches))
            if (state.epoch, state.batch) == self.stop_at:
                stopped = True
                break
        return conclude(model, config, state, stopped=stopped)


def fit(
    config: NetworkConfig, data: FeatureSet, watcher: Watcher | None = None
) -> tuple[TrainingResult, list[np.ndarray]]:
    """Train a fresh network; return how it ended and its weights."""
    model = build(config, data.n_features, len(data.class_names))
    result = (watcher or Watcher()).train(model, data, config)
    return result, model.get_weights()


def numbers(history: list[EpochMetrics]) -> list[tuple[float, ...]]:
    """All metrics but the time they took."""
    return [(e.epoch, e.loss, e.accuracy, e.val_loss, e.val_accuracy) for e in history]


def same(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture(scope="module")
def plain() -> tuple[TrainingResult, list[np.ndarray], Watcher]:
    """One undisturbed training with the small settings: result, weights, reports."""
    watcher = Watcher()
    return *fit(SMALL, toy_features(), watcher), watcher


def test_it_learns_what_can_be_told_apart() -> None:
    watcher = Watcher()
    result, _ = fit(SMALL.model_copy(update={"epochs": 30}), toy_features(), watcher)

    assert result.history[-1].accuracy == 1.0
    assert result.history[-1].val_accuracy == 1.0
    assert result.history[-1].val_loss < result.history[0].val_loss
    assert watcher.epochs == result.history
    assert (result.stopped, result.kept_epoch) == (False, 30)
    assert result.best_epoch == best_of(result.history)


def test_it_learns_many_classes_with_every_kind_of_layer() -> None:
    config = NetworkConfig(
        **{"hidden_units": (32,), "batch_normalization": True, "dropout_rate": 0.1, "l2": 1e-4},
        **{"learning_rate": 0.004, "batch_size": 36, "epochs": 25},
    )
    result, _ = fit(config, toy_features(180, n_classes=3))

    assert result.history[-1].accuracy > 0.9
    assert result.history[0].accuracy < 0.8


def test_every_batch_is_reported_with_its_place(plain) -> None:
    result, _, watcher = plain  # 36 images to learn from, 12 a batch

    assert watcher.batches == [(epoch, batch, 3) for epoch in (1, 2, 3) for batch in (1, 2, 3)]
    assert watcher.epochs == result.history
    assert [epoch.epoch for epoch in watcher.epochs] == [1, 2, 3]
    assert all(epoch.seconds > 0 for epoch in watcher.epochs)


def test_the_same_seed_gives_the_same_training_to_the_bit() -> None:
    config = SMALL.model_copy(update={"dropout_rate": 0.3, "hidden_units": (16, 8)})
    data = toy_features()
    first, first_weights = fit(config, data)
    again, again_weights = fit(config, data)

    assert numbers(first.history) == numbers(again.history)
    assert same(first_weights, again_weights)


def test_another_seed_gives_another_training(plain) -> None:
    result, weights, _ = plain
    other, other_weights = fit(SMALL.model_copy(update={"seed": 1}), toy_features())

    assert numbers(result.history) != numbers(other.history)
    assert not same(weights, other_weights)


def test_the_order_of_images_follows_from_seed_and_epoch() -> None:
    order = epoch_order(100, seed=3, epoch=7)

    assert sorted(order) == list(range(100))
    assert np.array_equal(order, epoch_order(100, seed=3, epoch=7))
    assert not np.array_equal(order, epoch_order(100, seed=3, epoch=8))
    assert not np.array_equal(order, epoch_order(100, seed=4, epoch=7))


def test_a_stop_keeps_what_was_learned_up_to_that_batch(plain) -> None:
    data = toy_features()
    watcher = Watcher(stop_at=(2, 2))
    result, weights = fit(SMALL, data, watcher)
    _, after_one_epoch = fit(SMALL.model_copy(update={"epochs": 1}), data)

    assert result.stopped
    assert watcher.batches[-1] == (2, 2, 3)
    assert numbers(result.history) == numbers(plain[0].history)[:1]
    assert (result.best_epoch, result.kept_epoch) == (1, None)
    assert not same(weights, after_one_epoch), "the batches of the second epoch count too"


def test_a_stop_in_the_first_epoch_leaves_no_history() -> None:
    best = SMALL.model_copy(update={"keep": "best"})  # there is none yet
    result, _ = fit(best, toy_features(), Watcher(stop_at=(1, 2)))

    assert result == TrainingResult([], None, None, stopped=True)


def test_a_stop_goes_back_to_the_best_epoch_if_there_is_one() -> None:
    data = toy_features()
    config = SMALL.model_copy(update={"keep": "best"})
    result, weights = fit(config, data, Watcher(stop_at=(2, 2)))
    _, after_one_epoch = fit(SMALL.model_copy(update={"epochs": 1}), data)
    assert (result.stopped, result.best_epoch, result.kept_epoch) == (True, 1, 1)
    assert same(weights, after_one_epoch)


@pytest.mark.parametrize("stop_at", [None, (5, 2)])
def test_early_stopping_keeps_the_best_epoch(stop_at: tuple[int, int] | None) -> None:
    data = toy_features(overlap=1.0)  # nothing to learn: the network memorises
    changes = {"hidden_units": (64,), "epochs": 100, "early_stopping_patience": 4}
    config = SMALL.model_copy(update=changes | {"keep": "best"})
    watcher = Watcher(stop_at)
    model = build(config, data.n_features, 2)
    result = watcher.train(model, data, config)

    losses = [epoch.val_loss for epoch in result.history]
    if stop_at:
        assert result.stopped
        assert result.best_epoch < len(losses) == 4, "or this test shows little"
    else:
        assert not result.stopped
        assert len(losses) == result.best_epoch + 4 < 100
    assert result.best_epoch == result.kept_epoch == int(np.argmin(losses)) + 1
    validation = data.indices("validation")
    kept = model.evaluate(
        data.features[validation], one_hot(data.labels[validation], 2), verbose=0, return_dict=True
    )
    assert kept["loss"] == pytest.approx(min(losses), abs=1e-6)


def test_the_best_epoch_is_kept_or_the_last_as_wanted() -> None:
    data = toy_features(overlap=1.0)
    config = SMALL.model_copy(update={"hidden_units": (64,), "epochs": 15})
    last, last_weights = fit(config, data)
    model, state = build(config, data.n_features, 2), TrainingState()
    best = Watcher().train(model, data, config.model_copy(update={"keep": "best"}), state=state)
    assert numbers(best.history) == numbers(last.history)
    assert best.best_epoch < 15, "or this test shows nothing"

    assert (last.kept_epoch, best.kept_epoch) == (15, best.best_epoch)
    _, up_to_the_best = fit(config.model_copy(update={"epochs": best.best_epoch}), data)
    assert same(model.get_weights(), up_to_the_best)
    assert same(state.best_weights, up_to_the_best)
    assert not same(last_weights, up_to_the_best)


@pytest.mark.parametrize(
    ("l2", "batch_size", "by_class"),  # 36 images: with a small last batch, without
    [(0.0, 10, False), (0.05, 10, False), (0.0, 12, False), (0.05, 12, False), (0.0, 10, True)],
)
def test_the_metrics_of_an_epoch_are_those_of_keras_fit(
    l2: float, batch_size: int, by_class: bool
) -> None:
    data = replace(toy_features(overlap=0.7), by_class=by_class)
    config = SMALL.model_copy(update={"l2": l2, "batch_size": batch_size, "epochs": 1})
    result, weights = fit(config, data)

    rows = data.indices("train")
    if by_class:
        rows = np.concatenate([rows[data.labels[rows] == label] for label in (0, 1)])
    else:
        rows = rows[epoch_order(len(rows), config.seed, 1)]
    batches = [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
    rows = np.concatenate([np.sort(batch) for batch in batches])
    validation = data.indices("validation")
    targets = one_hot(data.labels, 2)
    oracle = build(config, data.n_features, 2)
    history = oracle.fit(
        *(data.features[rows], targets[rows]),
        validation_data=(data.features[validation], targets[validation]),
        batch_size=batch_size,
        epochs=1,
        shuffle=False,
        verbose=0,
    ).history

    (ours,) = result.history
    assert history["accuracy"][0] < 1, "or this test shows little"
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert getattr(ours, name) == pytest.approx(history[name][0], abs=1e-5), name
    for mine, keras in zip(weights, oracle.get_weights(), strict=True):
        assert mine == pytest.approx(keras, abs=1e-6)


def test_a_training_that_runs_away_ends_with_a_sentence() -> None:
    data = toy_features()
    config = SMALL.model_copy(update={"learning_rate": 1.0, "optimizer": "sgd", "epochs": 5})
    model = build(config, data.n_features, 2)
    model.set_weights([np.full_like(weights, np.inf) for weights in model.get_weights()])
    watcher = Watcher()

    with pytest.raises(DivergedError, match=r"epoch 1: .* lower the learning rate \(it was 1\)"):
        watcher.train(model, data, config)
    assert watcher.epochs == [], "no metric that is no number gets out"


def test_the_state_tells_where_the_training_is() -> None:
    positions: list[tuple[int, int]] = []
    seconds: list[float] = []
    state = TrainingState()
    data = toy_features()
    config = SMALL.model_copy(update={"epochs": 2})
    model = build(config, data.n_features, 2)
    for event in train(model, data, config, state=state):
        positions.append((state.epoch, state.batch))
        seconds.append(state.elapsed)
        assert state.best_epoch == (best_of(state.history) if state.history else None)
        if isinstance(event, EpochMetrics):
            assert state.history[-1] == event
            assert state.loss_sum == state.accuracy_sum == state.seconds == 0
        else:
            assert event is state

    assert positions == [(1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0)]
    assert seconds == sorted(seconds)
    assert seconds[0] > 0


def test_where_the_last_weights_are_wanted_no_others_take_memory() -> None:
    data = toy_features()
    state = TrainingState()
    Watcher().train(build(SMALL, data.n_features, 2), data, SMALL, state=state)

    assert state.best_epoch is not None
    assert state.best_weights == []


@pytest.mark.parametrize("patience", [0, 2])
def test_a_training_that_is_over_is_not_gone_on_with(patience: int) -> None:
    data = toy_features(overlap=1.0)
    config = SMALL.model_copy(
        update={"hidden_units": (64,), "epochs": 12, "early_stopping_patience": patience}
    )
    model = build(config, data.n_features, 2)
    state = TrainingState()
    watcher = Watcher()
    ended = watcher.train(model, data, config, state=state)
    weights = model.get_weights()
    assert (len(ended.history) < 12) == bool(patience), "or this test shows little"

    watcher.batches.clear()
    again = watcher.train(model, data, config, state=state)

    assert again == ended
    assert watcher.batches == []
    assert same(model.get_weights(), weights)


@pytest.mark.parametrize(
    "state", [TrainingState(n_batches=4), TrainingState(table="0123456789abcdef", n_batches=3)]
)
def test_a_training_does_not_go_on_with_other_features(state: TrainingState) -> None:
    model = build(SMALL, 64, 2)
    weights = model.get_weights()
    data = replace(toy_features(), folder=Path("features/fedcba9876543210"))
    with pytest.raises(OtherFeaturesError, match=r"as other pixels now.* Train again"):
        Watcher().train(model, data, SMALL, state=state)
    assert same(model.get_weights(), weights)


@pytest.mark.parametrize("written", [True, False], ids=["written", "of an earlier version"])
def test_a_checkpoint_says_which_features_it_was_made_on(tmp_path: Path, written: bool) -> None:
    model, path = build(SMALL, 64, 2), tmp_path / "checkpoint.npz"
    data = replace(toy_features(), folder=Path("features/fedcba9876543210"))
    state = TrainingState()
    Watcher(stop_at=(1, 1)).train(model, data, SMALL, state=state)
    save_checkpoint(path, model, state if written else replace(state, table=""))
    if not written:
        forget_the_table(path)

    resumed = load_checkpoint(path, model)
    assert resumed.table == (data.key if written else "")
    Watcher(stop_at=(1, 2)).train(model, data, SMALL, state=resumed)
    assert resumed.table == data.key == "fedcba9876543210"


def forget_the_table(path: Path) -> None:
    """Make of a checkpoint what an earlier version wrote."""
    with np.load(path) as archive:
        arrays = dict(archive)
    values = json.loads(arrays["state"].item())
    assert values.pop("table") == ""
    np.savez(path, **(arrays | {"state": np.array(json.dumps(values))}))


@pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential"])
def test_every_epoch_learns_with_its_own_rate(schedule: str) -> None:
    data = toy_features()
    config = NetworkConfig(
        **{"hidden_units": (), "optimizer": "sgd", "batch_size": 36, "epochs": 3},
        **{"learning_rate": 0.1, "schedule": schedule},
    )
    model = build(config, data.n_features, 2)
    rows = data.indices("train")
    targets = one_hot(data.labels[rows], 2)
    biases: list[np.ndarray] = []
    gradients: list[np.ndarray] = []
    rates: list[float] = []

    def look() -> None:
        biases.append(model.get_weights()[-1])
        errors = model.predict(data.features[rows], verbose=0) - targets
        gradients.append(errors.mean(axis=0))  # of softmax and cross-entropy, for the biases
        rates.append(float(model.optimizer.learning_rate))

    look()
    for event in train(model, data, config, state=TrainingState()):
        if isinstance(event, TrainingState):
            look()

    expected = [learning_rate_at(config, epoch) for epoch in (1, 2, 3)]
    assert rates[1:] == pytest.approx(expected, rel=1e-6)
    for rate, gradient, step in zip(expected, gradients, np.diff(biases, axis=0), strict=False):
        assert step == pytest.approx(-rate * gradient, rel=1e-3, abs=1e-7)


def test_the_best_epoch_is_the_first_with_the_lowest_validation_loss() -> None:
    metrics = EpochMetrics(1, 0.5, 0.5, val_loss=0.7, val_accuracy=0.5, seconds=1.0)
    losses = [0.7, 0.4, 0.9, 0.4]
    history = [replace(metrics, epoch=n, val_loss=loss) for n, loss in enumerate(losses, 1)]

    assert best_of(history) == 2


def test_targets_have_a_one_in_the_column_of_the_class() -> None:
    targets = one_hot(np.array([2, 0, 1, 2]), 3)

    assert targets.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert targets.dtype == np.float32
