"""A data set with something changed: a new one beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.datasets.editing.edits import AddImages, Edit, SplitAnew
from ann_core.datasets.editing.family import version_name
from ann_core.datasets.editing.versions import check_edits
from ann_core.datasets.importing.uploads import Upload
from ann_core.runs.job_types import ImportConfig, ImportJob
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import start_job, start_upload
from ui.base.owners import owner_key
from ui.base.text import plain
from ui.explore.import_form import WIDTH


def ask_for_version(
    dataset: Dataset,
    edits: Sequence[Edit],
    *,
    key: str,
    label: str,
    icon: str = ":material/library_add:",
    upload: Upload | None = None,
) -> None:
    """Ask for a name, and file a new version by a button, which needs an edit to be pressed.

    Parameters
    ----------
    key : str
        Of the button; the field for the name has another for each data set.
    upload : Upload, optional
        Files that the edits work on.
    """
    name_key = keys.version_name(key, dataset.name)
    if name_key not in st.session_state:
        st.session_state[name_key] = version_name(dataset.info, catalog())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the new version", key=name_key, width=WIDTH // 2).strip()
        start = was_pressed(label, icon=icon, key=key, disabled=not edits)
    title = plain(display_name(dataset.name))
    st.caption(f"{title} stays as it is, and so do the networks trained on it.")
    if start:
        with guard():
            start_version(dataset, edits, name, upload=upload)
            st.session_state[keys.VERSION_STARTED] = name_key
            st.rerun()


def start_version(
    dataset: Dataset, edits: Sequence[Edit], name: str, *, upload: Upload | None = None
) -> None:
    """File a new version; what cannot be done is refused before it waits.

    Raises
    ------
    DatasetError, LimitError
    """
    check_edits(dataset, edits)

    def config(token: str = "") -> ImportConfig:
        return ImportConfig(
            name=name,
            source="version",
            what=dataset.name,
            edit=tuple(_with_upload(edit, token) for edit in edits),
        )

    if upload is None:
        start_job(config())
    else:
        start_upload(upload, config)


def forget_started_name() -> None:
    """Let a form whose version was filed suggest another name; before it is drawn."""
    name_key = st.session_state.pop(keys.VERSION_STARTED, None)
    if name_key is not None:
        st.session_state.pop(name_key, None)


def show_versions_under_way(dataset: Dataset) -> None:
    """Name the versions of a data set that this visitor is waiting for."""
    jobs = services.registry().data_jobs(owner=owner_key(), live=True)
    imports = [job.config for job in jobs if isinstance(job, ImportJob)]
    for config in imports:
        if (config.source, config.what) == ("version", dataset.name):
            st.info(
                f"{plain(config.name)} is being made. Its progress is shown at the top of "
                "this page, which opens it when it is ready.",
                icon=":material/hourglass_top:",
            )


def _with_upload(edit: Edit, token: str) -> Edit:
    if isinstance(edit, AddImages) and edit.source != "folder":
        return edit.model_copy(update={"what": token})
    if isinstance(edit, SplitAnew) and edit.split.group_table and token:
        return edit.model_copy(update={"upload": token})
    return edit
