"""One training attempt, one process: ``python -m ann_core.jobs.worker RUN ATTEMPT``.

The only place, with `ann_core.network.build` and `ann_core.training`, where
TensorFlow lives. It takes everything from the registry and gives everything
back to it; its exit code tells the engine only whether it got that far.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import Any

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError, DiskFullError, FlatlandError
from ann_core.evaluation import evaluate
from ann_core.features import FeatureSet, load_features
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings, get_settings
from ann_core.training import EpochMetrics

EXIT_DONE, EXIT_FAILED, EXIT_NOT_MINE, EXIT_REPLACED = 0, 1, 3, 5
BEAT_SECONDS = 0.5

log = logging.getLogger("ann_core.worker")


class StopAskedError(Exception):
    """The owner asked to stop before there was anything to keep."""


@dataclass
class Pulse:
    """Tells the registry that this worker lives and how far it is; hears wishes."""

    registry: Registry
    run_id: str
    attempt: int
    progress: dict[str, Any] = field(default_factory=dict)
    want: str = "run"
    loading: bool = True

    def begin(self) -> None:
        """Beat in the background until the process ends."""
        threading.Thread(target=self._loop, daemon=True, name="pulse").start()

    def phase(self, text: str) -> None:
        """Say what goes on now, in words for people."""
        log.info("%s", text)
        self.progress = {"phase": text}
        self._beat()
        if self.loading and self.want == "stop":
            raise StopAskedError

    def _loop(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self._beat()
            if self.loading and self.want == "stop":
                # Importing TensorFlow cannot be interrupted; there is nothing to save.
                self.registry.finish(self.run_id, self.attempt, "stopped")
                os._exit(EXIT_DONE)

    def _beat(self) -> None:
        want = self.registry.beat(self.run_id, self.attempt, **self.progress)
        if want is None:
            log.warning("another attempt has taken over")
            os._exit(EXIT_REPLACED)
        self.want = want


def main(run_id: str, attempt: int) -> int:
    """Carry out one attempt; return the exit code."""
    if hasattr(os, "nice"):
        os.nice(10)  # the web server answers first
    settings = get_settings()
    registry = Registry(settings.registry_url)
    run = registry.start(run_id, attempt, os.getpid())
    if run is None:
        log.warning("attempt %d of run %s is not to be started", attempt, run_id)
        return EXIT_NOT_MINE
    pulse = Pulse(registry, run_id, attempt)
    pulse.begin()
    try:
        _work(run, settings, registry, pulse)
    except StopAskedError:
        registry.finish(run_id, attempt, "stopped")
    except Exception as error:
        log.error("%s", traceback.format_exc())
        kind, why = explain(error)
        registry.fail(run_id, attempt, kind, why)
        return EXIT_FAILED
    return EXIT_DONE


def explain(error: Exception) -> tuple[str, str]:
    """Sort an error into memory, disk, data or bug, with a sentence for people."""
    if isinstance(error, DiskFullError):
        return "disk", str(error)
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "memory", (
            "This training needs more memory than there is. Lower the picture size, the nodes of "
            "the first layer or the batch size, and train again."
        )
    if isinstance(error, FlatlandError):
        return "data", str(error)
    return "bug", (
        "Flatland made a mistake while training, and the run cannot go on. The log of the run "
        f"says more ({type(error).__name__})."
    )


def _work(run: Run, settings: Settings, registry: Registry, pulse: Pulse) -> None:
    folder = RunFolder.of(settings.runs_dir, run.id)
    pulse.phase("reading the pictures")
    dataset = _load_dataset(run, settings)
    folder.write_config(run.config, dataset.class_names)
    data = _load_features(run, dataset, settings, pulse)
    pulse.phase("loading TensorFlow")
    _prepare_tensorflow(settings)
    _train(run, data, folder, registry, pulse)


def _load_dataset(run: Run, settings: Settings) -> Dataset:
    dataset = Catalog(settings.datasets_dir).load(run.config.dataset)
    if dataset.fingerprint != run.config.fingerprint:
        raise DatasetError(
            f"The pictures of '{dataset.name}' have changed since this run was filed. "
            "Start a new run with the data set as it is now."
        )
    return dataset


def _load_features(run: Run, dataset: Dataset, settings: Settings, pulse: Pulse) -> FeatureSet:
    def report(done: int, total: int) -> None:
        if done % 50 == 0:
            pulse.progress = {"phase": f"preparing the pictures: {done:,} of {total:,}"}

    return load_features(dataset, run.config.preprocess, settings.features_dir, report)


def _prepare_tensorflow(settings: Settings) -> None:
    import tensorflow as tf

    n_threads = max(1, (os.cpu_count() or 1) // settings.n_slots)
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _train(run: Run, data: FeatureSet, folder: RunFolder, registry: Registry, pulse: Pulse) -> None:
    from ann_core.export import save_evaluation, save_model
    from ann_core.network import build
    from ann_core.training import train

    started = time.monotonic()
    model = build(run.config.network, data.n_features, len(data.class_names))
    pulse.phase("training")
    pulse.loading = False
    history: list[EpochMetrics] = []

    def on_batch(epoch: int, batch: int, n_batches: int) -> bool:
        pulse.progress = {"phase": "training", "batch": batch, "n_batches": n_batches}
        pulse.progress |= {"epoch": epoch - 1}
        return pulse.want == "stop"

    def on_epoch(epoch: EpochMetrics) -> None:
        history.append(epoch)
        pulse.progress |= {"epoch": epoch.epoch}
        if not registry.add_metrics(run.id, run.attempt, epoch):
            os._exit(EXIT_REPLACED)
        folder.write_history(history)

    ended = train(model, data, run.config.network, on_batch=on_batch, on_epoch=on_epoch)
    pulse.phase("testing")
    folder.write_history(ended.history)
    test = data.indices("test")
    probabilities = model.predict(data.features[test], batch_size=1024, verbose=0)
    evaluation = evaluate(probabilities, data.labels[test], data.class_names)
    pulse.phase("saving the model")
    save_model(model, folder)
    save_evaluation(evaluation, folder)
    result = {
        "test": evaluation.as_dict(),
        "best_epoch": ended.best_epoch,
        "kept_epoch": ended.kept_epoch,
        "n_parameters": int(model.count_params()),
        "n_images": {split: len(data.indices(split)) for split in ("train", "validation", "test")},
        "n_skipped": len(data.skipped),
        "seconds": time.monotonic() - started,
    }
    registry.finish(run.id, run.attempt, "stopped" if ended.stopped else "done", result)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
