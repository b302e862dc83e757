"""Memory that trainings and open networks take, each measured in a process of its own.

``python -m benchmarks.memory training FOLDER`` prints the bytes that a training was estimated
to take and those that it took; ``... networks FOLDER...`` the bytes held after each network
was opened, the first one twice, and after one was asked about many pictures; ``... save FOLDER``
makes such a network. `benchmarks.limits` holds the figures against limits.
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np
import psutil

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.model_cache import ModelCache
from ann_core.runs.folder import RunFolder, write_json
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import memory_estimate

WIDE = NetworkConfig(hidden_units=(1024,))  # 38 MB of weights for 9,216 pixels


def training(folder: Path) -> list[int]:
    """Estimate of a training's peak and the peak itself, without TensorFlow, in bytes."""
    _train_and_save(folder, NetworkConfig(hidden_units=(2,)), 8)
    before = psutil.Process().memory_info().rss
    _train_and_save(folder, WIDE, 9216)
    return [memory_estimate(WIDE, 9216, 2), _peak() - before]


def networks(*folders: Path) -> list[int]:
    """Resident memory after each network was opened and asked, in bytes."""
    cache, used = ModelCache(), []
    for folder in (folders[0], *folders):
        classifier = cache.open(RunFolder(folder))
        classifier.predict_features(np.ones((1, classifier.preprocess.n_features), np.uint8))
        used.append(psutil.Process().memory_info().rss)
    with cache.for_batch(RunFolder(folders[0])) as classifier:
        classifier.predict_features(np.ones((300, classifier.preprocess.n_features), np.uint8))
        del classifier
    used.append(psutil.Process().memory_info().rss)
    return used


def save(folder: Path) -> list[int]:
    """Put a wide network that has learned nothing into a new folder."""
    from ann_core.runs.model_files import save_model
    from ann_core.training.network import build

    run = RunFolder(folder)
    run.path.mkdir()
    config = PreprocessConfig()
    save_model(build(WIDE, config.n_features, 2), run)
    write_json(run.preprocessing, config.model_dump(mode="json"))
    write_json(run.class_names, ["cat", "dog"])
    return []


def _train_and_save(folder: Path, config: NetworkConfig, n_features: int) -> None:
    from ann_core.runs.model_files import save_model
    from ann_core.training.network import build

    model = build(config, n_features, 2)
    features = np.zeros((config.batch_size, n_features), np.uint8)
    for _ in range(2):
        model.train_on_batch(features, np.zeros((config.batch_size, 2), np.float32))
    save_model(model, RunFolder(folder))


def _peak() -> int:
    if sys.platform == "linux":  # ru_maxrss counts what the parent had before this program began
        lines = Path("/proc/self/status").read_text().splitlines()
        [peak] = [int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")]
        return peak
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    measure = {"save": save, "training": training, "networks": networks}[sys.argv[1]]
    print(json.dumps(measure(*map(Path, sys.argv[2:]))))
