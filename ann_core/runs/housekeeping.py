"""Delete runs: row, then files."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from pathlib import Path

from ann_core.errors import RunError
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_types import QUEUES
from ann_core.runs.owners import OPERATOR, Caller
from ann_core.runs.registry import Registry
from ann_core.settings import Settings

DATA_JOB_SECONDS = 24 * 60 * 60.0

log = logging.getLogger(__name__)


def delete_run(registry: Registry, settings: Settings, run_id: str, *, by: Caller) -> None:
    """Delete a run that has ended, with its model and its files.

    Raises
    ------
    RunError
        If there is no such run, it is somebody else's, or still under way.
    """
    registry.commands.delete(run_id, by=by)
    _remove(RunFolder.of(settings.runs_dir, run_id).path)


def _remove(folder: Path) -> None:
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
    """Delete the runs that ended longer ago than this installation keeps them."""
    days = settings.limits.run_age_days
    if not days:
        return []
    return _delete_all(registry, settings, registry.ended_before(days * 24 * 3600))


def delete_old_data_jobs(registry: Registry, settings: Settings) -> list[str]:
    """Delete the reports and tables of work on data, and uploads nobody imported, after a day."""
    abandoned, needed = time.time() - DATA_JOB_SECONDS, registry.uploads_in_use()
    for upload in settings.uploads_dir.glob("*"):
        if upload.name in needed:
            continue
        with contextlib.suppress(OSError):  # the worker that imports it may be faster
            if upload.stat().st_mtime < abandoned:
                shutil.rmtree(upload, ignore_errors=True)
    return _delete_all(registry, settings, registry.ended_before(DATA_JOB_SECONDS, QUEUES[1]))


def _delete_all(registry: Registry, settings: Settings, old: list[str]) -> list[str]:
    for run_id in old:
        try:
            delete_run(registry, settings, run_id, by=OPERATOR)
        except RunError as error:  # another server was faster, or it was continued just now
            log.info("%s", error)
    return old
