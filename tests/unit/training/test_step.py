"""The step of learning: that of Keras, however many batches a call, in both precisions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ann_core.training.loop import one_hot
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.step import learning_step, take_adam_step

RICH = NetworkConfig(
    hidden_units=(16, 8), dropout_rate=0.3, batch_normalization=True, l2=0.001, learning_rate=0.01
)
N_BATCHES, BATCH_SIZE, N_FEATURES = 5, 12, 64


def batches() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    pixels = rng.integers(256, size=(N_BATCHES, BATCH_SIZE, N_FEATURES), dtype=np.uint8)
    labels = rng.integers(3, size=N_BATCHES * BATCH_SIZE)
    return pixels, one_hot(labels, 3).reshape(N_BATCHES, BATCH_SIZE, 3)


def fresh(optimizer: str = "adam", **changes: float) -> Any:
    return build(RICH.model_copy(update={"optimizer": optimizer} | changes), N_FEATURES, 3)


def bits(model: Any) -> list[bytes]:
    return [v.numpy().tobytes() for v in [*model.variables, *model.optimizer.variables]]


@pytest.mark.parametrize(
    ("optimizer", "compiled"),
    [("adam", False), ("sgd", True), ("sgd", False), ("rmsprop", False)],
)
def test_it_is_the_step_of_keras(optimizer: str, compiled: bool) -> None:
    pixels, targets = batches()
    # Dropout draws other numbers where XLA compiles it.
    dropout_rate = 0.0 if compiled else RICH.dropout_rate
    ours, oracle = (fresh(optimizer, dropout_rate=dropout_rate) for _ in range(2))
    values = learning_step(ours, "float32", compiled)(pixels, targets, N_BATCHES).numpy()
    for number in range(N_BATCHES):
        logs = oracle.train_on_batch(pixels[number], targets[number], return_dict=True)
        assert values[number] == pytest.approx([logs["loss"], logs["accuracy"]], rel=1e-4)
    # Biases before batch normalisation have no slope but rounding, which adam magnifies; the
    # mean that is subtracted next has them in it.
    for mine, other in zip(ours.variables, oracle.variables, strict=True):
        if not mine.path.endswith(("hidden_1/bias", "hidden_2/bias", "moving_mean")):
            assert mine.numpy() == pytest.approx(other.numpy(), rel=1e-4, abs=2e-5), mine.path


@pytest.mark.parametrize(
    ("precision", "compiled"), [("float32", False), ("float32", True), ("bfloat16", False)]
)
def test_it_does_not_matter_how_many_batches_a_call_has(precision: str, compiled: bool) -> None:
    pixels, targets = batches()
    together, apart = fresh(), fresh()
    all_values = learning_step(together, precision, compiled)(pixels, targets, N_BATCHES)
    learn = learning_step(apart, precision, compiled)
    values = []
    for start, n_batches in ((0, 1), (1, 3), (4, 1)):
        block = [np.resize(part[start : start + n_batches], part.shape) for part in batches()]
        values.append(learn(*block, n_batches).numpy()[:n_batches])

    assert np.concatenate(values).tobytes() == all_values.numpy().tobytes()
    assert bits(together) == bits(apart)


def test_bfloat16_is_for_products_while_learning_only() -> None:
    pixels, targets = batches()
    single, half = fresh(), fresh()
    before = half.predict_on_batch(pixels[0])
    expected = learning_step(single, "float32")(pixels, targets, N_BATCHES).numpy()
    values = learning_step(half, "bfloat16")(pixels, targets, N_BATCHES).numpy()

    assert np.abs(values - expected)[:, 0].max() < 0.01
    assert not np.array_equal(values, expected), "or it computed in float32"
    assert {layer.dtype_policy.name for layer in half.layers} == {"float32"}
    assert {str(weights.dtype) for weights in half.get_weights()} == {"float32"}
    after = half.predict_on_batch(pixels[0])
    assert (after.dtype, after.shape) == (before.dtype, before.shape) == (np.float32, (12, 3))
    copy = fresh()
    copy.set_weights(half.get_weights())
    assert np.array_equal(copy.predict_on_batch(pixels[0]), after)


def test_adam_in_one_pass_is_adam() -> None:
    import keras
    import tensorflow as tf

    rng = np.random.default_rng(1)
    shapes = [(7, 3), (3,)]
    ours, oracle = (
        [keras.Variable(np.ones(shape, np.float32)) for shape in shapes] for _ in range(2)
    )
    one_pass, usual = (keras.optimizers.Adam(0.01) for _ in range(2))
    one_pass.build(ours)
    for _ in range(30):
        gradients = [tf.constant(rng.normal(size=shape).astype(np.float32)) for shape in shapes]
        take_adam_step(one_pass, gradients, ours)
        usual.apply(gradients, oracle)

    assert int(one_pass.iterations.numpy()) == int(usual.iterations.numpy()) == 30
    pairs = [*zip(ours, oracle, strict=True)]
    pairs += zip(one_pass.variables[2:], usual.variables[2:], strict=True)
    for mine, other in pairs:
        assert mine.numpy() == pytest.approx(other.numpy(), rel=1e-4, abs=1e-5), mine.path
