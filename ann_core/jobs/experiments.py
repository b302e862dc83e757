"""An experiment under way: it is estimated, begun, filed run by run, concluded, stopped, deleted.

Nothing of it lives in a process. Whoever looks at an experiment files what may be filed and reads
what came; so it survives whatever its runs survive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import LimitError, RunError
from ann_core.experiments.budget import Budget
from ann_core.experiments.catalog import find_experiment
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Experiment
from ann_core.experiments.standing import (
    CONCLUDING,
    RULES_GONE,
    Standing,
    not_concluded,
    problem_of,
    run_of,
)
from ann_core.jobs.admission import estimate_resources, submit_run
from ann_core.jobs.experiment_jobs import (
    conclusion_job,
    file_conclusion,
    file_rules,
    find_rules,
    rules_job,
    rules_live,
)
from ann_core.runs.experiments import ExperimentRecord, NewExperiment, PlannedRun
from ann_core.runs.housekeeping import delete_run, stop_job
from ann_core.runs.owners import Caller, Filer, Submission, Visitor
from ann_core.runs.progress import duration
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

MIN_OF_CLASS = 5
"""Pictures that each class must have, or every number would be chance."""


_SPLITS = {"train": "to learn from", "validation": "to check", "test": "to test"}


@dataclass(frozen=True)
class ExperimentEstimate:
    """What an experiment will take, before it is begun.

    Attributes
    ----------
    plan : tuple of PlannedRun
    seconds : float
        Of all runs, one after another.
    refusals : tuple of str
        A sentence for each thing that speaks against it; with any, it cannot start.
    """

    plan: tuple[PlannedRun, ...]
    seconds: float
    refusals: tuple[str, ...]


def _budget(registry: Registry, settings: Settings) -> Budget:
    """Read the pace of this computer, and what is allowed on it."""
    past = {kind: registry.past_runs(kind=kind) for kind in ("dense", "convolution")}
    earlier = [run for runs in past.values() for run in runs]
    besides = [run.besides for run in earlier if run.besides is not None]
    budget = Budget(past, max_epochs=settings.limits.epochs)
    return replace(budget, besides=median(besides)) if besides else budget


def estimate(
    experiment: Experiment, info: DatasetInfo, *, registry: Registry, settings: Settings
) -> ExperimentEstimate:
    """Plan an experiment on a data set, and compare what it takes with what is allowed."""
    too_few = _too_few(info)
    if too_few:
        return ExperimentEstimate((), 0.0, (too_few,))
    budget = _budget(registry, settings)
    plan = tuple(experiment.plan(info, budget))
    seconds = budget.total_seconds(plan, info)
    refusals = dict.fromkeys(
        refusal
        for each in plan
        for refusal in estimate_resources(each.config, info, settings).refusals
    )
    most = settings.limits.run_seconds
    if most and seconds > most:
        refusals[
            f"All {len(plan)} networks of this experiment would train for about "
            f"{duration(seconds)}, and this server allows {duration(most)}: choose a smaller data "
            "set."
        ] = None
    return ExperimentEstimate(plan, seconds, tuple(refusals))


def begin(
    registry: Registry,
    settings: Settings,
    experiment: Experiment,
    *,
    info: DatasetInfo,
    submission: Submission,
    bet: str = "",
) -> ExperimentRecord:
    """File an experiment and as many of its runs as may wait.

    Parameters
    ----------
    bet : str
        Key of the outcome that whoever starts it expects; "" if they do not say.

    Raises
    ------
    DatasetError
        If whoever files it may not see the data set.
    LimitError
        With everything that speaks against it.
    RunError
        If there is no such bet.
    """
    if bet:
        experiment.bet(bet)
    estimated = estimate(experiment, info, registry=registry, settings=settings)
    if estimated.refusals:
        raise LimitError(list(estimated.refusals))
    new = NewExperiment(experiment.key, info.name, info.fingerprint, estimated.plan)
    record = registry.experiments.file(new, submit_key=submission.key, filer=submission.owner)
    if bet and record.result is None:
        registry.experiments.bet(record.id, bet, by=_caller(submission.owner))
    file_runs(registry, settings, record, info=info, filer=submission.owner)
    return registry.experiments.get(record.id)


def file_runs(
    registry: Registry,
    settings: Settings,
    record: ExperimentRecord,
    *,
    info: DatasetInfo,
    filer: Filer,
) -> None:
    """File the runs of an experiment that are not filed yet, as many as may wait.

    Raises
    ------
    LimitError
        If not even one of all may wait.
    """
    if record.stopped:
        return
    title = find_experiment(record.name).title
    for number in range(len(record.runs), len(record.plan)):
        planned = record.plan[number]
        # The same key gives the same run: two who look at once file it once.
        submission = Submission(f"{record.id}.{number}", filer, f"{title}: {planned.role}")
        try:
            run = submit_run(registry, settings, planned.config, info=info, submission=submission)
        except LimitError:
            if not number:
                raise
            return  # later, when there is room in the line
        registry.experiments.note_run(record.id, number, run.id)
    if find_experiment(record.name).needs_baselines:
        file_rules(registry, settings, record, filer=filer)


def look(registry: Registry, settings: Settings, experiment_id: str) -> Standing:
    """Read how far an experiment is; once all runs have their result, its conclusion is filed.

    Raises
    ------
    RunError
        If there is no such experiment.
    """
    record = registry.experiments.get(experiment_id)
    runs = tuple(run_of(registry, record, number) for number in range(len(record.plan)))
    if record.result is not None:
        return Standing(record, runs, "", Conclusion.parse(record.result))
    waits_for_rules = (
        find_experiment(record.name).needs_baselines and find_rules(record, settings) is None
    )
    live = waits_for_rules and rules_live(registry, record)
    problem = problem_of(record, runs)
    done = [run for run in runs if run is not None and run.has_model]
    complete = len(done) == len(runs)
    if not problem and complete and waits_for_rules and not live:
        problem = RULES_GONE
    if problem or live or not complete:
        return Standing(record, runs, problem, None, "simple rules" if live else "")
    job = conclusion_job(registry, record) or file_conclusion(registry, record, done[-1])
    if job.live:
        return Standing(record, runs, "", None, CONCLUDING)
    # what it wrote may be younger than the record
    record = registry.experiments.get(experiment_id)
    if record.result is not None:
        return Standing(record, runs, "", Conclusion.parse(record.result))
    return Standing(record, runs, not_concluded(job.error), None)


def stop(registry: Registry, settings: Settings, experiment_id: str, *, by: Caller) -> None:
    """File no more of its runs, and stop those under way; what they learned is kept.

    Raises
    ------
    RunError
        If it is somebody else's, or there is none.
    """
    registry.experiments.stop(experiment_id, by=by)
    record = registry.experiments.get(experiment_id)
    for number in range(len(record.runs)):
        run = run_of(registry, record, number)
        if run is not None and run.can_stop:
            stop_job(registry, settings, run.id, by=by)
    _stop_jobs(registry, settings, record, by=by)


def delete(registry: Registry, settings: Settings, experiment_id: str, *, by: Caller) -> None:
    """Delete an experiment, its bets and all its runs.

    Raises
    ------
    RunError
        If it is somebody else's, there is none, or a run is still under way.
    """
    record = registry.experiments.check_owner(experiment_id, by, "delete")
    runs = [run_of(registry, record, number) for number in range(len(record.runs))]
    if any(run is not None and run.live for run in runs):
        raise RunError("This experiment is still under way. Stop it first, then delete it.")
    registry.experiments.stop(experiment_id, by=by)  # nobody who looks files another one
    _stop_jobs(registry, settings, record, by=by)
    for run in runs:
        if run is not None:
            delete_run(registry, settings, run.id, by=by)
    registry.experiments.delete(experiment_id, by=by)


def _too_few(info: DatasetInfo) -> str:
    """Say which class has too few pictures for any number to mean something; "" if none."""
    for split, words in _SPLITS.items():
        for name in info.class_names:
            n_images = info.counts.get(name, {}).get(split, 0)
            if n_images < MIN_OF_CLASS:
                return (
                    f"An experiment needs {MIN_OF_CLASS} pictures of each class {words}, and "
                    f"'{name}' has {n_images}: add pictures, or choose another data set."
                )
    return ""


def _stop_jobs(
    registry: Registry, settings: Settings, record: ExperimentRecord, *, by: Caller
) -> None:
    for job in (rules_job(registry, record), conclusion_job(registry, record)):
        if job is not None and job.can_stop:
            stop_job(registry, settings, job.id, by=by)


def _caller(filer: Filer) -> Caller:
    return filer.key if isinstance(filer, Visitor) else filer
