"""Where an experiment stands: its runs, what is in its way, what came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ann_core.errors import RunError
from ann_core.experiments.conclusion import Conclusion
from ann_core.runs.experiments import ExperimentRecord
from ann_core.runs.job import ACTIVE
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run

RULES_GONE = (
    "The simple rules of this experiment could not be trained, or were stopped, so there is "
    "nothing to compare with. Start it again."
)
CONCLUDING = "the comparison"


@dataclass(frozen=True)
class Standing:
    """An experiment at one moment.

    Attributes
    ----------
    runs : tuple of Run or None
        In the order of the plan; None of one that is not filed yet, or was deleted.
    problem : str
        Why there will be no result as things are, in a sentence; "" if nothing is in its way.
    conclusion : Conclusion or None
        What came out.
    under_way : str
        What else is still made for it, in words: simple rules, or the comparison itself.
    """

    record: ExperimentRecord
    runs: tuple[Run | None, ...]
    problem: str
    conclusion: Conclusion | None
    under_way: str = ""

    @property
    def live(self) -> bool:
        """Whether something may still happen by itself."""
        waits = len(self.record.runs) < len(self.record.plan) and not self.record.stopped
        works = any(run is not None and run.live for run in self.runs) or bool(self.under_way)
        return self.conclusion is None and (works or (waits and not self.problem))

    @property
    def share(self) -> float:
        """How much of all epochs is done, 0..1."""
        total = sum(each.config.network.epochs for each in self.record.plan)
        done = sum(
            each.config.network.epochs if run.has_model else run.epoch
            for each, run in zip(self.record.plan, self.runs, strict=True)
            if run is not None
        )
        return 1.0 if self.conclusion is not None else min(1.0, done / total)

    def text(self) -> str:
        """Say in a few words how far it is."""
        done = sum(run is not None and run.has_model for run in self.runs)
        if self.conclusion is not None:
            return "done"
        at_work = [
            each.role
            for each, run in zip(self.record.plan, self.runs, strict=True)
            if run is not None and run.status in ACTIVE
        ]
        at_work += [self.under_way] if self.under_way and done == len(self.runs) else []
        now = f"; at work now: {' and '.join(at_work)}" if at_work else ""
        return f"{done} of {len(self.record.plan)} networks are trained{now}"


def run_of(registry: Registry, record: ExperimentRecord, number: int) -> Run | None:
    """Read a run of an experiment; None if it is not filed yet, or deleted."""
    if number >= len(record.runs):
        return None
    try:
        return registry.get(record.runs[number])
    except RunError:
        return None


def not_concluded(why: str | None) -> str:
    """Say that networks were trained, and not compared."""
    return (
        "The networks are trained, but comparing them failed or was cancelled"
        f"{f': {why}' if why else '.'} What they learned is still there; start the experiment "
        "again for a result."
    )


def problem_of(record: ExperimentRecord, runs: Sequence[Run | None]) -> str:
    """Say why there will be no result, as things are."""
    for number, (planned, run) in enumerate(zip(record.plan, runs, strict=True)):
        role = f"The network '{planned.role}'"
        if run is None and number < len(record.runs):
            return (
                f"{role} was deleted, so there is no result. What the others learned is still "
                "there; start the experiment again for all of them."
            )
        if run is not None and run.status == "failed":
            return f"{role} failed: {run.error or 'it gives no reason.'}"
        if run is not None and run.status == "stopped":
            return (
                f"{role} was stopped before its end, so a comparison would not be fair. What it "
                "learned is still there; start the experiment again for a result."
            )
        if run is not None and run.status == "paused":
            return f"{role} is paused. Continue it on the Train page, and the experiment goes on."
    if record.stopped:
        return "This experiment was stopped. What its networks learned until then is still there."
    return ""
