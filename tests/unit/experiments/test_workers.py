"""Experiments with real workers, from the plan to the figures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.evaluation.exported_weights import read_dense_weights
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.experiments.altered import MIRROR
from ann_core.experiments.budget import Budget
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Evidence, Experiment, FinishedRun
from ann_core.experiments.examples import pushed_strip
from ann_core.experiments.ladder import LADDER
from ann_core.experiments.looks import LOOKS
from ann_core.experiments.moved import MOVED
from ann_core.experiments.neighbours import NEIGHBOURS, STRENGTH
from ann_core.experiments.order import ORDER
from ann_core.experiments.push import PUSH
from ann_core.experiments.you import YOU
from ann_core.export.code.code_bundle import code_bundle
from ann_core.jobs.experiment_jobs import conclusion_job
from ann_core.jobs.experiments import begin, look
from ann_core.prediction.classifier import Classifier
from ann_core.runs.experiments import ExperimentRecord, NewExperiment, PlannedRun
from ann_core.runs.housekeeping import stop_job
from ann_core.runs.job_results import ConclusionResult
from ann_core.runs.job_types import ConclusionJob
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.schema import experiments
from ann_core.training.beta_lasso import BETA
from tests.helpers.runs import Workshop, make_dataset, wait_for

EPOCHS = 16  # for the network that is killed
FEW_EPOCHS = 6  # what is asked of the figures does not need networks that have learned all


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


def long_enough_to_be_killed(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
    """Plan Mirror with a dense network that saves several times before it ends."""
    dense, convolution = MIRROR.plan(info, budget)
    network = dense.config.network.model_copy(update={"epochs": EPOCHS, "batch_size": 2})
    config = dense.config.model_copy(update={"network": network})
    return [dense.model_copy(update={"config": config}), shortened(convolution)]


def shortened(planned: PlannedRun) -> PlannedRun:
    network = planned.config.network.model_copy(update={"epochs": FEW_EPOCHS})
    config = planned.config.model_copy(update={"network": network})
    return planned.model_copy(update={"config": config})


def short(experiment: Experiment) -> Experiment:
    """Make an experiment whose networks train for a few epochs."""

    def plan(info: DatasetInfo, budget: Budget) -> list[PlannedRun]:
        return [shortened(each) for each in experiment.plan(info, budget)]

    return replace(experiment, plan=plan)


LONG_MIRROR = replace(MIRROR, plan=long_enough_to_be_killed)


@pytest.fixture(scope="module")
def undisturbed(workshop: Workshop) -> tuple[ExperimentRecord, Conclusion]:
    record = start(workshop, LONG_MIRROR, "undisturbed")
    return record, outcome(workshop, record)


@pytest.fixture(scope="module")
def both(workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion]) -> Evidence:
    """A dense network and a convolution that learned from the same pictures."""
    runs = [workshop.registry.get(each) for each in undisturbed[0].runs]
    return Evidence(
        [
            FinishedRun(
                role,
                run,
                workshop.registry.metrics(run.id),
                workshop.folder(run),
                workshop.settings.features_dir,
            )
            for role, run in zip(("dense", "convolution"), runs, strict=True)
        ]
    )


def test_a_killed_worker_changes_no_figure_of_an_experiment(
    workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion]
) -> None:
    record = start(workshop, LONG_MIRROR, "killed")
    run = workshop.wait(workshop.registry.get(record.runs[0]), lambda now: now.checkpoint)
    (worker,) = workshop.workers(run)

    worker.kill()

    assert workshop.registry.get(run.id).epoch < EPOCHS, "too late"
    assert outcome(workshop, record) == undisturbed[1]
    killed, other = (workshop.registry.get(each) for each in record.runs)
    assert (killed.attempt, other.attempt) == (2, 1)
    kept = look(workshop.registry, workshop.settings, record.id)
    assert kept.conclusion == undisturbed[1] and kept.share == 1 and not kept.live
    with np.load(workshop.folder(other).predictions) as arrays:
        assert len(arrays["labels"]) == 200


def compare_again(
    workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion], key: str
) -> tuple[ExperimentRecord, ConclusionJob]:
    """File an experiment whose networks are there already, and its comparison."""
    earlier = undisturbed[0]
    new = NewExperiment(earlier.name, earlier.dataset, earlier.fingerprint, earlier.plan)
    record = workshop.registry.experiments.file(new, submit_key=key, filer=OPERATOR)
    for number, run_id in enumerate(earlier.runs):
        workshop.registry.experiments.note_run(record.id, number, run_id)
    standing = look(workshop.registry, workshop.settings, record.id)
    assert standing.live and standing.share == 1
    assert standing.text() == "2 of 2 networks are trained; at work now: the comparison"
    job = conclusion_job(workshop.registry, record)
    assert isinstance(job, ConclusionJob)
    return standing.record, job


def test_networks_are_compared_by_a_worker_and_again_if_it_is_killed(
    workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion]
) -> None:
    record, job = compare_again(workshop, undisturbed, "compared twice")
    [worker] = workshop.wait(job, workshop.workers) and workshop.workers(job)

    worker.kill()

    assert outcome(workshop, record) == undisturbed[1]
    ended = workshop.registry.job(job.id)
    assert (ended.attempt, ended.result) == (2, ConclusionResult(outcome=undisturbed[1].outcome))


def test_a_comparison_that_was_cancelled_is_no_result_and_the_networks_stay(
    workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion]
) -> None:
    record, job = compare_again(workshop, undisturbed, "cancelled")

    stop_job(workshop.registry, workshop.settings, job.id, by=OPERATOR)

    standing = look(workshop.registry, workshop.settings, record.id)
    assert not standing.live and standing.conclusion is None
    assert "comparing them failed or was cancelled." in standing.problem
    assert all(run is not None and run.has_model for run in standing.runs)


def test_a_network_that_is_deleted_before_the_comparison_is_missed_by_name(
    workshop: Workshop, undisturbed: tuple[ExperimentRecord, Conclusion]
) -> None:
    record, job = compare_again(workshop, undisturbed, "one is gone")
    with workshop.registry.store.engine.begin() as db:
        gone = [record.runs[0], "A" * 16]
        db.execute(sa.update(experiments).where(experiments.c.id == record.id).values(runs=gone))

    failed = workshop.wait_for_end(job)

    assert failed.status == "failed" and "'convolution' was deleted" in str(failed.error)
    assert (
        "'convolution' was deleted" in look(workshop.registry, workshop.settings, record.id).problem
    )


def test_few_test_pictures_are_of_all_classes_and_known_by_their_rows(both: Evidence) -> None:
    dense = both.one("dense")
    test = dense.test()
    assert list(test.labels) == sorted(test.labels), "the split is sorted by class"

    images, labels = dense.test_images(6)

    rows = dense.test_rows(6)
    everything, _ = dense.test_images(len(test.rows))
    at = np.searchsorted(test.rows, rows)
    assert np.bincount(labels).tolist() == [3, 3]
    assert (images == everything[at]).all() and (labels == test.labels[at]).all()


def test_class_after_class_is_held_against_shuffled_pictures(workshop: Workshop) -> None:
    record = start(workshop, short(ORDER), "order")

    ordered = outcome(workshop, record)

    shuffled, by_class, often, always = ordered.numbers
    assert (shuffled.what, by_class.what) == ("shuffled", "class after class")
    assert [often.what, always.what] == [
        f"{each.what}: predicts 'dark'" for each in ordered.numbers[:2]
    ]
    assert len(ordered.figure.lines) == 2 and ordered.holds == (ordered.outcome == "worse")
    run = workshop.registry.get(record.runs[1])
    stored = load_predictions(workshop.folder(run).predictions, 2).of("test")
    assert always.value == (stored.predicted == 1).mean()
    assert by_class.value == stored.correct.mean()
    with zipfile.ZipFile(io.BytesIO(code_bundle(run, workshop.settings))) as archive:
        assert "train.py" not in archive.namelist()
        assert "training pictures (class after class)" in archive.read("README.md").decode()


def test_what_a_first_layer_keeps_is_counted_in_its_exported_weights(workshop: Workshop) -> None:
    record = start(workshop, short(NEIGHBOURS), "neighbours")

    conclusion = outcome(workshop, record)

    with_all, with_few, scrambled = (
        read_dense_weights(workshop.folder(workshop.registry.get(each))).kernels[0]
        for each in record.runs
    )
    assert (with_all != 0).mean() > 0.99
    smallest = np.abs(with_few[with_few != 0]).min(initial=1.0)
    assert smallest > BETA * STRENGTH
    shares = {number.what: number.value for number in conclusion.numbers}
    assert shares["weights of the first layer that stay"] == (with_few != 0).mean()
    assert 0 < (scrambled != 0).mean() < 1
    assert conclusion.holds == (conclusion.outcome == "near")
    assert {line.name for line in conclusion.figure.lines} > {"few weights", "random places"}


def test_pushes_are_measured_and_can_be_drawn(workshop: Workshop, both: Evidence) -> None:
    result = PUSH.conclude(both)

    along, at_random, _, hardest, *_ = result.numbers
    assert along.value >= at_random.value and hardest.value >= along.value
    lines = [line.y for line in result.figure.lines]
    assert len(lines) == 3 and all(list(y) == sorted(y) and y[0] == 0 for y in lines)
    dataset = Catalog(workshop.settings.datasets_dir).load("toy")
    classifier = Classifier(both.one("dense").folder)
    assert bool(result.examples) == (hardest.value > 0)
    for example in result.examples:
        for strength, expected in ((0, example.before), (example.strength, example.after)):
            strip, predicted = pushed_strip(dataset, example.row, classifier, strength=strength)
            assert strip.shape == (32 * 4, 3 * 32 * 4 + 2 * 4)
            assert predicted.class_name == expected


def test_places_that_decide_are_averaged_and_kept(both: Evidence) -> None:
    result = LOOKS.conclude(both)

    assert [line.name for line in result.figure.lines] == [
        f"{role}, {how}" for role in ("dense", "convolution") for how in ("gradient", "covered")
    ]
    assert all(0 < number.value < 1 for number in result.numbers[:4])
    assert result.holds == (result.outcome == "convolution")
    assert len(result.maps) == 12 and {each.size for each in result.maps} == {(32, 32)}
    assert Conclusion.parse(result.model_dump(mode="json")) == result


def test_a_person_is_asked_about_pictures_that_the_networks_were_tested_on(both: Evidence) -> None:
    runs = [
        replace(both.one(kind), role=role)
        for kind, role in (("dense", "dense"), ("convolution", "dense, scrambled"))
    ]

    result = YOU.conclude(Evidence(runs))

    assert len(result.examples) == 2 * 10
    for number, example in enumerate(result.examples):
        test = runs[number // 10].test()
        [at] = np.flatnonzero(test.rows == example.row)
        names = runs[0].class_names
        assert example.truth == names[test.labels[at]]
        assert example.before == names[test.predicted[at]]


def test_who_falls_when_cartoons_move_is_said_with_its_interval(both: Evidence) -> None:
    runs = [
        replace(both.one(kind), role=f"{kind}, {which}")
        for kind in ("dense", "convolution")
        for which in ("centred", "moved")
    ]

    result = MOVED.conclude(Evidence(runs))

    assert (result.outcome, result.holds) == ("neither", False), "the same networks twice"
    assert [number.value for number in result.numbers[4:]] == [0, 0]
    assert "Neither falls by more than chance explains." in result.sentence
    assert [line.name for line in result.figure.lines] == [each.role for each in runs]


def test_simple_rules_are_trained_beside_the_networks(workshop: Workshop) -> None:
    ladder = outcome(workshop, start(workshop, short(LADDER), "ladder"))

    names = [number.what for number in ladder.numbers]
    assert {"dense", "convolution", "Nearest class mean", "Logistic regression"} < set(names)
    values = [number.value for number in ladder.numbers]
    assert values == sorted(values)
    assert ladder.outcome in {"alike", "better", "worse"}
    assert f"{dict(zip(names, values, strict=True))['dense']:.1%}" in ladder.sentence
