"""What an epoch is measured by is, to the bit, what Keras says of the same pictures."""

from __future__ import annotations

import numpy as np
import pytest

from ann_core.training import validation
from ann_core.training.loop import one_hot
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.validation import Validation
from tests.helpers.runs import toy_features

# Penalties count, dropout does not, and batch normalisation uses its averages.
WITH_ALL = {"l2": 0.01, "dropout_rate": 0.3, "batch_normalization": True}


@pytest.mark.parametrize(  # 60 pictures: several and a rest, or all
    ("settings", "at_once"), [(WITH_ALL, 7), ({"kind": "convolution"}, 1024)]
)
def test_it_gives_what_keras_gives(
    settings: dict[str, object], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "CHECK_BATCH", at_once)
    data = toy_features(n_classes=3, overlap=0.8)
    config = NetworkConfig.parse({"hidden_units": (8,), "batch_size": 4} | settings)
    model = build(config, data.n_features, 3, image_shape=(8, 8, 1))
    targets = one_hot(data.labels, 3)
    checked = Validation(model, data.features, targets)

    for _ in range(2):
        keras_says = model.evaluate(
            data.features, targets, batch_size=at_once, verbose=0, return_dict=True
        )
        assert checked.measure() == (keras_says["loss"], keras_says["accuracy"])
        model.fit(data.features, targets, batch_size=20, verbose=0)
    assert 0 < np.asarray(checked.measure()[1]) < 1, "or this test shows little"
