"""Work on data in a worker process: import, survey, table, baselines, archive, export.

What each needs is imported when it is needed: a training starts sooner without.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, display_name
from ann_core.datasets.importing.uploads import stored_zip
from ann_core.errors import DatasetError
from ann_core.files import ProgressCallback, remove_staged_folders
from ann_core.jobs.admission import estimate_resources
from ann_core.jobs.context import WorkerContext
from ann_core.jobs.heartbeat import EndRequestedError
from ann_core.runs.dataset_owners import owner_of
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import let_upload_go
from ann_core.runs.job_results import (
    ArchiveImportResult,
    BaselinesResult,
    ConclusionResult,
    DataJobResult,
    ExportResult,
    ImportResult,
    ProfileResult,
    TableResult,
)
from ann_core.runs.job_types import (
    ArchiveImportJob,
    BaselinesJob,
    ConclusionJob,
    DataJob,
    ExportJob,
    ImportJob,
    ProfileConfig,
    ProfileJob,
    TableJob,
)
from ann_core.runs.run import RunConfig
from ann_core.settings import Settings

_PHASES = {
    "import": "importing the pictures",
    "survey": "looking at the pictures",
    "table": "writing the table",
    "baselines": "training the baselines",
    "archive": "opening the network",
    "export": "writing the zip file",
    "conclusion": "comparing the networks",
}


def run_data_job(job: DataJob, context: WorkerContext) -> DataJobResult:
    """Do the work; return what came of it, for the registry.

    Raises
    ------
    EndRequestedError
        If its owner cancelled it; nothing half done remains.
    FlatlandError
    """
    settings = context.settings

    def clean_up(goes_on: bool) -> None:
        remove_staged_folders()
        if not goes_on:
            let_upload_go(job, settings)

    with context.heartbeat.expendable(settings.limits.data_seconds, clean_up):
        return _run(job, context)


def _run(job: DataJob, context: WorkerContext) -> DataJobResult:
    phase, settings, heartbeat = _PHASES[job.kind], context.settings, context.heartbeat

    def report(done: int, total: int) -> None:
        heartbeat.check()
        heartbeat.progress = {"phase": phase, "batch": done, "n_batches": total}

    heartbeat.phase(phase)
    if isinstance(job, ImportJob):
        return _import(job, context, report)
    if isinstance(job, ArchiveImportJob):
        return _open(job, context, report)
    if isinstance(job, ConclusionJob):
        from ann_core.jobs.experiment_jobs import conclude

        made = conclude(context.registry, settings, job.config.experiment)
        return ConclusionResult(outcome=made.outcome)
    dataset = open_dataset(settings, job.config.dataset, job.config.fingerprint, owner=job.owner)
    if isinstance(job, ProfileJob):
        from ann_core.datasets.profile.profile import profile_dataset

        profile_dataset(dataset, settings.profiles_dir, report, features_dir=settings.features_dir)
        return ProfileResult(dataset=dataset.name)
    if isinstance(job, BaselinesJob):
        from ann_core.evaluation.baseline_fitting import make_baselines

        rules = make_baselines(dataset, job.config.preprocess, settings, progress=report)
        return BaselinesResult(dataset=dataset.name, accuracies=rules.test_accuracies())
    if isinstance(job, ExportJob):
        return _write_zip(job, dataset, settings, report=report)
    return _write_table(job, dataset, settings, report=report)


def open_dataset(settings: Settings, name: str, fingerprint: str, *, owner: str = "") -> Dataset:
    """Open the data set that a job was filed for; if several fit, one of its own or of all.

    Raises
    ------
    DatasetError
        If it is gone, damaged, or has other pictures by now.
    """
    catalog = Catalog(settings.datasets_dir)
    own = Catalog(settings.datasets_dir, lambda info: owner_of(info) in ("", owner))
    info = own.find(name, fingerprint) or catalog.find(name, fingerprint)
    if info is None:
        catalog.info(name)  # says so if there is none of this name
        raise DatasetError(
            f"The pictures of '{display_name(name)}' have changed since this was filed. "
            "Start it again with the data set as it is now."
        )
    return catalog.load(info.name)


def _import(job: ImportJob, context: WorkerContext, report: ProgressCallback) -> ImportResult:
    settings, registry = context.settings, context.registry
    dataset = _bring_in(job, settings, report)
    result = ImportResult(
        dataset=dataset.name, n_images=len(dataset), n_skipped=dataset.info.n_skipped
    )
    look = ProfileConfig(dataset=dataset.name, fingerprint=dataset.fingerprint)
    registry.follow(job, look, submit_key=f"{job.id}:survey")
    if job.config.then is not None:
        config = RunConfig(
            dataset=dataset.name, fingerprint=dataset.fingerprint, network=job.config.then
        )
        if not estimate_resources(config, dataset.info, settings).refusals:
            run = registry.follow(job, config, submit_key=f"{job.id}:run", name=job.name)
            return result.model_copy(update={"run": run.id})
    return result


def _open(
    job: ArchiveImportJob, context: WorkerContext, report: ProgressCallback
) -> ArchiveImportResult:
    from ann_core.export.archive.import_run import import_archive

    settings, key = context.settings, f"{job.id}:run"
    with _upload_let_go(job, settings):
        archive = stored_zip(settings.uploads_dir, job.config.upload)
        run = import_archive(
            archive, settings, context.registry, owner=job.owner, submit_key=key, progress=report
        )
    return ArchiveImportResult(run=run.id)


def _bring_in(job: ImportJob, settings: Settings, report: ProgressCallback) -> Dataset:
    from ann_core.jobs.import_job import import_dataset

    with _upload_let_go(job, settings):
        return import_dataset(job, settings, report)


@contextlib.contextmanager
def _upload_let_go(job: ImportJob | ArchiveImportJob, settings: Settings) -> Iterator[None]:
    """Remove the upload behind the block, unless another process is to go on with it."""
    goes_on = False
    try:
        yield
    except EndRequestedError as end:
        goes_on = end.request != "stop"
        raise
    finally:
        if not goes_on:
            let_upload_go(job, settings)


def _write_table(
    job: TableJob, dataset: Dataset, settings: Settings, *, report: ProgressCallback
) -> TableResult:
    from ann_core.datasets.parquet import write_table

    folder = RunFolder.of(settings.runs_dir, job.id).path
    target = folder / f"{display_name(dataset.name)}-{job.config.split}.parquet"
    table = write_table(
        dataset,
        job.config.preprocess,
        job.config.split,
        features_root=settings.features_dir,
        target=target,
        progress=report,
    )
    return TableResult(
        file=target.name, n_rows=table.n_rows, n_columns=table.n_columns, bytes=table.n_bytes
    )


def _write_zip(
    job: ExportJob, dataset: Dataset, settings: Settings, *, report: ProgressCallback
) -> ExportResult:
    from ann_core.datasets.zip_export import write_zip, zip_name

    folder = RunFolder.of(settings.runs_dir, job.id).path
    target = folder / zip_name(display_name(dataset.name), by_split=job.config.by_split)
    written = write_zip(dataset, target, by_split=job.config.by_split, progress=report)
    return ExportResult(file=target.name, n_images=written.n_images, bytes=written.n_bytes)
