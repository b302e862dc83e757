"""What an experiment needs beside its networks: simple rules, and the comparison of all."""

from __future__ import annotations

from dataclasses import replace

from ann_core.errors import LimitError, RunError
from ann_core.evaluation.baselines import BaselineSet, load_baselines
from ann_core.experiments.catalog import find_experiment
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Evidence, FinishedRun
from ann_core.experiments.standing import RULES_GONE, problem_of, run_of
from ann_core.jobs.admission import submit_job
from ann_core.runs.experiments import ExperimentRecord
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_types import AnyJob, BaselinesConfig, ConclusionConfig
from ann_core.runs.owners import Filer, Submission
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings


def file_rules(
    registry: Registry, settings: Settings, record: ExperimentRecord, *, filer: Filer
) -> None:
    """File the training of simple rules on what the networks are given, once."""
    if find_rules(record, settings) is not None or rules_job(registry, record) is not None:
        return
    config = record.plan[0].config
    rules = BaselinesConfig(
        dataset=config.dataset, fingerprint=config.fingerprint, preprocess=config.preprocess
    )
    try:
        submit_job(registry, settings, rules, submission=Submission(_rules_key(record), filer))
    except LimitError:
        return  # whoever looks next tries again


def find_rules(record: ExperimentRecord, settings: Settings) -> BaselineSet | None:
    """Read the simple rules, if they are there."""
    config = record.plan[0].config
    return load_baselines(config.fingerprint, config.preprocess, settings.baselines_dir)


def rules_job(registry: Registry, record: ExperimentRecord) -> AnyJob | None:
    """Find the job that trains them."""
    return registry.filing.filed_under(_rules_key(record))


def rules_live(registry: Registry, record: ExperimentRecord) -> bool:
    """Whether they are still to come: not filed yet, waiting, or under way."""
    job = rules_job(registry, record)
    return not record.stopped if job is None else job.live


def conclusion_job(registry: Registry, record: ExperimentRecord) -> AnyJob | None:
    """Find the job that concludes an experiment."""
    return registry.filing.filed_under(_conclusion_key(record))


def file_conclusion(registry: Registry, record: ExperimentRecord, last: Run) -> AnyJob:
    """File the conclusion of an experiment after its last run, once, whoever looks."""
    config = ConclusionConfig(
        experiment=record.id, dataset=record.dataset, fingerprint=record.fingerprint
    )
    return registry.follow(last, config, submit_key=_conclusion_key(record))


def conclude(registry: Registry, settings: Settings, experiment_id: str) -> Conclusion:
    """Compute what came of an experiment whose runs have ended, and keep it.

    Raises
    ------
    RunError
        If it was deleted, or something that it compares is gone.
    """
    record = registry.experiments.get(experiment_id)
    experiment = find_experiment(record.name)
    runs = [run_of(registry, record, number) for number in range(len(record.plan))]
    present = [run for run in runs if run is not None and run.has_model]
    if len(present) < len(runs):
        raise RunError(problem_of(record, runs) or "Its networks are still in training.")
    rules = find_rules(record, settings) if experiment.needs_baselines else None
    if experiment.needs_baselines and rules is None:
        raise RunError(RULES_GONE)
    registry.looks.add(present)
    evidence = Evidence(
        [
            FinishedRun(
                planned.role,
                run,
                registry.metrics(run.id),
                RunFolder.of(settings.runs_dir, run.id),
                settings.features_dir,
            )
            for planned, run in zip(record.plan, present, strict=True)
        ]
    )
    conclusion = experiment.conclude(replace(evidence, baselines=rules))
    registry.experiments.conclude(record.id, conclusion.model_dump(mode="json"))
    return conclusion


def _rules_key(record: ExperimentRecord) -> str:
    return f"{record.id}.baselines"


def _conclusion_key(record: ExperimentRecord) -> str:
    return f"{record.id}.conclusion"
