"""Time a few batches of each kind, once a computer: ``python -m ann_core.jobs.calibration``.

So the time of a first article-sized training is known after a small one, and the other way
round. It is done after a server's first training, while nobody trains.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ann_core.datasets.features import FeatureSet
from ann_core.files import write_text
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.jobs.priority import lower_priority
from ann_core.settings import Settings, get_settings
from ann_core.training.batching import CALL_SECONDS
from ann_core.training.history import EpochMetrics
from ann_core.training.loading import use_threads
from ann_core.training.loop import TrainingState, train
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig
from ann_core.training.precision import has_bfloat16_here
from ann_core.training.prices import fit_prices
from ann_core.training.time_estimate import TYPICAL, Calibration, epoch_size

MODULE = "ann_core.jobs.calibration"
VERSION = 4  # of the way batches are learned from: another speed, other prices

_SMALL = NetworkConfig(hidden_units=(32,), batch_size=32, epochs=1000, precision="float32")
_WIDE = NetworkConfig(hidden_units=(512,), batch_size=256, epochs=1000, precision="float32")
_CASES = (  # network, side of the images, how many
    (_SMALL, 8, 4096),  # a call is all
    (_WIDE.model_copy(update={"batch_size": 1}), 64, 96),  # changing the weights is most
    (_WIDE.model_copy(update={"batch_size": 1, "epochs": 5}), 64, 96),  # the same, not compiled
    (_WIDE, 64, 2048),  # products are most
    (_WIDE.model_copy(update={"hidden_units": ()}), 64, 16_384),  # reading the values is most
    (_WIDE.model_copy(update={"precision": "bfloat16"}), 64, 2048),  # where there is a unit
)
_EPOCHS = 4  # the first compiles; of the others, the quickest counts
_UNKNOWN = 3.0
_CPU_INFO = Path("/proc/cpuinfo")


def read_calibration(settings: Settings) -> Calibration | None:
    """Read what was measured on this computer with this program; None if nothing was."""
    try:
        stored = json.loads(_file(settings).read_text(encoding="utf-8"))
        if stored["computer"] != _computer(settings):
            return None
        prices = tuple(float(price) for price in stored["prices"])
        since = float(stored["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Calibration(prices, since) if len(prices) == len(TYPICAL) else None


def calibrate(settings: Settings) -> Calibration:
    """Time batches, and keep what they tell; runs of the last hour count as of this program."""
    sizes, seconds = [], []
    for network, side, n_images in _CASES:
        if network.precision == "bfloat16" and not has_bfloat16_here():
            continue  # a price that nobody pays
        sizes.append(epoch_size(network, side * side, 2, n_train=n_images))
        seconds.append(time_epoch(network, side, n_images))
    amounts = np.array([size.amounts for size in sizes])
    prices = fit_prices(amounts, np.array(seconds), np.array(TYPICAL), spread=_UNKNOWN)
    calibration = Calibration(tuple(prices.tolist()), time.time() - 3600)
    stored: dict[str, Any] = {"computer": _computer(settings), "since": calibration.since}
    write_text(_file(settings), json.dumps(stored | {"prices": calibration.prices}))
    return calibration


def time_epoch(network: NetworkConfig, side: int, n_images: int) -> float:
    """Seconds of an epoch of a network on noise, once it is compiled."""
    rng = np.random.default_rng(0)
    preprocess = PreprocessConfig(image_size=(side, side))
    n_check = min(n_images // 10, 256)
    data = FeatureSet(
        features=rng.integers(256, size=(n_images + n_check, side * side), dtype=np.uint8),
        labels=rng.integers(2, size=n_images + n_check),
        splits=np.array(["train"] * n_images + ["validation"] * n_check),
        class_names=("a", "b"),
        preprocess=preprocess,
    )
    model = build(network, data.n_features, 2)
    events = train(model, data, network, state=TrainingState(), call_seconds=CALL_SECONDS)
    epochs = (event.seconds for event in events if isinstance(event, EpochMetrics))
    return min(list(islice(epochs, _EPOCHS))[1:])


def _file(settings: Settings) -> Path:
    return settings.data_dir / "calibration.json"


def _computer(settings: Settings) -> list[str | int]:
    """Say what the prices depend on: processor, threads, and what computes."""
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    processor = next(named, platform.processor())
    keras = importlib.metadata.version("keras")
    return [processor, os.cpu_count() or 1, settings.n_threads, keras, VERSION]


def main() -> None:
    """Measure as a worker would, at its priority and with its threads."""
    lower_priority()
    settings = get_settings()
    use_threads(settings.n_threads)
    calibrate(settings)


if __name__ == "__main__":
    main()
    os._exit(0)
