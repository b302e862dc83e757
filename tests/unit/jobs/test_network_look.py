"""What a training shows from inside, against Keras and NumPy."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ann_core.errors import DamagedFileError
from ann_core.evaluation.epoch_look import (
    N_SHOWN,
    describe_silent,
    load_epoch_look,
    save_epoch_look,
)
from ann_core.evaluation.weight_histograms import (
    N_BINS,
    WeightHistograms,
    count_weights,
    load_weight_histograms,
    save_weight_histograms,
)
from ann_core.jobs.network_look import look_inside, sampled_weights
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from tests.helpers.runs import toy_features

NETWORK = NetworkConfig(hidden_units=(8, 4), dropout_rate=0.5)


@pytest.fixture(scope="module")
def model() -> Any:
    """A network of which three neurons answer 0 to everything."""
    model = build(NETWORK, toy_features().n_features, 2)
    model.get_layer("hidden_1").bias.assign([-100.0, -100.0, *[10.0] * 6])
    model.get_layer("hidden_2").bias.assign([-1000.0, 1000.0, 1000.0, 1000.0])
    return model


def test_the_sheet_holds_what_keras_predicts_for_validation_pictures(model: Any) -> None:
    data = toy_features(n_images=200)
    look = look_inside(model, data, 3)
    assert look.epoch == 3
    assert len(look.rows) == N_SHOWN
    assert set(data.splits[look.rows]) == {"validation"}
    assert look.labels.tolist() == data.labels[look.rows].tolist()
    expected = model.predict(np.asarray(data.features[look.rows]), verbose=0)
    np.testing.assert_allclose(look.probabilities, expected, atol=1e-6)
    assert look.predicted.tolist() == expected.argmax(axis=1).tolist()


def test_silent_neurons_are_counted_by_layer(model: Any) -> None:
    look = look_inside(model, toy_features(), 1)
    assert look.silent.tolist() == [2 / 8, 1 / 4]
    assert look.n_checked == 12
    assert describe_silent(look, NETWORK) == (
        "Neurons that answer 0 to all of 12 validation pictures: 2 of 8 in hidden layer 1; "
        "1 of 4 in hidden layer 2."
    )
    assert describe_silent(look, NETWORK.model_copy(update={"activation": "tanh"})) == ""


def test_with_normalisation_the_answer_is_what_follows_it() -> None:
    config = NetworkConfig(hidden_units=(4,), batch_normalization=True)
    model = build(config, 64, 2)
    model.get_layer("normalised_1").beta.assign([-100.0, 100, 100, 100])
    assert look_inside(model, toy_features(), 1).silent.tolist() == [1 / 4]


def test_a_convolution_has_answers_and_no_silent_neurons() -> None:
    config = NetworkConfig(kind="convolution", hidden_units=(4, 4))
    look = look_inside(build(config, 64, 2, image_shape=(8, 8, 1)), toy_features(), 1)
    assert look.probabilities.shape == (12, 2)
    assert describe_silent(look, config) == ""


def test_a_look_is_read_as_it_was_written(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "look.npz"
    look = look_inside(model, toy_features(), 2)
    save_epoch_look(look, path)
    again = load_epoch_look(path, 2)
    for name, value in vars(look).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    with pytest.raises(DamagedFileError):
        load_epoch_look(path, 3)
    save_epoch_look(replace(look, labels=look.labels + 2), path)
    with pytest.raises(DamagedFileError):
        load_epoch_look(path, 2)
    path.write_bytes(b"PK")
    with pytest.raises(DamagedFileError):
        load_epoch_look(path, 2)


def test_weights_are_counted_as_numpy_counts_them() -> None:
    weights = np.random.default_rng(0).normal(size=5000).astype(np.float32)
    counts, ends = count_weights(weights)
    expected, edges = np.histogram(weights.astype(np.float64), N_BINS)
    assert ends == (edges[0], edges[-1])
    assert counts.sum() == len(weights)
    assert np.abs(counts - expected).max() <= 1  # a weight on an edge, rounded
    assert count_weights(np.zeros(3, np.float32))[0].tolist() == [3, *[0] * (N_BINS - 1)]


def test_of_a_large_layer_an_even_sample_is_counted() -> None:
    model = build(NetworkConfig(hidden_units=(1024,)), 64, 2)
    first, last = sampled_weights(model)
    kernel = np.asarray(model.get_layer("hidden_1").kernel)
    assert len(first) < 16_384 < kernel.size
    assert set(first.tolist()) <= set(kernel.ravel().tolist())
    step = round(kernel.size / len(first))
    assert len(set((np.arange(len(first)) * step % 1024).tolist())) == 1024, "all neurons"
    assert last.tolist() == np.asarray(model.get_layer("probabilities").kernel).ravel().tolist()


def test_histograms_grow_go_back_and_are_read_again(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    histograms = WeightHistograms()
    for epoch in (0, 1, 2, 3):
        histograms.add(epoch, [rng.normal(size=100), rng.normal(size=10)])
    histograms.add(2, [np.ones(4), np.ones(4)])
    assert histograms.epochs == [0, 1, 2], "it was trained again from there"
    path = tmp_path / "histograms.npz"
    save_weight_histograms(histograms, path)
    again = load_weight_histograms(path)
    assert again.epochs == [0, 1, 2]
    assert again.n_layers == 2
    np.testing.assert_array_equal(again.counts, histograms.counts)
    middles, densities = again.densities(0, 1)
    assert len(middles) == 8, "of a hundred weights"
    assert densities.sum() * (middles[1] - middles[0]) == pytest.approx(1)
    assert again.chosen(2) == [0, 2]
    buffer = io.BytesIO()
    np.savez(buffer, epochs=np.array([1, 1]), counts=np.zeros((2, 1, N_BINS), np.int32), ends=[0])
    path.write_bytes(buffer.getvalue())
    with pytest.raises(DamagedFileError):
        load_weight_histograms(path)
