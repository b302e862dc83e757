"""What all ways of bringing images in share: a name, a split, a start."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.importing.uploads import Upload
from ann_core.datasets.sources.reserved import suggested_name
from ann_core.datasets.split import SplitConfig
from ann_core.runs.job_types import ImportConfig
from ui.base import keys
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import start_job, start_upload

WIDTH = 480

_RULES = {"stratified": "80 / 10 / 10, exact in each class", "article": "As in the article"}


def start_import(config: ImportConfig, disk_bytes: int = 0) -> None:
    """File an import and close the panel; a refusal is shown and leaves it as it is."""
    with guard():
        start_job(config, disk_bytes=disk_bytes)
        st.session_state[keys.IMPORT_STARTED] = True
        st.rerun()


def import_upload(upload: Upload, config: ImportConfig) -> None:
    """File an import of an upload, as `start_import`; a refused one was never written."""
    with guard():
        start_upload(upload, lambda token: config.model_copy(update={"what": token}))
        st.session_state[keys.IMPORT_STARTED] = True
        st.rerun()


def name_and_split(key: str) -> tuple[str, SplitConfig]:
    """Ask for the name of the new data set, and how it is split."""
    name = name_field(keys.import_name(key))
    rule = st.radio(
        "Split into training, validation and test",
        list(_RULES),
        format_func=_RULES.__getitem__,
        key=f"import_{key}_split",
        horizontal=True,
    )
    return name, SplitConfig.parse({"rule": rule})


def name_field(key: str) -> str:
    """Ask for the name of the new data set."""
    return st.text_input("Name of the data set", key=key, width=WIDTH).strip()


def suggest(way: str, text: str) -> None:
    """Fill in a name, unless somebody has typed one; for callbacks."""
    key, suggested = keys.import_name(way), keys.suggested_name(way)
    typed = st.session_state.get(key)
    if not typed or typed == st.session_state.get(suggested):
        st.session_state[key] = st.session_state[suggested] = suggested_name(text, catalog())
