"""A registry with its folders, its dispatcher and its workers, to which anything may happen.

What happens is real: rows, files, imports. Only processes are none: a worker does its next
piece of work when the machine says so, or never again.
"""

from __future__ import annotations

import io
import os
import shutil
import time
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
import sqlalchemy as sa
from PIL import Image

from ann_core.errors import FlatlandError
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.data_jobs import run_data_job
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.jobs.engine import LocalEngine, Process
from ann_core.jobs.heartbeat import EndRequestedError, Heartbeat
from ann_core.runs.attempts import Worker
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_results import ProfileResult
from ann_core.runs.job_types import AnyJob, ProfileJob
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings
from ann_core.training.history import EpochMetrics
from tests.helpers.registry import RESULT
from tests.helpers.uploads import store_zip

DAY = 24 * 3600.0
TIMES = {"runs": "created claimed started finished lease asked", "events": "at"}


def zip_of_images() -> bytes:
    """Two classes of four images."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(8):
            values = np.full((4, 4, 3), 20 * number, np.uint8)
            png = io.BytesIO()
            Image.fromarray(values).save(png, "PNG")
            archive.writestr(f"{'cat' if number % 2 else 'dog'}/{number}.png", png.getvalue())
    return content.getvalue()


ZIP = zip_of_images()


def pass_time(registry: Registry, seconds: float) -> None:
    """Let everything have happened so much longer ago; clocks stay as they are."""
    with registry.store.engine.begin() as db:
        for table, columns in TIMES.items():
            earlier = ", ".join(f"{name} = {name} - {seconds}" for name in columns.split())
            db.execute(sa.text(f"UPDATE {table} SET {earlier}"))


class WorkerStandIn:
    """A worker process as `subprocess.Popen` shows it; it ends when it is told how."""

    def __init__(self, run_id: str, attempt: int) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self.pid = os.getpid()
        self.begun = False
        self.returncode = 0
        self.is_alive = True

    def poll(self) -> int | None:
        return None if self.is_alive else self.returncode

    def end(self, returncode: int = 0) -> None:
        self.is_alive, self.returncode = False, returncode


class TurnEngine(LocalEngine):
    """As `LocalEngine`, but that no process is started: the machine works in its place."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.workers: list[WorkerStandIn] = []

    def kill(self, worker: Worker) -> bool:
        for each in self.workers:
            if each.is_alive and (each.run_id, each.attempt) == (worker.run_id, worker.attempt):
                each.end(-9)
                return True
        return False

    def works(self, worker: Worker) -> bool | None:
        """Nothing is known, as of a worker on another computer: it may be heard of again."""
        return None

    def _start(self, command: list[str], log: IO[bytes]) -> Process:
        worker = WorkerStandIn(command[-2], int(command[-1]))
        log.write(b"loading\n")
        self.workers.append(worker)
        return worker


class Installation:
    """One data folder, one registry, and whatever works on them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.settings = Settings(
            data_dir=folder, database_url=url, slots=4, max_run_age_days=7, lease_seconds=30
        )
        self.registry = Registry(url)
        self.workers: list[WorkerStandIn] = []
        self.n_uploads = 0
        self.serve()

    def close(self) -> None:
        self.registry.close()

    def serve(self) -> None:
        """Start a server: it knows no worker of the one before."""
        self.engine = TurnEngine(self.settings)
        self.engine.workers = self.workers
        self.dispatcher = Dispatcher(self.registry, self.engine, self.settings)

    def upload(self) -> str:
        """Store a zip file of images, as a page does."""
        return store_zip(io.BytesIO(ZIP), self.settings.uploads_dir)

    def jobs(self) -> list[AnyJob]:
        return [*self.registry.recent(), *self.registry.data_jobs()]

    def pass_time(self, seconds: float) -> None:
        """Let everything have happened so much longer ago, files as well."""
        pass_time(self.registry, seconds)
        for root in (self.settings.uploads_dir, self.settings.runs_dir):
            for path in root.glob("*"):
                then = path.stat().st_mtime - seconds
                os.utime(path, (then, then))

    def clear(self) -> None:
        """Begin anew in the same database."""
        with self.registry.store.engine.begin() as db:
            for table in ("metrics", "events", "runs"):
                db.execute(sa.text(f"DELETE FROM {table}"))
        shutil.rmtree(self.settings.data_dir, ignore_errors=True)
        self.workers = []
        self.serve()

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder.of(self.settings.runs_dir, run_id)

    # What a worker does when it is its turn

    def begin(self, worker: WorkerStandIn) -> None:
        job = self.registry.attempts.start(worker.run_id, worker.attempt, worker.pid)
        worker.begun = job is not None
        if job is None:
            worker.end(3)
        elif isinstance(job, Run):
            self.folder(job.id).path.mkdir(parents=True, exist_ok=True)

    def is_replaced(self, worker: WorkerStandIn) -> bool:
        """As every worker finds out before it writes a file."""
        requested = self.registry.attempts.heartbeat(worker.run_id, worker.attempt)
        if requested is None:
            worker.end(5)
        return requested is None

    def save(self, worker: WorkerStandIn) -> None:
        """Write a checkpoint, and have it named."""
        folder = self.folder(worker.run_id).checkpoints
        folder.mkdir(parents=True, exist_ok=True)
        name = f"attempt{worker.attempt}-{time.monotonic_ns()}.npz"
        (folder / name).write_bytes(b"weights")
        assert self.registry.attempts.saved(worker.run_id, worker.attempt, name)

    def learn(self, worker: WorkerStandIn, run: Run) -> None:
        epoch = EpochMetrics(
            run.epoch + 1, loss=0.7, accuracy=0.5, val_loss=0.8, val_accuracy=0.4, seconds=1.5
        )
        assert self.registry.attempts.add_metrics(worker.run_id, worker.attempt, epoch)

    def conclude(self, worker: WorkerStandIn, status: str) -> None:
        """Save the model, end the run, remove what it would have gone on from."""
        folder = self.folder(worker.run_id)
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.litert_model.write_bytes(b"model")
        finish = self.registry.attempts.finish
        assert finish(worker.run_id, worker.attempt, status, result=RESULT)  # type: ignore[arg-type]
        shutil.rmtree(folder.checkpoints, ignore_errors=True)
        worker.end()

    def release(self, worker: WorkerStandIn, *, save: bool) -> None:
        """Give the run back: it is to rest, or this computer is shut down."""
        if save:
            self.save(worker)
        expected = "paused" if self.registry.job(worker.run_id).requested == "pause" else "queued"
        assert self.registry.attempts.release(worker.run_id, worker.attempt)
        assert self.registry.job(worker.run_id).status == expected
        worker.end()

    def do_data_job(self, worker: WorkerStandIn, job: AnyJob, *, is_killed: bool) -> None:
        """Work on data to its end; or be killed when all is done but the registry told."""
        attempts = self.registry.attempts
        heartbeat = Heartbeat(self.registry, job.id, job.attempt)
        try:
            if isinstance(job, ProfileJob):
                heartbeat.check()
                result = ProfileResult(dataset=job.config.dataset)
            else:
                context = WorkerContext(self.settings, self.registry, heartbeat)
                result = run_data_job(job, context)  # type: ignore[arg-type, assignment]
        except EndRequestedError as end:
            assert heartbeat.accept(end.request)
        except FlatlandError as error:
            assert attempts.fail(job.id, job.attempt, "data", why=str(error))
        else:
            if is_killed:
                worker.end(-9)
                return
            assert attempts.finish(job.id, job.attempt, "done", result=result)
        worker.end()

    def finish_everything(self) -> None:
        """Stop what can be stopped, and work until nothing is left to do."""
        for job in self.jobs():
            if job.can_stop:
                self.registry.commands.stop(job.id, by=OPERATOR)
        for _ in range(100):
            self.dispatcher.tick()
            for worker in [each for each in self.workers if each.is_alive]:
                self.work(worker, "finish")
            if not any(job.live for job in self.jobs()):
                return
        raise AssertionError([(job.id, job.status, job.requested) for job in self.jobs()])

    def work(self, worker: WorkerStandIn, what: str) -> None:
        """Obey; or, with nothing to obey, do `what`."""
        if not worker.begun:
            self.begin(worker)
            return
        if self.is_replaced(worker):
            return
        job = self.registry.job(worker.run_id)
        if not isinstance(job, Run):
            self.do_data_job(worker, job, is_killed=what == "be killed")
        elif what in {"be killed", "be shut down"}:
            worker.end(-9) if what == "be killed" else self.release(worker, save=True)
        elif job.requested == "pause":
            self.release(worker, save=job.epoch > 0)
        elif job.requested == "stop":
            self.conclude(worker, "stopped")
        elif what == "finish":
            self.conclude(worker, "done")
        elif what == "save":
            self.save(worker)
        elif what in {"begin", "learn"}:
            self.learn(worker, job)
        else:
            assert self.registry.attempts.fail(job.id, job.attempt, what, why="because")
            worker.end(1)
