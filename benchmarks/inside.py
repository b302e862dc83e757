"""What looking inside costs a training: ``python -m benchmarks.inside``.

The article's network learns from noise of the size that the article takes. What a worker counts
and draws at the end of an epoch is held against the seconds of an epoch on as many pictures as
the article learns from; both are timed in this process, in turns.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.observing import Observer
from ann_core.runs.folder import RunFolder
from ann_core.training.history import EpochMetrics
from ann_core.training.loading import use_threads
from ann_core.training.loop import TrainingState, train
from ann_core.training.network import build
from ann_core.training.network_config import PRESETS
from benchmarks.data import BenchmarkData
from benchmarks.timing import N_THREADS, Benchmark, Row, Way

N_TRAIN = 16_024  # of the article's data set
N_TIMED = 4_096
N_EPOCHS = 4


def benchmarks(_: BenchmarkData) -> list[Benchmark]:
    ways = (Way("ours", ("-m", "benchmarks.inside")),)
    what = "`article`: share of an epoch that looking inside takes"
    return [Benchmark("inside", "%", ways, (Row(what, "ours", at_most=1.0),))]


def noise() -> FeatureSet:
    """Pictures of the article's size, `N_TIMED` of them to learn from."""
    preprocess = PreprocessConfig(image_size=(96, 96))
    rng = np.random.default_rng(0)
    n_images = N_TIMED + 256
    return FeatureSet(
        features=rng.integers(0, 256, (n_images, preprocess.n_features), dtype=np.uint8),
        labels=rng.integers(0, 2, n_images),
        splits=np.array(["train"] * N_TIMED + ["validation"] * 256),
        class_names=("cat", "dog"),
        preprocess=preprocess,
    )


def share() -> float:
    """Train a few epochs, look after each, and return the percent that looking took."""
    use_threads(N_THREADS)
    data, config = noise(), PRESETS["article"]
    model = build(config, data.n_features, 2)
    with tempfile.TemporaryDirectory() as folder:
        observer = Observer(model, data, RunFolder(Path(folder)))
        observer.begin(0, fresh=True)
        looks, epochs = [], []
        for event in train(model, data, config, state=TrainingState(), call_seconds=1.0):
            if isinstance(event, EpochMetrics):
                epochs.append(event.seconds * N_TRAIN / N_TIMED)
                started = time.perf_counter()
                observer.look(event.epoch)
                observer.epoch_ended(event.epoch)  # so soon after, it only counts
                observer.write()
                looks.append(time.perf_counter() - started)
            if len(epochs) == N_EPOCHS:
                break
    print(f"seconds of a look: {', '.join(f'{each:.3f}' for each in looks)}")
    print(f"seconds of an epoch: {', '.join(f'{each:.1f}' for each in epochs)}")
    return 100 * median(looks[1:]) / median(epochs[1:])  # the first ones load what others need


if __name__ == "__main__":
    print(share())
