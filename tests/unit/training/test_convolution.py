"""The contrast: a small convolution, counted, exported and asked as any network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.errors import ShapeError
from ann_core.experiments.definition import CONVOLUTION, DENSE, PIXELS
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.model_files import save_model
from ann_core.runs.run import RunConfig
from ann_core.training.loop import FEWEST_COMPILED, is_compiled
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import memory_estimate, parameter_count, product_count

SMALL = NetworkConfig(kind="convolution", hidden_units=(3, 5), batch_normalization=True)


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        SMALL.model_copy(update={"hidden_units": (2,) * 6}),
        SMALL.model_copy(update={"hidden_units": ()}),
    ],
    ids=["two layers", "more layers than pixels", "none"],
)
@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 12, 3)])
def test_parameters_are_counted_as_keras_does(
    config: NetworkConfig, shape: tuple[int, int, int]
) -> None:
    n_features, n_channels = int(np.prod(shape)), shape[2]
    model = build(config, n_features, 4, image_shape=shape)

    assert parameter_count(config, n_features, 4, n_channels=n_channels) == model.count_params()
    assert memory_estimate(config, n_features, 4) > 0


def test_the_contrast_has_fewer_weights_and_more_to_do() -> None:
    sizes = [parameter_count(each, PIXELS.n_features, 2) for each in (CONVOLUTION, DENSE)]
    products = [product_count(each, PIXELS.n_features, 2) for each in (CONVOLUTION, DENSE)]

    assert sizes[0] < sizes[1] / 5
    assert products[0] > products[1] == sizes[1]
    first = 9 * 16 * 32 * 32  # nine products for each of 16 filters in each pixel
    assert products[0] > first


def test_its_step_is_left_to_tensorflow_however_long_the_training() -> None:
    assert is_compiled(DENSE, "float32", FEWEST_COMPILED)
    assert not is_compiled(CONVOLUTION, "float32", FEWEST_COMPILED)


def test_it_needs_to_know_the_shape_of_its_pictures() -> None:
    with pytest.raises(ShapeError, match="height, width and channels"):
        build(SMALL, 64, 2)


def test_the_exported_model_answers_as_keras(tmp_path: Path) -> None:
    config = RunConfig(
        dataset="toy",
        fingerprint="f",
        preprocess=PIXELS.model_copy(update={"image_size": (8, 8)}),
        network=SMALL,
    )
    folder = RunFolder(tmp_path)
    folder.write_config(config, ["cat", "dog"])
    model = build(SMALL, 64, 2, image_shape=(8, 8, 1))
    features = np.random.default_rng(0).integers(0, 256, (20, 64), dtype=np.uint8)

    save_model(model, folder)

    classifier = Classifier(folder)
    predicted = classifier.predict_features(features)
    assert np.abs(predicted - model.predict_on_batch(features)).max() < 1e-5
    hidden = classifier.describe_features(features)
    assert hidden is not None and hidden.shape == (20, 5)
