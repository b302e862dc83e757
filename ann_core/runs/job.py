"""What waits in the queue and is worked on: its states, and what it looks like from outside."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self

from ann_core.config import Config
from ann_core.errors import ConfigError, RunError

Kind = Literal["train", "import", "survey", "table", "baselines", "archive", "export", "conclusion"]
RequestedState = Literal["run", "pause", "stop"]
Status = Literal["queued", "starting", "running", "done", "stopped", "paused", "failed"]

ACTIVE: tuple[Status, ...] = ("starting", "running")
LIVE: tuple[Status, ...] = ("queued", *ACTIVE)

DELETED = "deleted"
"""Kind of a row that stays for a day in a deleted job's place: see `ann_core.runs.tombstones`."""

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class JobResult(Config):
    """What came of a job, as the registry keeps it."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name, for JSON: those that were given, and no more."""
        return self.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One row of the registry: a training, or work on data.

    Attributes
    ----------
    owner : str
        Digest of its owner's key; "" belongs to whoever works on the computer itself.
    attempt : int
        Counts the processes that worked on it; 0 while it waits for its first.
    losses : int
        Processes lost in a row without getting any further.
    requested : "run", "pause" or "stop"
        What its owner asked for; the worker obeys at the next batch.
    phase : str
        What a starting or running worker is doing, in words.
    batch, n_batches : int
        How far it is: batches in training, images elsewhere.
    result : JobResult or None
        What came of it.
    error_kind : "memory", "disk", "data", "limit", "diverged", "lost", "bug" or None
    error : str or None
        What went wrong, in a sentence.
    notes : str
        What its owner wants to remember of it.
    """

    kind: ClassVar[Kind]
    settings: ClassVar[type[Config]]
    result_type: ClassVar[type[JobResult]]

    id: str
    name: str
    owner: str
    status: Status
    attempt: int
    losses: int
    requested: RequestedState
    phase: str
    batch: int
    n_batches: int
    result: JobResult | None
    error_kind: str | None
    error: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    notes: str = ""
    host: str = field(default="", compare=False)
    pid: int | None = field(default=None, compare=False)

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> Self:
        """Read a row of the table; its times are seconds since 1970.

        Raises
        ------
        RunError
            If its settings or its result cannot be understood.
        """
        values: dict[str, Any] = {column.name: row[column.name] for column in fields(cls)}
        try:
            values["config"] = cls.settings.parse(row["config"])
            if row["result"] is not None:
                values["result"] = cls.result_type.parse(row["result"])
        except ConfigError as error:
            raise RunError(
                f"Run '{row['id']}' was made by another version of Flatland, and cannot be "
                f"read: {error}"
            ) from error
        for name in ("created", "started", "finished"):
            seconds = row[name]
            values[name] = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        return cls(**values)

    @property
    def live(self) -> bool:
        """Whether it waits or works."""
        return self.status in LIVE

    @property
    def can_pause(self) -> bool:
        """Whether it could wait for another day; only a training goes on where it was."""
        return False

    @property
    def can_stop(self) -> bool:
        """Whether there is something to end."""
        return self.status == "paused" or (self.live and self.requested != "stop")

    @property
    def can_resume(self) -> bool:
        """Whether it can go on where it was."""
        return False

    @property
    def interrupted(self) -> bool:
        """Whether the last process was lost, and the run goes on after that."""
        return self.live and self.losses > 0


def new_run_id() -> str:
    """16 characters nobody can guess, safe in a URL, as a folder and as an argument."""
    while True:
        run_id = secrets.token_urlsafe(12)
        # A command would take "-F..." for an option; links end where "-" or "_" does.
        if run_id[0].isalnum() and run_id[-1].isalnum():
            return run_id


def check_run_id(run_id: str) -> str:
    """Let only well-formed ids near the database and the disk.

    Raises
    ------
    RunError
        If `run_id` is no id.
    """
    if not _ID.fullmatch(run_id):
        raise RunError(
            "Expected an id of 16 letters, digits, '-' and '_', "
            f"got {run_id[:60]!r}. Copy the whole id or link; the Train page and "
            "'python -m ann_core runs' list all runs."
        )
    return run_id
