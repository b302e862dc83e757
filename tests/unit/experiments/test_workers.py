"""Experiments with real workers, from the plan to the figures."""

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


def test_the_same_experiment_gives_the_same_figures_and_keeps_them(workshop: Workshop) -> None:
    first = outcome(workshop, start(workshop, MIRROR, "first"))
    record = start(workshop, MIRROR, "second")

    second = outcome(workshop, record)

    assert second == first
    kept = look(workshop.registry, workshop.settings, record.id)
    assert kept.conclusion == second and kept.share == 1 and not kept.live
    with np.load(workshop.folder(workshop.registry.get(record.runs[1])).predictions) as arrays:
        assert len(arrays["labels"]) == 200


def test_simple_rules_are_trained_beside_the_networks(workshop: Workshop) -> None:
    ladder = outcome(workshop, start(workshop, LADDER, "ladder"))

    names = [number.what for number in ladder.numbers]
    assert {"dense", "convolution", "Nearest class mean", "Logistic regression"} < set(names)
    values = [number.value for number in ladder.numbers]
    assert values == sorted(values)
    assert ladder.outcome in {"alike", "better", "worse"}
    assert f"{dict(zip(names, values, strict=True))['dense']:.1%}" in ladder.sentence
