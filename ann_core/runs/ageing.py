"""A host keeps nothing for ever: data sets that nobody uses go, and what fills the disk.

What can be made again goes first. A visitor's own data set goes when it has an age, of which
they are told before, or if there is no other room and nobody has used it for a day.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ann_core import machine
from ann_core.datasets.catalog import INFO_FILE, Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.origin import finished_folders, last_used, origin_of
from ann_core.errors import DatasetError
from ann_core.runs.dataset_owners import Viewer, is_shipped
from ann_core.runs.erasing import erase
from ann_core.runs.housekeeping import remove_folder
from ann_core.runs.registry import Registry
from ann_core.runs.traces import fingerprints_in_use
from ann_core.settings import Settings

NOTICE_DAYS = 3
"""So long before its age is up, the owner of a data set is told."""

IN_USE_SECONDS = 3600.0
SPARED_SECONDS = 24 * 3600.0
"""How long nobody must have used what is removed for want of room: what can be made again, and
the data sets of visitors."""

_FULL, _ROOMY = 0.9, 0.8  # shares of the limit: above the first, room is made down to the second

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Removable:
    """Something that may go if there is no room: a data set if `info` is given."""

    path: Path
    used: float
    info: DatasetInfo | None = None

    @property
    def n_bytes(self) -> int:
        """What it takes on the disk."""
        with contextlib.suppress(OSError):
            return (
                machine.folder_bytes(self.path) if self.path.is_dir() else self.path.stat().st_size
            )
        return 0


def expires(info: DatasetInfo, settings: Settings) -> datetime | None:
    """When a data set will be removed unless somebody uses it; None if it stays."""
    days = settings.limits.dataset_age_days
    if not days:
        return None
    used = datetime.fromtimestamp(last_used(settings.datasets_dir / info.name, INFO_FILE), UTC)
    return used + timedelta(days=days)


def expiring(
    infos: Sequence[DatasetInfo], settings: Settings
) -> list[tuple[DatasetInfo, datetime]]:
    """Choose the data sets that will be removed soon unless somebody uses them, the next first."""
    soon = datetime.now(UTC) + timedelta(days=NOTICE_DAYS)
    ends = [(info, expires(info, settings)) for info in infos]
    due = [(info, end) for info, end in ends if end is not None and end < soon]
    return sorted(due, key=lambda each: each[1])


def remove_unused(registry: Registry, settings: Settings) -> None:
    """Erase the data sets, and remove what was made of others, that nobody has used for long."""
    days = settings.limits.dataset_age_days
    if days:
        until = time.time() - days * 24 * 3600.0
        for each in removable(settings, fingerprints_in_use(registry.store)):
            if each.used < until:
                _remove(each, registry, settings)


def keep_room(registry: Registry, settings: Settings) -> None:
    """Make room before the data folder is full, if it has a limit."""
    most = settings.limits.disk_bytes
    if most and machine.folder_bytes(settings.data_dir) > _FULL * most:
        make_room(registry, settings, int((1 - _ROOMY) * most))


def make_room(registry: Registry, settings: Settings, n_bytes: int) -> None:
    """Remove what nobody uses until so many bytes may be written, as far as that goes.

    Without a limit of the data folder, nothing is removed: the disk is its owner's.
    """
    if not settings.limits.disk_bytes or _has_room(settings, n_bytes):
        return
    for each in removable(settings, fingerprints_in_use(registry.store)):
        log.info("%s is removed, for there is no room left", each.path.name)
        _remove(each, registry, settings)
        machine.count_again()
        if _has_room(settings, n_bytes):
            return


def removable_bytes(settings: Settings) -> int:
    """Bytes that could go for something new, if no job needs any of them."""
    if not settings.limits.disk_bytes:
        return 0
    return sum(each.n_bytes for each in removable(settings, set()))


def removable(settings: Settings, in_use: set[str]) -> list[Removable]:
    """List what may go, first what can be made again, then the data sets of visitors.

    What was used in the last hour is not in the list; of the latter, in the last day.

    Parameters
    ----------
    in_use : set of str
        Fingerprints of the data sets that jobs need.
    """
    catalog, now = Catalog(settings.datasets_dir), time.time()
    sets = [
        Removable(folder := catalog.root / info.name, last_used(folder, INFO_FILE), info)
        for info in catalog.infos()
        if info.fingerprint not in in_use
    ]
    along = [each for each in sets if each.info is not None and is_shipped(each.info)]
    own = [each for each in sets if each not in along]
    return [
        each
        for kind, spared in (
            ([*_downloads(settings), *_made_of_sets(settings, in_use)], IN_USE_SECONDS),
            (along, IN_USE_SECONDS),
            (own, SPARED_SECONDS),
        )
        for each in sorted(kind, key=lambda each: each.used)
        if each.used < now - spared
    ]


def _has_room(settings: Settings, n_bytes: int) -> bool:
    room = settings.limits.disk_bytes - machine.folder_bytes(settings.data_dir)
    return min(room, machine.disk_free(settings.data_dir)) >= n_bytes


def _made_of_sets(settings: Settings, in_use: set[str]) -> list[Removable]:
    """List features, profiles and baselines that no job needs."""
    return [
        Removable(path, last_used(path))
        for root in (settings.features_dir, settings.profiles_dir, settings.baselines_dir)
        for path in finished_folders(root)
        if origin_of(path) not in in_use
    ]


def _downloads(settings: Settings) -> list[Removable]:
    """List the files that were downloaded."""
    files = []
    with contextlib.suppress(OSError):
        for path in settings.downloads_dir.iterdir():
            if path.is_file():
                files.append(Removable(path, path.stat().st_mtime))
    return files


def _remove(each: Removable, registry: Registry, settings: Settings) -> None:
    """Remove a folder, file or data set, unless a job needs it by now."""
    if each.info is None and each.path.is_dir():
        remove_folder(each.path)
    elif each.info is None:
        with contextlib.suppress(OSError):
            each.path.unlink()
    elif is_shipped(each.info):  # runs on it keep what they have: all can see its images
        with contextlib.suppress(DatasetError):
            Catalog(settings.datasets_dir).delete(each.info.name)
    else:
        with contextlib.suppress(DatasetError):
            erase(registry, settings, [each.info.name], by=Viewer())
