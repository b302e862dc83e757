"""Delete runs, old ones by themselves; sweep up what nobody needs any more."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from ann_core.datasets.importing.uploads import remove_upload
from ann_core.errors import RunError
from ann_core.files import STAGING_PREFIX, sweep_staged
from ann_core.runs import tombstones
from ann_core.runs.folder import RunFolder
from ann_core.runs.job import Kind
from ann_core.runs.job_types import QUEUES, AnyJob, upload_of
from ann_core.runs.owners import OPERATOR, Caller
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import Settings

DATA_JOB_SECONDS = 24 * 60 * 60.0
UPLOAD_SECONDS = 10 * 60.0
"""How long an upload may lie without a job that names it; between the two are seconds."""

log = logging.getLogger(__name__)


def delete_run(registry: Registry, settings: Settings, run_id: str, *, by: Caller) -> None:
    """Delete a run that has ended, with its model and its files.

    Raises
    ------
    RunError
        If there is no such run, it is somebody else's, or still under way.
    """
    registry.commands.delete(run_id, by=by)
    remove_folder(RunFolder.of(settings.runs_dir, run_id).path)


def stop_job(registry: Registry, settings: Settings, job_id: str, *, by: Caller) -> None:
    """Stop a job as `RunCommands.stop`; what never began lets go of its upload.

    Raises
    ------
    RunError
        If there is no such job, or it is somebody else's.
    """
    registry.commands.stop(job_id, by=by)
    job = registry.job(job_id)
    if not job.live:
        let_upload_go(job, settings)


def let_upload_go(job: AnyJob, settings: Settings) -> None:
    """Remove the upload of a job that works on one."""
    token = upload_of(job.config)
    if token is not None:
        remove_upload(settings.uploads_dir, token)


def sweep(registry: Registry, settings: Settings) -> None:
    """Delete what is old, and what was left of what is deleted."""
    delete_old_runs(registry, settings)
    delete_old_data_jobs(registry, settings)
    delete_unused_uploads(registry, settings)
    delete_leftovers(registry, settings)


def delete_leftovers(registry: Registry, settings: Settings) -> None:
    """Delete files that stayed when a run was deleted: a server was killed, a worker was late."""
    for run_id in tombstones.ids(registry.store):
        folder = RunFolder.of(settings.runs_dir, run_id).path
        remove_folder(folder)
        if not folder.exists():
            tombstones.forget(registry.store, run_id, after_seconds=DATA_JOB_SECONDS)


def clear_line(registry: Registry, settings: Settings) -> tuple[list[str], list[str]]:
    """Let nothing wait any more, for an operator whose line somebody has filled.

    Returns
    -------
    stopped : list of str
        Jobs that had not begun, and work on data, which leaves nothing.
    paused : list of str
        Trainings that had begun; their owners can continue them.
    """
    stopped: list[str] = []
    paused: list[str] = []
    for job in registry.filing.waiting():
        if isinstance(job, Run) and job.attempt > 0:
            registry.commands.pause(job.id, by=OPERATOR)
            paused.append(job.id)
        else:
            stop_job(registry, settings, job.id, by=OPERATOR)
            stopped.append(job.id)
    return stopped, paused


def remove_folder(folder: Path) -> None:
    """Remove a folder, also while another process removes files in it."""
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            log.warning("the files in %s could not be deleted: %s", folder.name, error)
            return


def delete_old_runs(registry: Registry, settings: Settings) -> list[str]:
    """Delete the runs that ended longer ago than this installation keeps them; no example."""
    days = settings.limits.run_age_days
    if not days:
        return []
    return _delete_all(registry, settings, days * 24 * 3600.0, queue=QUEUES[0])


def delete_old_data_jobs(registry: Registry, settings: Settings) -> list[str]:
    """Delete the reports and tables of work on data after a day."""
    return _delete_all(registry, settings, DATA_JOB_SECONDS, queue=QUEUES[1])


def delete_unused_uploads(registry: Registry, settings: Settings) -> None:
    """Delete uploads that no live job names, and what killed processes left half brought in."""
    sweep_staged(settings.uploads_dir)
    sweep_staged(settings.datasets_dir)
    old = [folder for folder in settings.uploads_dir.glob("*") if _abandoned(folder)]
    needed = registry.uploads_in_use() if old else set()  # asked last: jobs are filed meanwhile
    for folder in old:
        if folder.name not in needed:
            shutil.rmtree(folder, ignore_errors=True)


def _abandoned(folder: Path) -> bool:
    if folder.name.startswith(STAGING_PREFIX):
        return False
    with contextlib.suppress(OSError):  # its owner was faster
        return time.time() - folder.stat().st_mtime > UPLOAD_SECONDS
    return False


def _delete_all(
    registry: Registry, settings: Settings, seconds: float, *, queue: Sequence[Kind]
) -> list[str]:
    deleted = []
    for run_id in registry.ended_before(seconds, queue):
        try:
            registry.commands.delete(run_id, by=OPERATOR, idle_seconds=seconds)
        except RunError as error:  # another server was faster, or it was continued just now
            log.info("%s", error)
            continue
        remove_folder(RunFolder.of(settings.runs_dir, run_id).path)
        deleted.append(run_id)
    return deleted
