"""A training that is to be stopped before it has learned, or when nothing learned is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ann_core.jobs.checkpointing import NothingToKeepError
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.failures import classify_failure
from ann_core.jobs.heartbeat import EndRequestedError, Heartbeat
from ann_core.jobs.training_job import TrainingJob
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from ann_core.training.network import build
from tests.helpers.registry import start
from tests.helpers.runs import toy_features


@pytest.fixture
def job(tmp_path: Path) -> Iterator[TrainingJob]:
    """A worker that has loaded everything, and has heard that the run is to be stopped."""
    settings = Settings(data_dir=tmp_path, database_url="")
    with Registry(settings.registry_url) as registry:
        run = start(registry)
        heartbeat = Heartbeat(registry, run.id, run.attempt, requested="stop")
        data, context = toy_features(), WorkerContext(settings, registry, heartbeat)
        model = build(run.config.network, data.n_features, 2)
        job = TrainingJob(run, data, model, context=context)
        job.folder.path.mkdir(parents=True)
        yield job


def test_stopped_before_its_first_batch_it_leaves_no_model(job: TrainingJob) -> None:
    with pytest.raises(EndRequestedError) as caught:
        job.execute()

    assert caught.value.request == "stop"
    assert not job.folder.keras_model.exists()


def test_stopped_with_no_checkpoint_to_read_it_keeps_no_untrained_model(job: TrainingJob) -> None:
    job.folder.checkpoints.mkdir()
    (job.folder.checkpoints / "damaged.npz").write_bytes(b"no checkpoint")
    job.heartbeat.registry.attempts.saved(job.run.id, 1, "damaged.npz")
    job.run = job.heartbeat.registry.get(job.run.id)
    with pytest.raises(NothingToKeepError) as caught:
        job.execute()

    kind, why = classify_failure(caught.value, job.run.config)
    assert kind == "data"
    assert "none of its checkpoints can be read" in why
    assert "continue from the beginning" in why
    assert not job.folder.keras_model.exists()
