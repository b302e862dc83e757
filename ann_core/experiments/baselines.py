"""Simple rules that an experiment compares its networks with: filed, found, waited for."""

from __future__ import annotations

from ann_core.errors import LimitError
from ann_core.evaluation.baselines import BaselineSet, load_baselines
from ann_core.jobs.admission import submit_job
from ann_core.runs.experiments import ExperimentRecord
from ann_core.runs.job_types import AnyJob, BaselinesConfig
from ann_core.runs.owners import Filer, Submission
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

GONE = (
    "The simple rules of this experiment could not be trained, or were stopped, so there is "
    "nothing to compare with. Start it again."
)


def file(registry: Registry, settings: Settings, record: ExperimentRecord, *, filer: Filer) -> None:
    """File the training of simple rules on what the networks are given, once."""
    if find(record, settings) is not None or job_of(registry, record) is not None:
        return
    config = record.plan[0].config
    rules = BaselinesConfig(
        dataset=config.dataset, fingerprint=config.fingerprint, preprocess=config.preprocess
    )
    try:
        submit_job(registry, settings, rules, submission=Submission(_key(record), filer))
    except LimitError:
        return  # whoever looks next tries again


def find(record: ExperimentRecord, settings: Settings) -> BaselineSet | None:
    """Read the simple rules, if they are there."""
    config = record.plan[0].config
    return load_baselines(config.fingerprint, config.preprocess, settings.baselines_dir)


def job_of(registry: Registry, record: ExperimentRecord) -> AnyJob | None:
    """Find the job that trains them."""
    return registry.filing.filed_under(_key(record))


def live(registry: Registry, record: ExperimentRecord) -> bool:
    """Whether they are still to come: not filed yet, waiting, or under way."""
    job = job_of(registry, record)
    return not record.stopped if job is None else job.live


def _key(record: ExperimentRecord) -> str:
    return f"{record.id}.baselines"
