"""An epoch of training: our loop against Keras' own fit, the same network and images."""

import os

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.training.loop import TrainingState, one_hot, train
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from benchmarks.timing import compare

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
N_IMAGES = 2048


def run() -> None:
    rng = np.random.default_rng(0)
    preprocess = PreprocessConfig(image_size=(64, 64))
    data = FeatureSet(
        features=rng.integers(256, size=(N_IMAGES, preprocess.n_features), dtype=np.uint8),
        labels=rng.integers(2, size=N_IMAGES),
        splits=np.array(["train"] * (N_IMAGES - 256) + ["validation"] * 256),
        class_names=("cat", "dog"),
        preprocess=preprocess,
    )
    config = NetworkConfig(hidden_units=(512, 128), batch_size=64, epochs=1)
    ours, peer = (build(config, preprocess.n_features, 2) for _ in range(2))
    train_rows, check_rows = data.indices("train"), data.indices("validation")
    targets = one_hot(data.labels, 2)

    def our_epoch() -> None:
        for _ in train(ours, data, config, state=TrainingState()):
            pass

    def keras_epoch() -> None:
        peer.fit(
            data.features[train_rows],
            targets[train_rows],
            batch_size=config.batch_size,
            validation_data=(data.features[check_rows], targets[check_rows]),
            verbose=0,
        )

    our_epoch()
    keras_epoch()  # both have compiled their graphs now
    compare(our_epoch, keras_epoch)
