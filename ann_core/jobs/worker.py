"""One training attempt, one process: ``python -m ann_core.jobs.worker RUN ATTEMPT``.

The only place, with `ann_core.network.build` and `ann_core.training`, where
TensorFlow lives. It takes everything from the registry and gives everything
back to it; its exit code tells the engine only whether it got that far.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.changes import check_unchanged
from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError
from ann_core.features import FeatureSet, load_features
from ann_core.jobs.explaining import explain
from ann_core.jobs.lessons import Lesson
from ann_core.jobs.priority import step_back
from ann_core.jobs.pulse import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_NOT_MINE,
    EXIT_REPLACED,
    AskedToEndError,
    Pulse,
    insist,
)
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings, get_settings

if TYPE_CHECKING:
    import keras

log = logging.getLogger("ann_core.worker")


def main(run_id: str, attempt: int) -> int:
    """Carry out one attempt; return the exit code."""
    step_back()
    settings = get_settings()
    registry = Registry(settings.registry_url, settings.lease_seconds)
    pulse = Pulse(registry, run_id, attempt)
    signal.signal(signal.SIGTERM, lambda *_: pulse.leave())
    run = insist(lambda: registry.start(run_id, attempt, os.getpid()))
    if run is None:
        log.warning("attempt %d of run %s is not to be started", attempt, run_id)
        return EXIT_NOT_MINE
    pulse.can_finish = run.checkpoint is not None
    pulse.begin()
    return _attempt(run, settings, registry, pulse)


def _attempt(run: Run, settings: Settings, registry: Registry, pulse: Pulse) -> int:
    """Do the work and write in the registry how it ended; return the exit code."""
    lesson = None
    try:
        data = _prepare(run, settings, pulse)
        pulse.phase("loading TensorFlow")
        with pulse.deaf():
            model = _build(run, data, settings)
        lesson = Lesson(run, data, model, settings, registry, pulse)
        status, result = lesson.give()
    except AskedToEndError as asked:
        return EXIT_DONE if pulse.obey(asked.order) else EXIT_REPLACED
    except Exception as error:
        log.error("%s", traceback.format_exc())
        kind, why = explain(error, run.config)
        failed = pulse.end(lambda: registry.fail(run.id, run.attempt, kind, why))
        return EXIT_FAILED if failed else EXIT_REPLACED
    if not pulse.end(lambda: registry.finish(run.id, run.attempt, status, result)):
        return EXIT_REPLACED
    lesson.clear()
    return EXIT_DONE


def _prepare(run: Run, settings: Settings, pulse: Pulse) -> FeatureSet:
    """Check all that may have changed since the run was filed; read its pictures."""
    pulse.phase("reading the pictures")
    pulse.check()
    dataset = _load_dataset(run, settings)
    network, preprocess = run.config.network, run.config.preprocess
    settings.limits.check(network, preprocess.n_features, len(dataset.class_names))
    check_unchanged(dataset)
    pulse.stay()
    RunFolder.of(settings.runs_dir, run.id).write_config(run.config, dataset.class_names)

    def report(done: int, total: int) -> None:
        pulse.check()
        if done % 50 == 0:
            pulse.progress = {"phase": f"preparing the pictures: {done:,} of {total:,}"}

    return load_features(dataset, preprocess, settings.features_dir, report)


def _load_dataset(run: Run, settings: Settings) -> Dataset:
    dataset = Catalog(settings.datasets_dir).load(run.config.dataset)
    if dataset.fingerprint != run.config.fingerprint:
        raise DatasetError(
            f"The pictures of '{dataset.name}' have changed since this run was filed. "
            "Start a new run with the data set as it is now."
        )
    return dataset


def _build(run: Run, data: FeatureSet, settings: Settings) -> keras.Model:
    import tensorflow as tf

    from ann_core.network import build

    n_threads = max(1, (os.cpu_count() or 1) // settings.n_slots)
    tf.config.threading.set_intra_op_parallelism_threads(n_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return build(run.config.network, data.n_features, len(data.class_names))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)
    code = main(sys.argv[1], int(sys.argv[2]))
    logging.shutdown()
    # Python would take TensorFlow down piece by piece: seconds in which the memory
    # is missing to the next run. Everything is written; the system is quicker.
    os._exit(code)
