"""The network's numbers without TensorFlow equal those of the real network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ann_core.datasets.standardizing import standardiser_of
from ann_core.errors import ConfigError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.network import build
from ann_core.training.network_config import (
    MAX_LAYERS,
    MAX_UNITS,
    PRESETS,
    NetworkConfig,
    learning_rate_at,
)
from ann_core.training.network_size import layer_sizes, memory_estimate, parameter_count
from tests.helpers.runs import toy_features

ROOT = Path(__file__).resolve().parents[3]

CONFIGS = [
    NetworkConfig(hidden_units=()),
    NetworkConfig(hidden_units=(), batch_normalization=True, dropout_rate=0.5),
    NetworkConfig(hidden_units=(1,)),
    NetworkConfig(hidden_units=(7,), batch_normalization=True),
    NetworkConfig(hidden_units=(8, 5), dropout_rate=0.3, optimizer="sgd"),
    NetworkConfig(hidden_units=(8, 5), dropout_rate=0.3, batch_normalization=True, l2=0.01),
    NetworkConfig(hidden_units=(9, 1, 4), activation="gelu", optimizer="rmsprop"),
    NetworkConfig(hidden_units=(3, 4, 5, 6), dropout_rate=0.9, activation="tanh"),
    NetworkConfig(hidden_units=(2,) * MAX_LAYERS, batch_normalization=True, dropout_rate=0.1),
]

configs = st.builds(
    NetworkConfig,
    hidden_units=st.lists(st.integers(1, MAX_UNITS), max_size=MAX_LAYERS).map(tuple),
    activation=st.sampled_from(["relu", "elu", "gelu", "tanh", "sigmoid"]),
    dropout_rate=st.floats(0, 0.9),
    batch_normalization=st.booleans(),
    l2=st.floats(0, 1),
    optimizer=st.sampled_from(["adam", "sgd", "rmsprop"]),
    learning_rate=st.floats(1e-6, 1),
    schedule=st.sampled_from(["constant", "cosine", "exponential"]),
    batch_size=st.integers(1, 4096),
    epochs=st.integers(1, 1000),
    seed=st.integers(0, 2**31 - 1),
    early_stopping_patience=st.integers(0, 1000),
    keep=st.sampled_from(["best", "last"]),
)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{len(config.hidden_units)}-layers")
@pytest.mark.parametrize(("n_features", "n_classes"), [(64, 2), (192, 10)])
def test_parameters_are_counted_as_keras_does(config, n_features, n_classes):
    model = build(config, n_features, n_classes)

    assert parameter_count(config, n_features, n_classes) == model.count_params()


def test_the_articles_network_has_the_size_keras_gives_it():
    # Counted by hand: (9216 + 1) * 2048 + (2048 + 1) * 1024 + ... + (128 + 1) * 2
    by_hand = 18_876_416 + 2_098_176 + 1_049_600 + 131_200 + 258
    n_features = PreprocessConfig().n_features

    assert n_features == 9_216
    assert parameter_count(PRESETS["article"], n_features, 2) == by_hand
    assert build(PRESETS["article"], n_features, 2).count_params() == by_hand


def test_every_layer_is_listed_with_its_nodes_and_parameters():
    sizes = layer_sizes(NetworkConfig(hidden_units=(3, 2), batch_normalization=True), 4, 2)

    assert [(size.name, size.units, size.n_parameters) for size in sizes] == [
        ("hidden 1", 3, (4 + 1) * 3 + 4 * 3),
        ("hidden 2", 2, (3 + 1) * 2 + 4 * 2),
        ("output", 2, (2 + 1) * 2),
    ]


def test_the_network_takes_bytes_and_divides_them_by_255():
    config = NetworkConfig(hidden_units=())
    model = build(config, 5, 3)
    features = np.array([[0, 51, 102, 204, 255]], dtype=np.uint8)
    weights, biases = model.get_layer("probabilities").get_weights()

    sums = features / 255 @ weights + biases
    softmax = np.exp(sums) / np.exp(sums).sum()

    assert model.inputs[0].dtype == "uint8"
    assert model.predict(features, verbose=0) == pytest.approx(softmax, abs=1e-6)


def test_with_a_standardiser_the_network_takes_bytes_and_standardises_them():
    rng = np.random.default_rng(0)
    features = rng.integers(0, 256, (500, 64), dtype=np.uint8)
    features[:, :3] = 200, 0, 255  # no deviation at all, and
    features[7, 1:3] = 1, 254  # hardly any
    rows = np.arange(500)
    standardiser = standardiser_of(
        replace(
            toy_features(),
            features=features,
            splits=np.where(rows < 400, "train", "test"),
        )
    )
    model = build(NetworkConfig(hidden_units=()), 64, 2, standardiser=standardiser)
    import keras

    scaled = keras.Model(model.inputs, model.get_layer("scaled").output)
    by_keras = scaled.predict(features, verbose=0)

    assert model.inputs[0].dtype == "uint8"
    assert by_keras == pytest.approx(standardiser.apply(features), rel=1e-6, abs=1e-6)
    assert by_keras[7, 1] == pytest.approx(np.sqrt(399), abs=1e-4), "one among 400"
    assert model.count_params() == parameter_count(NetworkConfig(hidden_units=()), 64, 2)
    names = [variable.name for variable in model.variables]
    assert names == [v.name for v in build(NetworkConfig(hidden_units=()), 64, 2).variables]


def test_the_first_weights_follow_from_the_seed():
    def weights(seed):
        return build(NetworkConfig(hidden_units=(8, 8), seed=seed), 64, 2).get_weights()

    first, again, other = weights(1), weights(1), weights(2)

    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert not np.array_equal(first[2], weights(1)[0][:8, :8]), "each layer has weights of its own"


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd"])
def test_the_settings_reach_the_optimizer(optimizer):
    config = NetworkConfig(optimizer=optimizer, learning_rate=0.0625, hidden_units=())
    compiled = build(config, 4, 2).optimizer

    assert type(compiled).__name__.lower() == optimizer
    assert float(compiled.learning_rate) == 0.0625


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("constant", [0.5, 0.5, 0.5, 0.5, 0.5]),
        # cos of 0, 36, 72, 108 and 144 degrees
        ("cosine", [0.5, 0.4522542, 0.3272542, 0.1727458, 0.0477458]),
        # A hundredth in four steps: each divides by the fourth root of 100
        ("exponential", [0.5, 0.1581139, 0.05, 0.0158114, 0.005]),
    ],
)
def test_the_learning_rate_follows_the_schedule(schedule, expected):
    config = NetworkConfig(learning_rate=0.5, epochs=5, schedule=schedule)

    rates = [learning_rate_at(config, epoch) for epoch in range(1, 6)]
    assert rates == pytest.approx(expected, abs=1e-7)


@given(configs)
def test_the_learning_rate_begins_as_set_and_falls_but_never_to_nothing(config):
    rates = [learning_rate_at(config, epoch) for epoch in range(1, config.epochs + 1)]

    assert rates[0] == config.learning_rate
    assert rates == sorted(rates, reverse=True)
    assert np.float32(rates[-1]) > 0
    if config.schedule == "constant":
        assert rates[-1] == rates[0]
    elif config.epochs > 1:
        assert rates[-1] < rates[0]


def test_all_problems_are_told_at_once():
    wrong = {"hidden_units": (0, 1_000_000), "learning_rate": float("nan"), "epochs": 0}
    with pytest.raises(ConfigError) as caught:
        NetworkConfig.parse(wrong | {"activation": "step", "layers": 3})

    problems = caught.value.problems
    assert [problem.partition(":")[0] for problem in problems] == [
        *("hidden_units.0", "hidden_units.1", "activation", "learning_rate", "epochs", "layers")
    ]
    assert all(problem in str(caught.value) for problem in problems)
    assert str(caught.value).startswith("Network settings: ")


@pytest.mark.parametrize(
    ("field", "value", "expected", "received"),
    [
        ("epochs", 0, "greater than or equal to 1", "0"),
        ("epochs", 2.5, "integer", "2.5"),
        ("epochs", 1001, "less than or equal to 1000", "1001"),
        ("hidden_units", (0,), "greater than or equal to 1", "0"),
        ("hidden_units", (1_000_000,), "less than or equal to 8192", "1000000"),
        ("hidden_units", (1,) * 17, "at most 16", "(1, 1"),
        ("hidden_units", "many", "tuple", "'many'"),
        ("learning_rate", float("nan"), "finite number", "nan"),
        ("learning_rate", float("inf"), "finite number", "inf"),
        ("learning_rate", 0, "greater than or equal to 0.000001", "0"),
        ("dropout_rate", 1.0, "less than or equal to 0.9", "1.0"),
        ("batch_size", -1, "greater than or equal to 1", "-1"),
        ("optimizer", "lion", "'adam', 'sgd' or 'rmsprop'", "'lion'"),
        ("schedule", "warm", "'constant', 'cosine' or 'exponential'", "'warm'"),
        ("seed", 2**31, "less than or equal to 2147483647", "2147483648"),
    ],
)
def test_bad_settings_get_one_clear_sentence(field, value, expected, received):
    with pytest.raises(ConfigError) as caught:
        NetworkConfig.parse({field: value})

    (problem,) = caught.value.problems
    assert problem.startswith(field)
    assert expected in problem
    assert f"got {received}" in problem
    assert "\n" not in str(caught.value)
    assert "pydantic" not in str(caught.value).lower()


@settings(max_examples=50, deadline=None)
@given(configs)
def test_settings_survive_json(config):
    again = NetworkConfig.parse(json.loads(config.model_dump_json()))

    assert again == config
    assert again.key() == config.key()


def test_a_changed_setting_changes_the_key():
    keys = {NetworkConfig(seed=seed).key() for seed in range(10)}

    assert len(keys) == 10
    assert NetworkConfig(epochs=20).key() == NetworkConfig().key()


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_lie_within_the_bounds(preset):
    assert NetworkConfig.parse(PRESETS[preset].model_dump()) == PRESETS[preset]


@pytest.mark.parametrize(
    ("field", "bounds"),
    [
        ("epochs", (1, 1000)),
        ("batch_size", (1, 4096)),
        ("dropout_rate", (0.0, 0.9)),
        ("learning_rate", (1e-6, 1.0)),
        ("activation", (None, None)),
    ],
)
def test_bounds_are_what_the_fields_accept(field, bounds):
    assert NetworkConfig.bounds(field) == bounds
    for value in filter(None, bounds):
        assert getattr(NetworkConfig.parse({field: value}), field) == value


@settings(max_examples=50, deadline=None)
@given(configs, st.integers(64, 50_000), st.integers(2, 100))
def test_more_of_anything_needs_more_memory(config, n_features, n_classes):
    needed = memory_estimate(config, n_features, n_classes)
    wider = config.model_copy(update={"hidden_units": tuple(2 * n for n in config.hidden_units)})
    bigger_batch = config.model_copy(update={"batch_size": 2 * config.batch_size})

    assert memory_estimate(config, n_features + 1, n_classes) > needed
    assert memory_estimate(config, n_features, n_classes + 1) > needed
    assert memory_estimate(bigger_batch, n_features, n_classes) >= needed
    assert memory_estimate(wider, n_features, n_classes) > needed or not config.hidden_units


def test_layers_in_a_word() -> None:
    assert NetworkConfig(hidden_units=(128, 32)).layers_text() == "128-32"
    assert NetworkConfig(hidden_units=()).layers_text() == "none"
    assert NetworkConfig(hidden_units=()).layers_text(none="linear") == "linear"
