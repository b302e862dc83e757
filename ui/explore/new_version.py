"""A data set without some of its images: a new one beside it."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.runs.job_types import ImportConfig, ImportJob
from ui.base import keys, services
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import start_job
from ui.base.owners import owner_key
from ui.base.page import MEASURE
from ui.base.text import plain
from ui.explore.import_form import WIDTH


def show_version_form(dataset: Dataset, rows: tuple[int, ...], rule: str) -> None:
    """Say what goes and by which rule, ask for a name, and file the new version."""
    images = f"{len(rows):,} pictures" if len(rows) != 1 else "1 picture"
    st.markdown(f"**{images} of {len(dataset):,} would go.** {rule}", width=MEASURE)
    key = keys.version_name(dataset.name)
    if key not in st.session_state:
        st.session_state[key] = catalog().free_name(f"{display_name(dataset.name)}-clean")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the new version", key=key, width=WIDTH // 2).strip()
        start = st.button(
            "Leave these out", icon=":material/filter_alt:", key="leave_out", disabled=not rows
        )
    whole = plain(display_name(dataset.name))
    st.caption(f"{whole} stays as it is, and so do the networks trained on it.")
    if start:
        with guard():
            config = ImportConfig(name=name, source="version", what=dataset.name, leave_out=rows)
            start_job(config)
            st.rerun()
    _show_versions_under_way(dataset)


def _show_versions_under_way(dataset: Dataset) -> None:
    jobs = services.registry().data_jobs(owner=owner_key(), live=True)
    imports = [job.config for job in jobs if isinstance(job, ImportJob)]
    for config in imports:
        if (config.source, config.what) == ("version", dataset.name):
            st.info(
                f"{plain(config.name)} is being made. How far it is stands at the top of this "
                "page, which turns to it when it is there.",
                icon=":material/hourglass_top:",
            )
