"""The door of the queue: what a run will need, and whether it may be filed."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ann_core import machine
from ann_core.datasets.catalog import Catalog, check_chosen_name
from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.importing.uploads import Upload, remove_upload, store_upload
from ann_core.datasets.sources.addresses import AddressRules, check_address
from ann_core.datasets.sources.reserved import check_reserved, reserved_for
from ann_core.errors import DatasetError, LimitError
from ann_core.files import data_size
from ann_core.runs.ageing import make_room, removable_bytes
from ann_core.runs.dataset_owners import Viewer
from ann_core.runs.job_types import (
    AnyConfig,
    AnyJob,
    ArchiveImportConfig,
    ImportConfig,
    builtin_key,
    upload_of,
)
from ann_core.runs.owners import Submission
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.limits import broken_limits
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import memory_estimate, parameter_count
from ann_core.training.precision import check_precision

TENSORFLOW_BYTES = 700_000_000
"""Memory of a process that has imported TensorFlow and not yet done anything."""

_BYTES = 4  # float32
_COPIES_IN_CHECKPOINT = {"adam": 4, "rmsprop": 3, "sgd": 2}  # with the best epoch's weights
_UNPACKED = 2  # an upload, and what it becomes
_CHECKPOINTS = 3  # two that are kept, and one that is being written
_COPIES_IN_EXPORT = 3  # the exported model, and the folder that it goes through

_MAKES_ROOM = (
    "What nobody has used for a day makes room by itself, so try again tomorrow; or delete "
    "networks of yours on Compare, and erase data sets of yours on Explore."
)

_writing = threading.Lock()  # one upload at a time: what is checked and what is written agree


@dataclass(frozen=True)
class ResourceEstimate:
    """What a run will take, and what speaks against it.

    Attributes
    ----------
    memory_bytes, disk_bytes : int
        Estimates of the peak.
    refusals : tuple of str
        A sentence for each limit that would be broken; with any, it cannot start.
    warnings : tuple of str
        What may go wrong.
    """

    memory_bytes: int
    disk_bytes: int
    refusals: tuple[str, ...]
    warnings: tuple[str, ...]


def estimate_resources(
    config: RunConfig, info: DatasetInfo, settings: Settings
) -> ResourceEstimate:
    """Estimate what a run on these images takes, and compare it with what there is."""
    n_features, n_classes = config.preprocess.n_features, len(info.class_names)
    memory = TENSORFLOW_BYTES + memory_estimate(config.network, n_features, n_classes)
    disk = info.n_images * n_features + network_disk_bytes(config.network, n_features, n_classes)
    refusals = broken_limits(settings.limits, config.network, n_features, n_classes=n_classes)
    refusals += check_precision(config.network.precision)
    refusals += _disk_refusals("This training", disk, settings, made=False)
    warnings = []
    total, available = machine.memory_total(), machine.memory_available()
    if memory > total:
        refusals.append(
            f"This training needs about {data_size(memory)} of memory, and this computer has "
            f"{data_size(total)}: choose smaller pictures or fewer neurons in the first layer."
        )
    elif memory > available:
        warnings.append(
            f"This training needs about {data_size(memory)} of memory, and {data_size(available)} "
            "are free now: other programs may have to make room."
        )
    return ResourceEstimate(memory, disk, tuple(refusals), tuple(warnings))


def network_disk_bytes(network: NetworkConfig, n_features: int, n_classes: int) -> int:
    """Bytes that checkpoints and exported models of a run take at their peak."""
    copies_in_checkpoint = _COPIES_IN_CHECKPOINT[network.optimizer]
    copies = _CHECKPOINTS * copies_in_checkpoint + copies_in_checkpoint + _COPIES_IN_EXPORT
    return _BYTES * copies * parameter_count(network, n_features, n_classes)


def submit_run(
    registry: Registry,
    settings: Settings,
    config: RunConfig,
    *,
    info: DatasetInfo,
    submission: Submission,
) -> Run:
    """File a run if it fits into this computer and keeps its limits.

    Raises
    ------
    DatasetError
        If whoever files it may not see the data set.
    LimitError
        With every limit that it would break.
    """
    viewer = Viewer.of(submission.owner, registry, settings)
    dataset = visible_name(viewer, settings, name=config.dataset, fingerprint=config.fingerprint)
    estimate = estimate_resources(config, info, settings)
    make_room(registry, settings, estimate.disk_bytes)
    refusals = estimate.refusals or _disk_refusals("This training", estimate.disk_bytes, settings)
    if refusals:
        raise LimitError(list(refusals))
    return registry.submit(
        config.model_copy(update={"dataset": dataset}),
        submit_key=submission.key,
        owner=submission.owner,
        name=submission.name,
        limits=settings.limits,
    )


def visible_name(viewer: Viewer, settings: Settings, *, name: str, fingerprint: str) -> str:
    """Find the data set that somebody files a job for, among those that are there for them.

    Where all see all, the name is what it was: the worker looks whether it still fits.

    Raises
    ------
    DatasetError
        If there is none, or none that they may see.
    """
    if viewer.unlimited:
        return name
    catalog = viewer.catalog(settings)
    info = catalog.find(name, fingerprint)
    return info.name if info is not None else catalog.info(name).name


def check_job(
    settings: Settings, config: AnyConfig, *, viewer: Viewer, disk_bytes: int
) -> AnyConfig:
    """Refuse work on data that has no room on the disk, no name on the shelf, or not its images.

    Returns
    -------
    AnyConfig
        With the data set's name as it is now.

    Raises
    ------
    DatasetError, LimitError
    """
    if isinstance(config, ImportConfig):
        _check_import(settings, config, viewer)
        if config.source == "address":
            check_address(config.what, AddressRules.of(settings))
    elif not isinstance(config, ArchiveImportConfig):
        name = visible_name(viewer, settings, name=config.dataset, fingerprint=config.fingerprint)
        config = config.model_copy(update={"dataset": name})
    refusals = _disk_refusals("This", disk_bytes, settings)
    if refusals:
        raise LimitError(refusals)
    return config


def _check_import(settings: Settings, config: ImportConfig, viewer: Viewer) -> None:
    """Refuse a name that cannot be had, before the wait as well as after it.

    What belongs to all lies under its plain name, beside what others may not see of each other.
    """
    key = builtin_key(config)
    check_chosen_name(config.name)
    check_reserved(config.name, key)
    if key is not None and not viewer.unlimited and reserved_for(config.name) != key:
        raise DatasetError(
            f"What belongs to all keeps its name on this server: expected '{key}', got "
            f"'{config.name}'."
        )
    everything = Catalog(settings.datasets_dir)
    (everything if key is not None else viewer.catalog(settings)).check_new_name(config.name)
    if config.source == "version":
        viewer.catalog(settings).info(config.what)


def submit_job(
    registry: Registry,
    settings: Settings,
    config: AnyConfig,
    *,
    submission: Submission,
    disk_bytes: int = 0,
) -> AnyJob:
    """File work on data if there is room for it on the disk, and for its name on the shelf.

    Parameters
    ----------
    disk_bytes : int
        What it will take, as far as that is known.

    Raises
    ------
    DatasetError
        If it is an import under a name that cannot be had.
    LimitError
    """
    viewer = Viewer.of(submission.owner, registry, settings)
    make_room(registry, settings, disk_bytes)
    config = check_job(settings, config, viewer=viewer, disk_bytes=disk_bytes)
    return registry.submit_data_job(
        config,
        submit_key=submission.key,
        owner=submission.owner,
        name=submission.name,
        limits=settings.limits,
    )


def submit_upload(
    registry: Registry,
    settings: Settings,
    config: AnyConfig,
    *,
    upload: Upload,
    submission: Submission,
) -> AnyJob:
    """File work on an upload, and write the upload; nothing is written that is refused.

    Parameters
    ----------
    config : ImportConfig or ArchiveImportConfig
        It names the upload by its token. Once the job is filed, whoever ends it removes the
        upload: the worker, or `stop_job`.

    Raises
    ------
    DatasetError, DiskFullError, LimitError
        Nothing of the upload remains.
    """
    token = upload_of(config)
    assert token is not None
    with _writing:
        if (earlier := registry.filing.filed_under(submission.key)) is not None:
            return earlier
        registry.filing.check_line(config, submission.owner, settings.limits)
        viewer = Viewer.of(submission.owner, registry, settings)
        make_room(registry, settings, _UNPACKED * upload.n_bytes)
        check_job(settings, config, viewer=viewer, disk_bytes=_UNPACKED * upload.n_bytes)
        try:
            store_upload(upload, settings.uploads_dir, token)
            machine.count_again()
            return submit_job(registry, settings, config, submission=submission)
        except BaseException:
            remove_upload(settings.uploads_dir, token)
            raise


def room_left(settings: Settings) -> int:
    """Bytes that may still be written into the data folder."""
    free, most = machine.disk_free(settings.data_dir), settings.limits.disk_bytes
    if most:
        free = min(free, most - machine.folder_bytes(settings.data_dir))
    return max(0, free)


def _disk_refusals(what: str, disk: int, settings: Settings, *, made: bool = True) -> list[str]:
    """Refuse what has no room, though all was `made` that can be."""
    free, most = machine.disk_free(settings.data_dir), settings.limits.disk_bytes
    left = most - machine.folder_bytes(settings.data_dir) if most else free
    room = min(free, left)
    if disk <= room or (not made and disk <= room + removable_bytes(settings)):
        return []
    if most:
        return [
            f"This server keeps {data_size(most)} of data, and {what.lower()} would exceed that "
            f"by its {data_size(disk)}. {_MAKES_ROOM}"
        ]
    return [
        f"{what} needs about {data_size(disk)} of disk space, and {data_size(free)} are free: "
        "delete networks on Compare, erase data sets on Explore, or choose a smaller network."
    ]
