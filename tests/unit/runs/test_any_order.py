"""Whatever happens, in whatever order: what is needed stays, and nothing else does."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ann_core.errors import RunError
from ann_core.runs.housekeeping import (
    DATA_JOB_SECONDS,
    UPLOAD_SECONDS,
    delete_run,
    stop_job,
    sweep,
)
from ann_core.runs.job_types import (
    AnyJob,
    ArchiveImportConfig,
    ArchiveImportJob,
    ImportConfig,
    ImportJob,
)
from ann_core.runs.owners import OPERATOR, NotYoursError, new_owner_key, owner_digest
from ann_core.runs.run import Run
from tests.helpers.registry import CONFIG
from tests.helpers.registry_machine import DAY, Installation

ANN, BOB = new_owner_key(), new_owner_key()
RUN_DAYS = 7

COMMANDS = ("stop", "pause", "resume", "delete")
TURNS = (
    "begin",
    "learn",
    "save",
    "finish",
    "be killed",
    "be shut down",
    "memory",
    "diverged",
    "bug",
)

owners = st.sampled_from([ANN, BOB])
numbers = st.integers(0, 20)
steps = st.lists(st.sampled_from([*COMMANDS, *TURNS, *2 * ["dispatch"]]), min_size=1, max_size=8)


class AnyOrder(RuleBasedStateMachine):
    """All that owners, workers, servers and time can do to a registry."""

    def __init__(self, installation: Installation) -> None:
        super().__init__()
        self.here = installation
        self.here.clear()
        self.registry = installation.registry
        self.owner: dict[str, str] = {}
        self.clock = 0.0
        self.touched: dict[str, float] = {}

    @rule(owner=owners, begun=st.booleans(), steps=steps)
    def submit_run(self, owner: str, begun: bool, steps: list[str]) -> None:
        run = self.registry.submit(CONFIG, submit_key=self._key(), owner=owner)
        self._filed(run.id, owner)
        self._go_on(run.id, [*(["dispatch", "begin"] if begun else []), *steps])

    @rule(owner=owners, archive=st.booleans(), steps=steps)
    def submit_import(self, owner: str, archive: bool, steps: list[str]) -> None:
        key = self._key()
        config: ArchiveImportConfig | ImportConfig = ArchiveImportConfig(upload=self.here.upload())
        if not archive:
            config = ImportConfig(name=f"set{key}", source="zip", what=config.upload)
        job = self.registry.submit_data_job(config, submit_key=key, owner=owner)
        self._filed(job.id, owner)
        self._go_on(job.id, steps)

    @precondition(lambda self: self.owner)
    @rule(number=numbers, steps=steps)
    def go_on(self, number: int, steps: list[str]) -> None:
        ids = sorted(self.owner, key=self.touched.__getitem__)
        self._go_on(ids[number % len(ids)], steps)

    @precondition(lambda self: self._ended())
    @rule(number=numbers)
    def delete_and_die(self, number: int) -> None:
        """A server is killed in the middle of a deletion."""
        ended = self._ended()
        run_id = ended[number % len(ended)]
        self.registry.commands.delete(run_id, by=OPERATOR)
        del self.owner[run_id]
        self.pass_time(90.0)  # its files are left to others only then

    @rule()
    def dispatch(self) -> None:
        """What has become of the lost is known from now on; a new server sweeps as well."""
        before = {job.id: job for job in self.here.jobs()}
        self.here.dispatcher.tick()
        after = {job.id: job for job in self.here.jobs()}
        for run_id in after:
            if after[run_id] != before[run_id]:
                self.touched[run_id] = self.clock
        for run_id in before.keys() - after.keys():
            assert not before[run_id].live and self._is_old(before[run_id])
            del self.owner[run_id]

    @rule(power_cut=st.booleans())
    def restart(self, power_cut: bool) -> None:
        """Another server takes over; workers go on, unless the whole computer went off."""
        for worker in self.here.workers if power_cut else ():
            worker.end(-9)
        self.here.serve()

    # Time

    @rule(seconds=st.sampled_from([60.0, 200.0, DAY + 3600, RUN_DAYS * DAY + 3600]))
    def pass_time(self, seconds: float) -> None:
        self.here.pass_time(seconds)
        self.clock += seconds

    @rule()
    def sweep(self) -> None:
        before = {job.id: job for job in self.here.jobs()}
        sweep(self.registry, self.here.settings)
        left = {job.id for job in self.here.jobs()}
        for run_id, job in before.items():
            assert (run_id in left) == (job.live or not self._is_old(job)), job
            if run_id not in left:
                del self.owner[run_id]
        assert {path.name for path in self.here.settings.runs_dir.glob("*")} <= left
        needed = self.registry.uploads_in_use()
        for upload in self.here.settings.uploads_dir.glob("*"):
            assert upload.name in needed or time.time() - upload.stat().st_mtime < UPLOAD_SECONDS

    # What is always so

    @invariant()
    def nothing_that_is_needed_is_gone(self) -> None:
        datasets, uploads = self.here.settings.datasets_dir, self.here.settings.uploads_dir
        for job in self.here.jobs():
            folder = self.here.folder(job.id)
            if isinstance(job, Run):
                assert not job.checkpoint or (folder.checkpoints / job.checkpoint).is_file()
                assert not job.has_model or folder.litert_model.is_file()
            elif isinstance(job, ImportJob) and job.live:
                is_imported = (datasets / job.config.name).is_dir()
                assert is_imported or (uploads / job.config.what).is_dir()
            elif isinstance(job, ArchiveImportJob) and job.live:
                assert (uploads / job.config.upload).is_dir() or job.attempt > 0

    @invariant()
    def something_leads_on_from_every_state(self) -> None:
        for job in self.here.jobs():
            is_ending = job.live and job.requested == "stop"
            ways = (job.can_pause, job.can_resume, job.can_stop, not job.live, is_ending)
            assert any(ways), job
            assert (job.finished is not None) == (job.status in {"done", "stopped", "failed"})
            assert bool(self.registry.queue_position(job.id)) == (job.status == "queued")

    def teardown(self) -> None:
        """Everything can be ended, deleted, and forgotten to the last file."""
        self.here.pass_time(200.0)  # whoever is silent has lost its lease
        self.here.finish_everything()
        for job in self.registry.recent()[::2]:
            delete_run(self.registry, self.here.settings, job.id, by=OPERATOR)
        for days in (RUN_DAYS, 1):  # until they are deleted; until that is forgotten
            self.here.pass_time(days * DAY + 3600)
            sweep(self.registry, self.here.settings)
        left = [*self.here.settings.runs_dir.glob("*"), *self.here.settings.uploads_dir.glob("*")]
        assert left == []
        with self.registry.store.reading() as db:
            for table in ("runs", "events", "metrics"):
                assert db.scalar(sa.text(f"SELECT COUNT(*) FROM {table}")) == 0

    # What the rules are made of

    def _key(self) -> str:
        self.here.n_uploads += 1
        return str(self.here.n_uploads)

    def _filed(self, run_id: str, owner: str) -> None:
        self.owner[run_id] = owner
        self.touched[run_id] = self.clock

    def _go_on(self, run_id: str, steps: list[str]) -> None:
        for step in steps:
            if step == "dispatch":
                self.dispatch()
            elif step in TURNS:
                self._work(run_id, step)
            elif run_id in self.owner:
                self._ask(run_id, step)

    def _work(self, run_id: str, what: str) -> None:
        """Let the workers of a job do something; one of them may have been replaced."""
        for worker in self.here.workers:
            if worker.is_alive and worker.run_id == run_id:
                self.here.work(worker, what)
                self.touched[run_id] = self.clock
        for job in self.here.jobs():
            if job.id not in self.owner:  # the profile that follows an import
                self._filed(job.id, ANN if job.owner == owner_digest(ANN) else BOB)

    def _ask(self, run_id: str, command: str) -> None:
        """What a job says can be done with it works; what it says cannot changes nothing."""
        before = self.registry.job(run_id)
        with pytest.raises(NotYoursError):
            self._command(run_id, command, BOB if self.owner[run_id] == ANN else ANN)
        ways = {"stop": before.can_stop, "pause": before.can_pause, "resume": before.can_resume}
        if not (ways | {"delete": not before.live})[command]:
            with suppress(RunError):
                self._command(run_id, command, self.owner[run_id])
            assert self.registry.job(run_id) == before
            return
        self._command(run_id, command, self.owner[run_id])
        self.touched[run_id] = self.clock
        if command == "delete":
            self._is_gone(run_id)
            return
        after = self.registry.job(run_id)
        requested = {"stop": "stop", "pause": "pause", "resume": "run"}[command]
        at_rest = {"stop": "stopped", "pause": "paused", "resume": "queued"}[command]
        assert after.requested == requested or after.status == at_rest

    def _command(self, run_id: str, command: str, by: str) -> None:
        if command == "delete":
            delete_run(self.registry, self.here.settings, run_id, by=by)
        elif command == "stop":
            stop_job(self.registry, self.here.settings, run_id, by=by)
        else:
            getattr(self.registry.commands, command)(run_id, by=by)

    def _is_gone(self, run_id: str) -> None:
        del self.owner[run_id]
        assert not self.here.folder(run_id).path.exists()
        with pytest.raises(RunError, match="Nothing here has the id"):
            self.registry.job(run_id)

    def _is_old(self, job: AnyJob) -> bool:
        most = RUN_DAYS * DAY if isinstance(job, Run) else DATA_JOB_SECONDS
        return self.clock - self.touched[job.id] >= most

    def _ended(self) -> list[str]:
        return [job.id for job in self.here.jobs() if not job.live]


def test_whatever_happens_what_is_needed_stays_and_nothing_else(
    database_url: str, tmp_path: Path
) -> None:
    installation = Installation(database_url, tmp_path / "data")
    try:
        run_state_machine_as_test(
            lambda: AnyOrder(installation),
            settings=settings(
                max_examples=25,
                stateful_step_count=20,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        installation.close()
