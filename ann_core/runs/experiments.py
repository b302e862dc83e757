"""Experiments as the registry keeps them: which runs test a claim, who bet on what, the outcome.

The runs are ordinary ones. An experiment knows them by their ids, in the order of its plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from ann_core.config import Config
from ann_core.errors import ConfigError, RunError
from ann_core.runs.job import check_run_id, new_run_id
from ann_core.runs.owners import Caller, Filer, filer_digests, may_manage, owner_digest
from ann_core.runs.run import RunConfig
from ann_core.runs.schema import bets, experiments
from ann_core.runs.store import Store


class PlannedRun(Config):
    """One training of an experiment.

    Attributes
    ----------
    role : str
        What it stands for, such as "dense, scrambled"; runs that differ by seed share one.
    """

    role: str
    config: RunConfig


@dataclass(frozen=True)
class ExperimentRecord:
    """One row.

    Attributes
    ----------
    id : str
        As unguessable as that of a run: whoever has it may look.
    name : str
        Which experiment it is, see `ann_core.experiments.catalog`.
    owner : str
        Digest of its owner's key, as `Job.owner`.
    plan : tuple of PlannedRun
    runs : tuple of str
        Ids of those that were filed so far, in the order of the plan.
    stopped : bool
        Whether no more are to be filed.
    result : dict or None
        What came of it; it stays when the runs are gone.
    """

    id: str
    name: str
    owner: str
    dataset: str
    fingerprint: str
    plan: tuple[PlannedRun, ...]
    runs: tuple[str, ...]
    stopped: bool
    result: dict[str, Any] | None
    created: datetime


@dataclass(frozen=True)
class NewExperiment:
    """What is filed: which experiment, on which data set, and all its trainings."""

    name: str
    dataset: str
    fingerprint: str
    plan: Sequence[PlannedRun]


class NotYourExperimentError(RunError):
    """Somebody without the owner's key wanted to change an experiment."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Only the browser that started this experiment can {what} it. You can look at it, and "
            "start one of your own."
        )


class Experiments:
    """All experiments of one database.

    Parameters
    ----------
    store : Store
        Shared with the registry that this belongs to.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def file(self, new: NewExperiment, *, submit_key: str, filer: Filer) -> ExperimentRecord:
        """Write a plan down, unless its key is known; none of its runs is filed by that."""
        owner = filer_digests(filer)["owner"]
        values = {"name": new.name, "dataset": new.dataset, "fingerprint": new.fingerprint}
        plan = [planned.model_dump(mode="json") for planned in new.plan]
        row = values | {"id": new_run_id(), "submit_key": submit_key, "owner": owner}
        known = sa.select(experiments.c.id).where(experiments.c.submit_key == submit_key)
        with self._store.engine.begin() as db:
            self._store.lock(db)
            earlier = db.scalar(known)
            if earlier is None:
                times = {"created": self._store.now}
                db.execute(sa.insert(experiments).values(plan=plan, runs=[], **row, **times))
        return self.get(str(earlier or row["id"]))

    def get(self, experiment_id: str) -> ExperimentRecord:
        """Read one experiment.

        Raises
        ------
        RunError
            If the id is malformed or unknown.
        """
        query = sa.select(experiments).where(experiments.c.id == check_run_id(experiment_id))
        with self._store.reading() as db:
            row = db.execute(query).mappings().first()
        if row is None:
            raise _unknown(experiment_id)
        return _record(row)

    def recent(self, *, owner: Caller, limit: int = 50) -> list[ExperimentRecord]:
        """Read the newest experiments of an owner first; the operator's are all."""
        query = sa.select(experiments).order_by(experiments.c.created.desc()).limit(limit)
        if isinstance(owner, str):
            query = query.where(experiments.c.owner == owner_digest(owner))
        with self._store.reading() as db:
            return [_record(row) for row in db.execute(query).mappings()]

    def note_run(self, experiment_id: str, number: int, run_id: str) -> None:
        """Note which run is the planned one with this number, if the one before is known."""
        with self._store.engine.begin() as db:
            self._store.lock(db)
            query = sa.select(experiments.c.runs).where(experiments.c.id == experiment_id)
            known = list(db.scalar(query) or [])
            if len(known) == number:
                self._set(db, experiment_id, runs=[*known, run_id])

    def conclude(self, experiment_id: str, result: Mapping[str, Any]) -> None:
        """Keep what came of it."""
        with self._store.engine.begin() as db:
            self._set(db, experiment_id, result=dict(result))

    def stop(self, experiment_id: str, *, by: Caller) -> None:
        """File no more of its runs.

        Raises
        ------
        NotYourExperimentError
        """
        self.check_owner(experiment_id, by, "stop")
        with self._store.engine.begin() as db:
            self._set(db, experiment_id, stopped=True)

    def delete(self, experiment_id: str, *, by: Caller) -> None:
        """Forget it and its bets; `ann_core.jobs.experiments` deletes its runs too.

        Raises
        ------
        NotYourExperimentError
        """
        self.check_owner(experiment_id, by, "delete")
        with self._store.engine.begin() as db:
            db.execute(sa.delete(bets).where(bets.c.experiment == experiment_id))
            db.execute(sa.delete(experiments).where(experiments.c.id == experiment_id))

    def check_owner(self, experiment_id: str, by: Caller, what: str) -> ExperimentRecord:
        """Read an experiment that somebody wants to change.

        Raises
        ------
        NotYourExperimentError
            If it is somebody else's.
        """
        record = self.get(experiment_id)
        if not may_manage(record.owner, by):
            raise NotYourExperimentError(what)
        return record

    def bet(self, experiment_id: str, outcome: str, *, by: Caller) -> None:
        """Bet on an outcome, or on another one than before, as long as it is not known.

        Raises
        ------
        RunError
            If the outcome is known.
        """
        if self.get(experiment_id).result is not None:
            raise RunError("The outcome is known by now, so there is nothing to bet on.")
        who = (bets.c.experiment == experiment_id, bets.c.owner == owner_digest(by))
        with self._store.engine.begin() as db:
            self._store.lock(db)
            db.execute(sa.delete(bets).where(*who))
            values = {"experiment": experiment_id, "owner": owner_digest(by), "outcome": outcome}
            db.execute(sa.insert(bets).values(at=self._store.now, **values))

    def bets(self, experiment_id: str) -> Counter[str]:
        """Count the bets on each outcome."""
        query = sa.select(bets.c.outcome).where(bets.c.experiment == experiment_id)
        with self._store.reading() as db:
            return Counter(db.scalars(query))

    def bet_of(self, experiment_id: str, caller: Caller) -> str | None:
        """Read what somebody bet on."""
        query = sa.select(bets.c.outcome).where(bets.c.experiment == experiment_id)
        with self._store.reading() as db:
            outcome: str | None = db.scalar(query.where(bets.c.owner == owner_digest(caller)))
        return outcome

    def _set(self, db: sa.Connection, experiment_id: str, **values: Any) -> None:
        db.execute(sa.update(experiments).where(experiments.c.id == experiment_id).values(**values))


def _record(row: Mapping[Any, Any]) -> ExperimentRecord:
    try:
        plan = tuple(PlannedRun.parse(planned) for planned in row["plan"])
    except ConfigError as error:
        raise RunError(
            f"Experiment '{row['id']}' was made by another version of Flatland, and cannot be "
            f"read: {error}"
        ) from error
    names = ("id", "name", "owner", "dataset", "fingerprint", "stopped", "result")
    return ExperimentRecord(
        **{name: row[name] for name in names},
        plan=plan,
        runs=tuple(row["runs"]),
        created=datetime.fromtimestamp(row["created"], UTC),
    )


def _unknown(experiment_id: str) -> RunError:
    return RunError(
        f"There is no experiment '{experiment_id}' here. Copy the whole link again; or it was "
        "deleted by its owner."
    )
