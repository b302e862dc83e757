"""Experiments with real workers: what is killed on the way changes no figure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.experiments.altered import MIRROR
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Experiment
from ann_core.experiments.ladder import LADDER
from ann_core.experiments.running import begin, look
from ann_core.runs.experiments import ExperimentRecord
from ann_core.runs.owners import Submission
from ann_core.runs.run import Run
from tests.helpers.runs import Workshop, make_dataset, wait_for


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    data_dir: Path = tmp_path_factory.mktemp("experiments") / "data"
    make_dataset(data_dir, n_images=100)
    workshop = Workshop(data_dir, checkpoint_seconds=0)
    yield workshop
    workshop.close()


def start(workshop: Workshop, experiment: Experiment, key: str) -> ExperimentRecord:
    info = Catalog(workshop.settings.datasets_dir).info("toy")
    submission = Submission(key)
    return begin(workshop.registry, workshop.settings, experiment, info=info, submission=submission)


def outcome(workshop: Workshop, record: ExperimentRecord) -> Conclusion:
    """Work until the experiment has its outcome."""

    def ended() -> Conclusion | None:
        workshop.dispatcher.tick()
        standing = look(workshop.registry, workshop.settings, record.id)
        assert standing.live or standing.conclusion is not None, standing.problem
        return standing.conclusion

    return wait_for(ended, 300, "the outcome")


def at_work(workshop: Workshop, record: ExperimentRecord) -> Run | None:
    """Find the run of an experiment that has a worker; which is the first does not matter."""
    workshop.dispatcher.tick()
    runs = [workshop.registry.get(run_id) for run_id in record.runs]
    return next((run for run in runs if run.status == "running"), None)


def test_a_killed_worker_changes_no_figure(workshop: Workshop) -> None:
    undisturbed = outcome(workshop, start(workshop, MIRROR, "undisturbed"))
    record = start(workshop, MIRROR, "disturbed")
    killed = wait_for(lambda: at_work(workshop, record), 120, "a run of the experiment")
    for worker in workshop.workers(killed):
        worker.kill()

    disturbed = outcome(workshop, record)

    assert workshop.registry.get(killed.id).attempt == 2
    assert disturbed == undisturbed
    kept = look(workshop.registry, workshop.settings, record.id)
    assert kept.conclusion == disturbed and kept.share == 1 and not kept.live
    with np.load(workshop.folder(killed).predictions) as arrays:
        assert len(arrays["labels"]) == 200


def test_simple_rules_are_trained_beside_the_networks(workshop: Workshop) -> None:
    ladder = outcome(workshop, start(workshop, LADDER, "ladder"))

    names = [number.what for number in ladder.numbers]
    assert {"dense", "convolution", "Nearest class mean", "Logistic regression"} < set(names)
    values = [number.value for number in ladder.numbers]
    assert values == sorted(values)
    assert ladder.outcome in {"alike", "better", "worse"}
    assert f"{dict(zip(names, values, strict=True))['dense']:.1%}" in ladder.sentence
