"""Work on data that this visitor set in motion: how far it is, and what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.datasets.importing.uploads import Upload, upload_token
from ann_core.errors import RunError
from ann_core.files import data_size
from ann_core.jobs.admission import submit_job, submit_upload
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import stop_job
from ann_core.runs.job_results import (
    ArchiveImportResult,
    ExportResult,
    FileResult,
    ImportResult,
    TableResult,
)
from ann_core.runs.job_types import (
    AnyConfig,
    AnyJob,
    ArchiveImportJob,
    BaselinesJob,
    ConclusionJob,
    ExportJob,
    ImportJob,
    ProfileJob,
    TableJob,
)
from ann_core.runs.owners import Submission, may_manage
from ann_core.runs.progress import ordinal
from ann_core.runs.run import Run
from ui.base import keys, services, state
from ui.base.datasets import catalog
from ui.base.errors import guard, guarded, surface_failure
from ui.base.owners import owner_key, visitor
from ui.base.text import plain
from ui.base.upload_memory import release_uploads

LIVE_SECONDS = 1.0


def start_job(config: AnyConfig, *, name: str = "", disk_bytes: int = 0) -> AnyJob:
    """File work under the form's key, and watch it; a double click files it once.

    Raises
    ------
    DatasetError, LimitError
        If it cannot be filed.
    """
    submission = Submission(f"{_form_key()}:{config.key()}", visitor(), name)
    return _watched(
        submit_job(
            services.registry(),
            services.settings(),
            config,
            submission=submission,
            disk_bytes=disk_bytes,
        )
    )


def start_upload(upload: Upload, config: Callable[[str], AnyConfig]) -> AnyJob:
    """File work on an upload and watch it; a double click writes and files it once.

    Parameters
    ----------
    config : callable
        Makes the settings of the job from the token of the upload.

    Raises
    ------
    DatasetError, DiskFullError, LimitError
        If it cannot be filed; nothing was written.
    """
    named = config(upload_token(_form_key(), upload.identity, config("").key()))
    submission = Submission(f"{_form_key()}:{named.key()}", visitor())
    job = submit_upload(
        services.registry(), services.settings(), named, upload=upload, submission=submission
    )
    release_uploads()
    return _watched(job)


def watch(job_id: str) -> None:
    """Show a job from now on, also after a reload."""
    watched: list[str] = st.session_state.setdefault(keys.WATCHED_JOBS, [])
    if job_id not in watched:
        watched.append(job_id)
    st.query_params[keys.JOB] = job_id


def _form_key() -> str:
    """Return what the forms of this session file under, until what they filed has ended."""
    return str(st.session_state.setdefault(keys.JOB_SUBMIT_KEY, secrets.token_urlsafe(16)))


def _watched(job: AnyJob) -> AnyJob:
    st.session_state[keys.WATCHED_JOBS] = []  # how earlier ones ended has been read
    watch(job.id)
    services.begin_now()
    return job


def show_jobs(*kinds: type[AnyJob], on_run: Callable[[str], None] | None = None) -> None:
    """Show this visitor's work of some kinds: what is under way, and how the rest ended.

    Parameters
    ----------
    *kinds : classes of `ann_core.runs.job_types`
    on_run : callable, optional
        Called once with the id of a run that an import has filed.
    """
    jobs = _jobs(kinds)
    for job in jobs:
        if not job.live and _arrive(job) and on_run is not None:
            result = job.result
            if isinstance(result, ImportResult | ArchiveImportResult) and result.run is not None:
                on_run(result.run)
    if not jobs:
        return
    live = {job.id for job in jobs if job.live}

    @st.fragment(run_every=LIVE_SECONDS if live else None)
    def panel() -> None:
        surface_failure()
        with guard():
            now = _jobs(kinds)
            if {job.id for job in now if job.live} != live:
                st.rerun()
            for job in now:
                show_job(job)

    panel()


def show_job(job: AnyJob) -> None:
    """Show one job: a bar and a way to end it, or what came of it."""
    with st.container(key=f"work_{job.id}"):
        if job.live:
            _show_progress(job)
        elif job.status == "failed":
            why = plain(job.error or "")
            st.error(f"{_title(job)} failed. {why}".strip(), icon=":material/error:")
        elif job.status == "stopped":
            st.info(f"{_title(job)} was cancelled. Nothing of it was kept.")
        elif isinstance(job, ImportJob) and job.result is not None:
            st.success(_report(job.result))
        elif isinstance(job, TableJob) and job.result is not None:
            _offer_table(job, job.result)
        elif isinstance(job, ExportJob) and job.result is not None:
            _offer_zip(job, job.result)
        elif isinstance(job, ArchiveImportJob):
            st.success("The saved network is open: you find it among your networks on every page.")
        elif isinstance(job, BaselinesJob) and job.result is not None:
            st.success(f"The baselines for {_called(job.config.dataset)} are in the table.")


def _offer_table(job: TableJob, result: TableResult) -> None:
    """Hand a finished table over."""
    about = f"{result.n_rows:,} pictures, {result.n_columns:,} columns"
    if _offer(job, result, about, mime="application/vnd.apache.parquet"):
        st.code(f'table = pd.read_parquet("{result.file}")', language="python")


def _offer_zip(job: ExportJob, result: ExportResult) -> None:
    """Hand the files of a data set over."""
    _offer(job, result, f"{result.n_images:,} pictures", mime="application/zip")


def _offer(job: TableJob | ExportJob, result: FileResult, about: str, *, mime: str) -> bool:
    """Hand a finished file over to who may see what is in it; whether there is one.

    It is read when somebody presses the button, and not before.
    """
    path, name = RunFolder.of(services.settings().runs_dir, job.id).path / result.file, result.file
    if catalog().find(job.config.dataset, job.config.fingerprint) is None:
        st.info("The pictures that this file was made of are not here, or not yours to see.")
        return False
    if not path.is_file():
        st.info("This file was deleted after a day. Write it again.")
        return False
    st.success(f"{plain(name)}: {about}.")
    st.download_button(
        f"Download {data_size(result.bytes, digits=1)}",
        data=path.read_bytes,
        file_name=name,
        mime=mime,
        on_click="ignore",
        icon=":material/download:",
        key=f"download_{job.id}",
    )
    return True


def _jobs(kinds: tuple[type[AnyJob], ...]) -> list[AnyJob]:
    """Read the jobs to show, the oldest first; what is deleted by now is forgotten."""
    registry = services.registry()
    if keys.WATCHED_JOBS not in st.session_state:  # later, the address may lag behind
        job_id = st.query_params.get(keys.JOB)
        st.session_state[keys.WATCHED_JOBS] = [job_id] if job_id else []
    watched: list[str] = st.session_state[keys.WATCHED_JOBS]
    by_id = {job.id: job for job in reversed(registry.data_jobs(owner=owner_key(), live=True))}
    for job_id in tuple(watched):
        try:
            by_id.setdefault(job_id, registry.job(job_id))
        except RunError:
            watched.remove(job_id)
    watched.extend(job_id for job_id in by_id if job_id not in watched)
    return [job for job in by_id.values() if isinstance(job, kinds) and _may_see(job)]


def _may_see(job: AnyJob) -> bool:
    """Whether a visitor may know of work: on a host, what others do is nobody's business."""
    return services.settings().profile != "hosted" or may_manage(job.owner, owner_key())


def _arrive(job: AnyJob) -> bool:
    """Take note of what came of a job; whether that is news."""
    arrived: set[str] = st.session_state.setdefault(keys.FINISHED_JOBS, set())
    if job.id in arrived:
        return False
    arrived.add(job.id)
    st.session_state.pop(keys.JOB_SUBMIT_KEY, None)  # the same form may file another one
    if isinstance(job, ImportJob) and job.result is not None:
        state.remember_dataset(job.result.dataset)
    return True


def _show_progress(job: AnyJob) -> None:
    share = job.batch / job.n_batches if job.n_batches else 0.0
    bar, end = st.columns([5, 1], vertical_alignment="center")
    bar.progress(min(share, 1.0), text=f"{_title(job)}: {_doing(job)}")
    if may_manage(job.owner, owner_key()):
        end.button(
            "Cancel",
            key=f"cancel_{job.id}",
            icon=":material/cancel:",
            on_click=guarded(_cancel),
            args=(job.id,),
            disabled=not job.can_stop,
        )


def _doing(job: AnyJob) -> str:
    if job.status == "queued":
        position = services.registry().queue_position(job.id)
        return f"{ordinal(position)} in line" if position > 1 else "starting soon"
    if job.requested == "stop":
        return "cancelling"
    if job.n_batches and isinstance(job, ProfileJob):  # it counts thousandths of its work
        return f"{job.batch / job.n_batches:.0%} done"
    if job.n_batches:
        return f"{job.batch:,} of {job.n_batches:,}"
    return job.phase or "starting"


def _title(job: AnyJob) -> str:
    if isinstance(job, ImportJob):
        return f"Importing {plain(job.config.name)}"
    if isinstance(job, ProfileJob):
        return f"Looking at the pictures of {_called(job.config.dataset)}"
    if isinstance(job, Run):
        return "Training"
    if isinstance(job, ArchiveImportJob):
        return "Opening a saved network"
    if isinstance(job, ExportJob):
        return f"Writing the pictures of {_called(job.config.dataset)} into a zip file"
    if isinstance(job, BaselinesJob):
        return f"Training the baselines for {_called(job.config.dataset)}"
    if isinstance(job, ConclusionJob):
        return "Comparing the networks of an experiment"
    return f"Writing the table of {_called(job.config.dataset)}, {job.config.split}"


def _called(dataset: str) -> str:
    return plain(display_name(dataset))


def _report(result: ImportResult) -> str:
    n_skipped = result.n_skipped
    left_out = f"{n_skipped:,} files left out, listed below" if n_skipped else "none left out"
    return f"{_called(result.dataset)} is here: {result.n_images:,} pictures taken, {left_out}."


def _cancel(job_id: str) -> None:
    stop_job(services.registry(), services.settings(), job_id, by=owner_key())
