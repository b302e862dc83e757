"""What comes of all experiments on one data set, with several seeds.

    ANN_DATA_DIR=folder python -m ann_core import dogs-vs-cats-180px.zip --name dogs-vs-cats
    ANN_DATA_DIR=folder python -m benchmarks.experiments run dogs-vs-cats
    python -m benchmarks.experiments table dogs-vs-cats

``run`` does what the command ``experiment`` does, one after another, except that a network which
several experiments plan, with the same settings and seed, is trained once: it would be the same to
the bit. The seconds of an experiment are those of all its runs, each from its start to its end.
It leaves out what ``benchmarks/results`` has already, so a second call goes on after the first.
"""

import argparse
import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from ann_core.datasets.catalog import Catalog
from ann_core.experiments.catalog import EXPERIMENTS
from ann_core.experiments.conclusion import Conclusion
from ann_core.experiments.definition import Experiment, with_seed
from ann_core.experiments.standing import Standing
from ann_core.jobs.admission import submit_run
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.jobs.experiment_jobs import conclusion_job, file_rules, rules_job
from ann_core.jobs.experiments import estimate, look
from ann_core.runs.experiments import ExperimentRecord, NewExperiment
from ann_core.runs.job import Job
from ann_core.runs.owners import OPERATOR, Submission
from ann_core.runs.registry import Registry
from ann_core.settings import get_settings
from benchmarks.results import RESULTS

N_SEEDS = 3
LOOK_SECONDS = 0.2


class Laboratory:
    """Carries out experiments on one data set in the data folder of the settings."""

    def __init__(self, dataset: str) -> None:
        self.settings = get_settings()
        self.registry = Registry(self.settings.registry_url)
        self.dispatcher = Dispatcher.local(self.registry, self.settings)
        self.info = Catalog(self.settings.datasets_dir).info(dataset)

    def conduct(self, chosen: Experiment) -> dict[str, Any]:
        """Train what an experiment plans, and say what came of it and how long that took."""
        estimated = estimate(chosen, self.info, registry=self.registry, settings=self.settings)
        assert not estimated.refusals, estimated.refusals
        new = NewExperiment(chosen.key, self.info.name, self.info.fingerprint, estimated.plan)
        key = secrets.token_urlsafe(16)
        record = self.registry.experiments.file(new, submit_key=key, filer=OPERATOR)
        jobs = [self.train(record, number) for number in range(len(record.plan))]
        if chosen.needs_baselines:
            jobs += self.train_rules(record)
        standing = self.conclude(record)
        jobs += filter(None, [conclusion_job(self.registry, record)])
        assert standing.conclusion is not None, standing.problem
        return {
            "seconds": sum(seconds_of(job) for job in jobs),
            "estimate": estimated.seconds,
            "epochs": [each.config.network.epochs for each in record.plan],
            "conclusion": standing.conclusion.model_dump(
                mode="json", exclude={"figure", "examples", "maps"}
            ),
        }

    def train(self, record: ExperimentRecord, number: int) -> Job:
        """Train one planned network, or take the same one of another experiment."""
        config = record.plan[number].config
        submission = Submission(config.key(), OPERATOR)
        run = submit_run(
            self.registry, self.settings, config, info=self.info, submission=submission
        )
        self.registry.experiments.note_run(record.id, number, run.id)
        while (now := self.registry.get(run.id)).live:
            self.dispatcher.tick()
            time.sleep(LOOK_SECONDS)
        assert now.status == "done", now.error
        return now

    def train_rules(self, record: ExperimentRecord) -> list[Job]:
        """Train simple rules beside the networks, if no earlier experiment did."""
        file_rules(self.registry, self.settings, record, filer=OPERATOR)
        while (job := rules_job(self.registry, record)) is not None and job.live:
            self.dispatcher.tick()
            time.sleep(LOOK_SECONDS)
        return [] if job is None else [job]

    def conclude(self, record: ExperimentRecord) -> Standing:
        """Wait for the comparison."""
        while (standing := look(self.registry, self.settings, record.id)).live:
            self.dispatcher.tick()
            time.sleep(LOOK_SECONDS)
        return standing


def seconds_of(job: Job) -> float:
    assert job.started is not None and job.finished is not None
    return (job.finished - job.started).total_seconds()


def run(dataset: str, names: list[str], n_seeds: int) -> None:
    """Carry out what is missing; with each seed all experiments, then with the next."""
    laboratory = Laboratory(dataset)
    for seed in range(n_seeds):
        for name in names:
            known = read(dataset)
            if EXPERIMENTS[name].draws or str(seed) in known.get(name, {}):
                continue
            outcome = laboratory.conduct(with_seed(EXPERIMENTS[name], seed))
            known.setdefault(name, {})[str(seed)] = outcome
            file_of(dataset).parent.mkdir(parents=True, exist_ok=True)
            file_of(dataset).write_text(json.dumps(known, indent=1) + "\n")
            sentence = outcome["conclusion"]["sentence"]
            print(f"{name}, seed {seed}, {outcome['seconds']:.0f} s: {sentence}", flush=True)
    laboratory.registry.close()


def table(dataset: str) -> None:
    """Print what came of each experiment, seed by seed."""
    for name, outcomes in read(dataset).items():
        print(f"\n{name}: {EXPERIMENTS[name].claim}")
        for seed, outcome in outcomes.items():
            conclusion = Conclusion.parse(outcome["conclusion"] | {"figure": {"lines": []}})
            held = "held" if conclusion.holds else "did not hold"
            print(f"  seed {seed}: {held}, {outcome['seconds']:.0f} s, epochs {outcome['epochs']}")
            for number in conclusion.numbers:
                print(f"    {number.what}: {number.text()} {number.about}")


def read(dataset: str) -> dict[str, dict[str, Any]]:
    file = file_of(dataset)
    outcomes: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
    return outcomes


def file_of(dataset: str) -> Path:
    return RESULTS / "experiments" / f"{dataset}.json"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.experiments", description=__doc__)
    parser.add_argument("what", choices=("run", "table"))
    parser.add_argument("dataset")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS))
    options = parser.parse_args(arguments)
    if options.what == "table":
        table(options.dataset)
    else:
        run(options.dataset, options.only, options.seeds)


if __name__ == "__main__":
    main(sys.argv[1:])
