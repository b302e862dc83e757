"""One training attempt, one process: ``python -m ann_core.jobs.worker RUN ATTEMPT``.

The only place, with `ann_core.network.build` and `ann_core.training`, where
TensorFlow lives. It takes everything from the registry and gives everything
back to it; its exit code tells the engine only whether it got that far.
"""

from __future__ import annotations

import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError, DiskFullError, FlatlandError
from ann_core.evaluation import evaluate
from ann_core.export import save_evaluation, save_model
from ann_core.features import FeatureSet, load_features
from ann_core.jobs.pulse import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_NOT_MINE,
    EXIT_REPLACED,
    Pulse,
    StopAskedError,
    insist,
)
from ann_core.network import CHECK_BATCH
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, Status
from ann_core.settings import Settings, get_settings
from ann_core.training import DivergedError, EpochMetrics, train

if TYPE_CHECKING:
    import keras

log = logging.getLogger("ann_core.worker")


def main(run_id: str, attempt: int) -> int:
    """Carry out one attempt; return the exit code."""
    if hasattr(os, "nice"):
        os.nice(10)  # the web server answers first
    settings = get_settings()
    registry = Registry(settings.registry_url)
    run = insist(lambda: registry.start(run_id, attempt, os.getpid()))
    if run is None:
        log.warning("attempt %d of run %s is not to be started", attempt, run_id)
        return EXIT_NOT_MINE
    pulse = Pulse(registry, run_id, attempt)
    pulse.begin()
    code, write = _attempt(run, settings, registry, pulse)
    return code if pulse.end(write) else EXIT_REPLACED


def _attempt(
    run: Run, settings: Settings, registry: Registry, pulse: Pulse
) -> tuple[int, Callable[[], bool]]:
    """Do the work; return the exit code, and what ends the run in the registry."""
    try:
        status, result = _work(run, settings, registry, pulse)
    except StopAskedError:
        status, result = "stopped", None
    except Exception as error:
        log.error("%s", traceback.format_exc())
        kind, why = explain(error)
        return EXIT_FAILED, lambda: registry.fail(run.id, run.attempt, kind, why)
    return EXIT_DONE, lambda: registry.finish(run.id, run.attempt, status, result)


def explain(error: Exception) -> tuple[str, str]:
    """Sort an error into one of the kinds of `Run`, with a sentence for people."""
    if isinstance(error, DiskFullError):
        return "disk", str(error)
    # TensorFlow's own class for it; a disk that is full is sorted out in `export`.
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return "memory", (
            "This training needs more memory than there is. Lower the picture size, the nodes of "
            "the first layer or the batch size, and train again."
        )
    if isinstance(error, DivergedError):
        return "diverged", str(error)
    if isinstance(error, FlatlandError):
        return "data", str(error)
    return "bug", (
        "Flatland made a mistake while training, and the run cannot go on. The log of the run "
        f"says more ({type(error).__name__})."
    )


def _work(
    run: Run, settings: Settings, registry: Registry, pulse: Pulse
) -> tuple[Status, dict[str, Any]]:
    started = time.monotonic()
    folder = RunFolder.of(settings.runs_dir, run.id)
    pulse.phase("reading the pictures")
    pulse.check_stop()
    dataset = _load_dataset(run, settings)
    folder.write_config(run.config, dataset.class_names)
    data = _load_features(run, dataset, settings, pulse)
    pulse.phase("loading TensorFlow")
    with pulse.deaf():
        model = _build(run, data, settings)
    status, result = _train(run, data, model, folder, registry, pulse)
    result["n_skipped"] = len(data.skipped)
    result["seconds"] = time.monotonic() - started
    return status, result


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
        pulse.check_stop()
        if done % 50 == 0:
            pulse.progress = {"phase": f"preparing the pictures: {done:,} of {total:,}"}

    return load_features(dataset, run.config.preprocess, settings.features_dir, report)


def _build(run: Run, data: FeatureSet, settings: Settings) -> keras.Model:
    import tensorflow as tf

    from ann_core.network import build

    n_threads = max(1, (os.cpu_count() or 1) // settings.n_slots)
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return build(run.config.network, data.n_features, len(data.class_names))


def _train(
    run: Run,
    data: FeatureSet,
    model: keras.Model,
    folder: RunFolder,
    registry: Registry,
    pulse: Pulse,
) -> tuple[Status, dict[str, Any]]:
    history: list[EpochMetrics] = []

    def on_batch(_epoch: int, batch: int, n_batches: int) -> bool:
        pulse.progress = {"phase": "training", "batch": batch, "n_batches": n_batches}
        return pulse.want == "stop"

    def on_epoch(epoch: EpochMetrics) -> None:
        history.append(epoch)
        if not insist(lambda: registry.add_metrics(run.id, run.attempt, epoch)):
            os._exit(EXIT_REPLACED)
        folder.write_history(history)

    pulse.phase("training")
    folder.write_history(history)
    ended = train(model, data, run.config.network, on_batch=on_batch, on_epoch=on_epoch)
    pulse.phase("testing")
    test = data.indices("test")
    probabilities = model.predict(data.features[test], batch_size=CHECK_BATCH, verbose=0)
    evaluation = evaluate(probabilities, data.labels[test], data.class_names)
    pulse.phase("saving the model")
    save_model(model, folder)
    save_evaluation(evaluation, folder)
    return "stopped" if ended.stopped else "done", {
        "test": evaluation.as_dict(),
        "best_epoch": ended.best_epoch,
        "kept_epoch": ended.kept_epoch,
        "n_parameters": int(model.count_params()),
        "n_images": {split: len(data.indices(split)) for split in ("train", "validation", "test")},
    }


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    code = main(sys.argv[1], int(sys.argv[2]))
    logging.shutdown()
    # Python would take TensorFlow down piece by piece: seconds in which the memory
    # is missing to the next run. Everything is written; the system is quicker.
    os._exit(code)
