"""Images come in by many ways, and become one data set."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, FiledBy, stored_name
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.versions import make_version
from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.datasets.importing.importer import (
    ImportOptions,
    import_folder,
    import_images,
    import_zip,
)
from ann_core.datasets.importing.uploads import stored_images, stored_zip
from ann_core.datasets.sources.builtin import import_builtin, is_builtin
from ann_core.datasets.sources.downloads import import_download
from ann_core.datasets.sources.from_address import import_address
from ann_core.datasets.sources.reserved import check_reserved
from ann_core.errors import DatasetError
from ann_core.file_names import typed_path
from ann_core.files import ProgressCallback
from ann_core.jobs.admission import room_left
from ann_core.runs.job_types import ImportConfig, ImportJob, builtin_key
from ann_core.settings import Settings


def import_dataset(job: ImportJob, settings: Settings, progress: ProgressCallback) -> Dataset:
    """Import what a job was filed for.

    Raises
    ------
    FlatlandError
        As the importer of its source does.
    """
    catalog, config = Catalog(settings.datasets_dir), job.config
    if (earlier := _imported_before(job, catalog)) is not None:
        return earlier
    check_reserved(config.name, builtin_key(config))
    if config.then is not None and (faster := _drawn_meanwhile(config, catalog)) is not None:
        return faster
    name, owner = _name_of(job, settings), owner_of(job)
    limits = ArchiveLimits.of(settings).within(room_left(settings))
    options = _options(job, limits, settings)
    match config.source:
        case "builtin":
            draw = partial(import_builtin, cartoons=config.cartoons)
            return draw(config.what, name, catalog, options=options, progress=progress)
        case "download":
            return import_download(config.what, name, settings, options=options, progress=progress)
        case "zip":
            archive = stored_zip(settings.uploads_dir, config.what)
            return import_zip(archive, name, catalog, options=options, progress=progress)
        case "pictures":
            images = stored_images(settings.uploads_dir, config.what)
            return import_images(images, name, catalog, options=options, progress=progress)
        case "folder":
            path = server_path(config.what, settings)
            import_from = import_zip if path.is_file() else import_folder
            return import_from(path, name, catalog, options=options, progress=progress)
        case "address":
            return import_address(config.what, name, settings, options=options, progress=progress)
        case "version":
            version = VersionOptions(
                name,
                FiledBy(job.id, owner),
                settings.uploads_dir,
                settings.profiles_dir,
                limits,
                lambda path: server_path(path, settings),
            )
            whole = catalog.load(config.what)
            return make_version(whole, config.edits, catalog, options=version, progress=progress)


def _options(job: ImportJob, limits: ArchiveLimits, settings: Settings) -> ImportOptions:
    config = job.config
    return ImportOptions(
        *(config.split, config.origin, limits, job.id, owner_of(job), config.balance),
        reading=config.reading,
        encoding=config.encoding,
        features_dir=settings.features_dir,
    )


def owner_of(job: ImportJob) -> str:
    """Return the digest of who will own what a job brings in; "" for what Flatland brings along."""
    return "" if builtin_key(job.config) is not None else job.owner


def _name_of(job: ImportJob, settings: Settings) -> str:
    """Name the new folder: on a host, visitors' names neither clash nor betray each other.

    Raises
    ------
    DatasetError
        If its owner has one of this name already.
    """
    name, owner = job.config.name, owner_of(job)
    if settings.profile != "hosted" or not owner:
        return name
    Catalog(settings.datasets_dir, lambda info: info.owner == owner).check_new_name(name)
    return stored_name(name, job.id)


def _drawn_meanwhile(config: ImportConfig, catalog: Catalog) -> Dataset | None:
    """Find the built-in set that somebody else's click has brought."""
    made = {info.name: info for info in catalog.infos()}.get(config.name)
    if made is None or not is_builtin(made, config.what):
        return None
    return catalog.load(made.name)


def _imported_before(job: ImportJob, catalog: Catalog) -> Dataset | None:
    """Find what an earlier process of this job finished just before it was lost."""
    made = next((info for info in catalog.infos() if info.job == job.id), None)
    return None if made is None else catalog.load(made.name)


def server_path(text: str, settings: Settings) -> Path:
    """Read the path of a folder or an archive of this computer, where that is allowed.

    Raises
    ------
    DatasetError
    """
    if not settings.allow_server_folders:
        raise DatasetError("Folders of the server are not open here. Upload a zip file instead.")
    try:
        path = typed_path(text)
        path.is_dir()
    except (OSError, ValueError, RuntimeError) as error:
        raise DatasetError(f"Expected a folder of this server, but {error}.") from error
    return path
