"""One attempt at a job, one process: ``python -m ann_core.jobs.worker RUN ATTEMPT``.

The only place, with `ann_core.training`, where TensorFlow lives. It takes everything from the
registry and gives everything back to it; its exit code tells the engine only whether it got that
far.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import TYPE_CHECKING

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet, first_fingerprints, load_features
from ann_core.datasets.standardizing import standardiser_of
from ann_core.imaging.standardizer import Standardiser
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.data_jobs import open_dataset, run_data_job
from ann_core.jobs.failures import classify_failure
from ann_core.jobs.heartbeat import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_NOT_MINE,
    EXIT_REPLACED,
    EndRequestedError,
    Heartbeat,
    retry,
)
from ann_core.jobs.logs import LineFormatter, RateLimit
from ann_core.jobs.priority import lower_priority
from ann_core.jobs.training_job import TrainingJob
from ann_core.machine import keep_private
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import JobResult, Status
from ann_core.runs.job_types import AnyJob
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings, get_settings
from ann_core.training.beta_lasso import thin_out
from ann_core.training.limits import check_limits
from ann_core.training.loading import use_threads
from ann_core.training.network import build

if TYPE_CHECKING:
    import keras

_LINES_A_MINUTE = 120

log = logging.getLogger("ann_core.worker")


def main(run_id: str, attempt: int) -> int:
    """Carry out one attempt; return the exit code."""
    lower_priority()
    settings = get_settings()
    if settings.profile == "hosted":
        keep_private(settings.data_dir)
    with Registry(settings.registry_url, settings.lease_seconds) as registry:
        heartbeat = Heartbeat(registry, run_id, attempt)
        signal.signal(signal.SIGTERM, lambda *_: heartbeat.stop())
        job = retry(lambda: registry.attempts.start(run_id, attempt, os.getpid()))
        if job is None:
            log.warning("attempt %d of run %s is not to be started", attempt, run_id)
            return EXIT_NOT_MINE
        heartbeat.can_finish = isinstance(job, Run) and job.checkpoint is not None
        heartbeat.begin()
        return _attempt(job, WorkerContext(settings, registry, heartbeat))


def _attempt(job: AnyJob, context: WorkerContext) -> int:
    """Do the work and write in the registry how it ended; return the exit code."""
    heartbeat, attempts = context.heartbeat, context.registry.attempts
    training_job: TrainingJob | None = None
    status: Status = "done"
    result: JobResult
    try:
        if isinstance(job, Run):
            training_job = _begin(job, context)
            status, result = training_job.execute()
        else:
            result = run_data_job(job, context)
    except EndRequestedError as end:
        return EXIT_DONE if heartbeat.accept(end.request) else EXIT_REPLACED
    except Exception as error:
        log.exception("it failed")
        kind, why = classify_failure(error, job.config)
        failed = heartbeat.end(lambda: attempts.fail(job.id, job.attempt, kind, why=why))
        return EXIT_FAILED if failed else EXIT_REPLACED
    if not heartbeat.end(lambda: attempts.finish(job.id, job.attempt, status, result=result)):
        return EXIT_REPLACED
    if training_job is not None:
        training_job.clear()
    return EXIT_DONE


def _begin(run: Run, context: WorkerContext) -> TrainingJob:
    settings, heartbeat = context.settings, context.heartbeat
    data = _prepare(run, settings, heartbeat)
    standardiser = standardiser_of(data) if data.preprocess.scaling == "standard" else None
    heartbeat.phase("loading TensorFlow")
    with heartbeat.uninterruptible():
        model = _build(run, data, settings, standardiser=standardiser)
    return TrainingJob(run, data, model, context=context)


def _prepare(run: Run, settings: Settings, heartbeat: Heartbeat) -> FeatureSet:
    """Check all that may have changed since the run was filed; read its images."""
    heartbeat.phase("reading the pictures")
    heartbeat.check()
    dataset = open_dataset(settings, run.config.dataset, run.config.fingerprint, owner=run.owner)
    network, preprocess = run.config.network, run.config.preprocess
    check_limits(
        settings.limits, network, preprocess.n_features, n_classes=len(dataset.class_names)
    )
    heartbeat.exit_if_replaced()
    folder = RunFolder.of(settings.runs_dir, run.id)
    folder.write_config(run.config, dataset.class_names)

    def report(done: int, total: int) -> None:
        heartbeat.check()
        if done % 50 == 0:
            heartbeat.progress = {"phase": f"preparing the pictures: {done:,} of {total:,}"}

    data = load_features(dataset, preprocess, settings.features_dir, progress=report)
    heartbeat.exit_if_replaced()
    _write_fingerprints(folder, dataset, data)
    return data


def _write_fingerprints(folder: RunFolder, dataset: Dataset, data: FeatureSet) -> None:
    """Tell what the first test images became, for comparing with other ways of asking."""
    fingerprints = first_fingerprints(dataset, data)
    folder.write_fingerprints(fingerprints)
    for name, digits in fingerprints.items():
        log.info("fingerprint %s of %s", digits, name)


def _build(
    run: Run, data: FeatureSet, settings: Settings, *, standardiser: Standardiser | None
) -> keras.Model:
    use_threads(settings.n_threads)
    model = build(
        run.config.network,
        data.n_features,
        len(data.class_names),
        standardiser=standardiser,
        image_shape=run.config.preprocess.image_shape,
    )
    if run.config.variation.lasso:
        thin_out(model, run.config.variation.lasso)
    return model


def log_lines(logger: logging.Logger) -> None:
    """Write to the log of the run what `logger` says, and warnings of all others."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(asctime)s %(message)s"))
    handler.addFilter(RateLimit(_LINES_A_MINUTE))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logger.setLevel(logging.INFO)


if __name__ == "__main__":
    log_lines(log)
    code = main(sys.argv[1], int(sys.argv[2]))
    logging.shutdown()
    # Python would take TensorFlow down piece by piece: seconds in which the memory
    # is missing to the next run. Everything is written; the system is quicker.
    os._exit(code)
