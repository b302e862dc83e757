"""What is warned of, at its boundary, and what is not, a hair's breadth away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.training.hyperparameter_checks import check_hyperparameters
from ann_core.training.network_config import PRESETS, NetworkConfig
from tests.unit.training.test_network import configs

BUILT_IN = {"cartoons": (1_600, 2), "digits": (1_439, 10)}  # training images, classes
SIDES = (8, 96, 224)
SOUND: dict[str, Any] = {"hidden_units": (64, 32), "epochs": 20, "batch_size": 32}


def warned(
    values: dict[str, Any], *, n_features: int = 64, n_train: int = 1_000, n_classes: int = 10
) -> list[str]:
    network = NetworkConfig.parse(SOUND | values)
    return check_hyperparameters(
        network, n_features=n_features, n_train=n_train, n_classes=n_classes
    )


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(("n_train", "n_classes"), BUILT_IN.values(), ids=BUILT_IN)
def test_presets_on_built_in_images_are_sound(preset: str, n_train: int, n_classes: int) -> None:
    for side in SIDES:
        network = PRESETS[preset]
        messages = check_hyperparameters(
            network, n_features=3 * side**2, n_train=n_train, n_classes=n_classes
        )
        assert messages == []


@pytest.mark.parametrize(
    ("nonsense", "sound", "words"),
    [
        ({"learning_rate": 0.1}, {"learning_rate": 0.0999}, "usually too much for adam"),
        (
            {"optimizer": "rmsprop", "learning_rate": 0.1},
            {"optimizer": "rmsprop", "learning_rate": 0.09},
            "usually too much for rmsprop",
        ),
        (
            {"optimizer": "sgd", "learning_rate": 1.0},
            {"optimizer": "sgd", "learning_rate": 0.9},
            "usually too much for sgd",
        ),
        ({"learning_rate": 1e-5}, {"learning_rate": 1.1e-5}, "hardly moves the weights"),
        (
            {"optimizer": "sgd", "learning_rate": 1e-4},
            {"optimizer": "sgd", "learning_rate": 1.1e-4},
            "hardly moves the weights",
        ),
        ({"l2": 0.1}, {"l2": 0.09}, "pull the weights to zero"),
        ({"dropout_rate": 0.8}, {"dropout_rate": 0.75}, "A dropout of 80% silences"),
        ({"hidden_units": (64, 9)}, {"hidden_units": (64, 10)}, "(9 for 10)"),
        ({"hidden_units": (9, 64)}, {"hidden_units": (10, 64)}, "Hidden layer 1 has fewer neurons"),
        (
            {"activation": "sigmoid", "hidden_units": (64,) * 6},
            {"activation": "sigmoid", "hidden_units": (64,) * 5},
            "Through 6 layers of sigmoid",
        ),
        (
            {"activation": "sigmoid", "hidden_units": (64,) * 6},
            {"activation": "tanh", "hidden_units": (64,) * 6},
            "Through 6 layers of sigmoid",
        ),
        (
            {"activation": "sigmoid", "hidden_units": (64,) * 6},
            {
                "activation": "sigmoid",
                "hidden_units": (64,) * 6,
                "batch_normalization": True,
            },
            "Through 6 layers of sigmoid",
        ),
        (
            {"batch_normalization": True, "batch_size": 1},
            {"batch_normalization": True, "batch_size": 2},
            "in a batch of one",
        ),
        (
            {"hidden_units": (), "dropout_rate": 0.9},
            {"hidden_units": (), "dropout_rate": 0},
            "no effect: dropout.",
        ),
        (
            {"hidden_units": (), "activation": "tanh", "batch_normalization": True},
            {"hidden_units": (), "seed": 1},
            "no effect: activation, batch normalisation.",
        ),
        ({"batch_size": 1_000}, {"batch_size": 999}, "an epoch is a single step"),
        (
            {"early_stopping_patience": 19},
            {"early_stopping_patience": 18},
            "never stops early",
        ),
        (
            {"early_stopping_patience": 5, "schedule": "cosine"},
            {"early_stopping_patience": 0, "schedule": "cosine"},
            "The cosine schedule takes its shortest steps in the last epochs",
        ),
        (
            {"early_stopping_patience": 5, "schedule": "exponential"},
            {"early_stopping_patience": 5},
            "The exponential schedule",
        ),
    ],
)
def test_a_warning_has_one_side(
    nonsense: dict[str, Any], sound: dict[str, Any], words: str
) -> None:
    [warning] = warned(nonsense)
    assert words in warning
    assert warned(sound) == []


def test_few_images_are_warned_of_by_class() -> None:
    [warning] = warned({}, n_train=199)
    assert warning.startswith("With 199 training pictures for 10 classes, the network learns")
    assert warned({}, n_train=200) == []
    assert warned({}, n_train=40, n_classes=2) == []


@pytest.mark.parametrize(
    ("values", "n_features", "words"),
    [
        ({"learning_rate": 0.025}, 8_000, "usually too much for adam on pictures of 8,000"),
        ({"learning_rate": 0.0025, "optimizer": "rmsprop"}, 8_000, "usually too much for rmsprop"),
        ({"learning_rate": 0.025, "optimizer": "sgd"}, 8_000, "usually too much for sgd"),
        ({"learning_rate": 0.00025, "activation": "tanh"}, 8_000, "can drive tanh to its ends"),
    ],
)
def test_larger_images_bear_shorter_steps(
    values: dict[str, Any], n_features: int, words: str
) -> None:
    [warning] = warned(values, n_features=n_features)
    assert words in warning
    assert warned(values, n_features=n_features - 1) == []


@pytest.mark.parametrize(
    "remedy", [{"activation": "relu"}, {"batch_normalization": True}, {"hidden_units": ()}]
)
def test_what_the_warning_of_tanh_recommends_is_not_warned_of(remedy: dict[str, Any]) -> None:
    tanh = {"learning_rate": 0.001, "activation": "tanh"}
    messages = warned(tanh | remedy, n_features=9_216)
    assert not any("its ends" in warning for warning in messages)


@given(configs, st.integers(64, 150_528), st.integers(1, 100_000), st.integers(2, 1_000))
def test_every_warning_is_a_sentence_with_a_way_out(
    network: NetworkConfig, n_features: int, n_train: int, n_classes: int
) -> None:
    messages = check_hyperparameters(
        network, n_features=n_features, n_train=n_train, n_classes=n_classes
    )
    assert len(set(messages)) == len(messages)
    for warning in messages:
        assert warning[0].isupper() or warning[0].isdigit()
        assert warning.endswith(".")
        assert ". " in warning, "what to do stands in a sentence of its own"
