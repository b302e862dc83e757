"""Erase data sets: their images, what was made of them, and what runs and registry keep of them.

It begins with a rename, after which the data set is gone for everybody. The rest may take a
while, and be done by another process if this one is killed: all that is needed for it stays in
the renamed folder until the end.
"""

from __future__ import annotations

import contextlib
import json
import logging
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pydantic

from ann_core import machine
from ann_core.datasets.catalog import IMAGES_FILE, INFO_FILE, Catalog
from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.errors import DatasetError, DiskFullError, FlatlandError
from ann_core.files import locked, sweep_staged, write_text
from ann_core.runs.dataset_owners import Viewer, is_shipped, owner_of
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import remove_folder, stop_job
from ann_core.runs.job_types import AnyJob
from ann_core.runs.made_of import folders_of
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.traces import forget, live_jobs
from ann_core.settings import Settings

ERASING_PREFIX = ".erasing-"

_OTHERS_FILE = "others.json"

log = logging.getLogger(__name__)


class BusyDatasetError(DatasetError):
    """Something still works on a data set; `jobs` are its ids."""

    def __init__(self, jobs: Sequence[AnyJob]) -> None:
        self.jobs = [job.id for job in jobs]
        some = "A job works on these pictures or waits" if len(jobs) == 1 else "Jobs work or wait"
        super().__init__(
            f"{some}: {', '.join(self.jobs[:5])}. Nothing was erased. Stop what works on these "
            "pictures, then erase them."
        )


def relatives(info: DatasetInfo, settings: Settings) -> list[DatasetInfo]:
    """Find the other data sets of the same owner that hold some of the same images.

    What a data set was made of, and all that was made of it, share files with it: as long as
    one of them is there, so are the images.
    """
    catalog = Catalog(settings.datasets_dir)
    mine = _hashes(catalog, info)
    others = [
        other
        for other in catalog.infos()
        if other.name != info.name
        and not is_shipped(other)
        # Where nobody is a stranger, it does not matter who brought which.
        and (settings.profile != "hosted" or owner_of(other) == owner_of(info))
    ]
    return [other for other in others if not mine.isdisjoint(_hashes(catalog, other))]


def erase(registry: Registry, settings: Settings, names: Sequence[str], *, by: Viewer) -> None:
    """Erase data sets, so that no byte of their images stays in the data folder.

    Other data sets keep theirs, also those that share files with these: see `relatives`.
    Runs keep their figures and their models.

    Raises
    ------
    BusyDatasetError
        If something works on one of them: see `stop_jobs_on`. Nothing was erased.
    DatasetError
        If there is none of a name, or it is somebody else's. Nothing was erased.
    """
    catalog = by.catalog(settings)
    infos = [catalog.info(name) for name in dict.fromkeys(names)]
    for info in infos:
        by.check_may_manage(info, "erase")
    busy = [job for info in infos for job in live_jobs(registry.store, info)]
    if busy:
        raise BusyDatasetError(busy)
    if infos:
        _begin(infos, settings)
        finish_erasures(registry, settings)


def stop_jobs_on(
    registry: Registry, settings: Settings, names: Sequence[str], *, by: Viewer
) -> int:
    """Stop all that works on data sets or waits for them, of whomever; return how many.

    What is at work ends after its next step, within seconds.

    Raises
    ------
    DatasetError
        If there is none of a name, or it is somebody else's.
    """
    catalog = by.catalog(settings)
    stopped: set[str] = set()
    for name in names:
        info = catalog.info(name)
        by.check_may_manage(info, "erase")
        for job in live_jobs(registry.store, info):
            stop_job(registry, settings, job.id, by=OPERATOR)
            stopped.add(job.id)
    return len(stopped)


def finish_erasures(registry: Registry, settings: Settings) -> None:
    """Bring to an end what was begun, here or by a process that was killed."""
    folders = sorted(settings.datasets_dir.glob(f"{ERASING_PREFIX}*"))
    for folder in folders:
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            _begin_others(folder, settings)
    for folder in sorted(settings.datasets_dir.glob(f"{ERASING_PREFIX}*")):
        with contextlib.suppress(FileNotFoundError), locked(folder):
            _finish(folder, registry, settings)
    if folders:
        machine.count_again()


def _begin(infos: Sequence[DatasetInfo], settings: Settings) -> None:
    """Rename the folders; from the first on, all of them will go."""
    root = settings.datasets_dir
    first, *others = infos
    if others:
        content = json.dumps([[other.name, other.fingerprint] for other in others])
        try:
            write_text(root / first.name / _OTHERS_FILE, content)
        except DiskFullError:  # what can be made again makes room
            for info in infos:
                _remove_made_of(info, settings, Catalog(root).infos())
            write_text(root / first.name / _OTHERS_FILE, content)
    for info in infos:
        _rename(root, info.name)


def _begin_others(folder: Path, settings: Settings) -> None:
    """Rename what was to go with a data set, if nobody has come to that."""
    with contextlib.suppress(OSError, ValueError):
        for name, fingerprint in json.loads((folder / _OTHERS_FILE).read_text()):
            with contextlib.suppress(DatasetError):
                if Catalog(settings.datasets_dir).info(name).fingerprint == fingerprint:
                    _rename(settings.datasets_dir, name)
        (folder / _OTHERS_FILE).unlink()


def _rename(root: Path, name: str) -> None:
    # No new folder and no new file: this works on a full disk too.
    with contextlib.suppress(FileNotFoundError):
        (root / name).rename(root / f"{ERASING_PREFIX}{secrets.token_hex(8)}")


def _finish(folder: Path, registry: Registry, settings: Settings) -> None:
    try:
        info = DatasetInfo.model_validate_json((folder / INFO_FILE).read_bytes())
    except (OSError, pydantic.ValidationError):  # it goes last, so nothing else is left
        remove_folder(folder)
        return
    remaining = Catalog(settings.datasets_dir).infos()
    last = info.fingerprint not in {other.fingerprint for other in remaining}
    _empty(folder)
    if last:
        _remove_made_of(info, settings, remaining)
    traces = forget(registry.store, info, everywhere=last)
    for job_id in traces.data_jobs:
        remove_folder(RunFolder.of(settings.runs_dir, job_id).path)
    for run_id in traces.runs:
        RunFolder.of(settings.runs_dir, run_id).forget_images()
    _sweep_killed(settings)
    try:
        registry.store.scrub()
    except sqlite3.Error as error:  # the folder stays, and so it is tried again
        log.warning("names may still be in the registry: %s", error)
        return
    remove_folder(folder)


def _empty(folder: Path) -> None:
    """Remove all but the description."""
    for path in folder.iterdir():
        if path.is_dir():
            remove_folder(path)
        elif path.name != INFO_FILE:
            path.unlink(missing_ok=True)


def _remove_made_of(
    info: DatasetInfo, settings: Settings, remaining: Sequence[DatasetInfo]
) -> None:
    for path in folders_of(info, settings, remaining=remaining):
        remove_folder(path)


def _sweep_killed(settings: Settings) -> None:
    """Remove what killed processes were writing."""
    for root in (
        *(settings.datasets_dir, settings.features_dir, settings.profiles_dir),
        *(settings.baselines_dir, settings.uploads_dir, settings.runs_dir),
    ):
        sweep_staged(root)


def _hashes(catalog: Catalog, info: DatasetInfo) -> set[str]:
    """Hashes of all images; none if their table cannot be read."""
    try:
        table = pd.read_csv(catalog.root / info.name / IMAGES_FILE, usecols=["sha256"], dtype=str)
    except (OSError, ValueError, FlatlandError):
        return set()
    return set(table["sha256"])


def called(infos: Sequence[DatasetInfo]) -> str:
    """Name data sets in a sentence: 'a', 'b' and 'c'."""
    names = [f"'{display_name(info.name)}'" for info in infos]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
