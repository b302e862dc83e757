"""The files that a run left, and the log of what went wrong."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from ann_core.files import data_size
from ann_core.jobs.logs import without_folders
from ann_core.runs.folder import RunFolder
from ann_core.runs.model_files import keras_versions
from ann_core.runs.run import Run
from ann_core.settings import program_folders
from ui.base import services
from ui.base.owners import owns

LOG_LINES = 200
LOG_BYTES = 64 * 1024


def folder_of(run: Run) -> RunFolder:
    """Locate the files of a run, whether there are any or not."""
    return RunFolder.of(services.settings().runs_dir, run.id)


def offer_downloads(run: Run) -> None:
    """Offer the files that are there."""
    folder = folder_of(run)
    files = {
        "Model for Keras": folder.keras_model,
        "Model for phones": folder.litert_model,
        "History": folder.history,
    }
    with st.container(horizontal=True, key="downloads"):
        for label, path in files.items():
            if path.is_file():
                about = f"{path.name}, {data_size(path.stat().st_size, digits=1)}"
                if path == folder.keras_model:
                    about += f". Opens in Keras {keras_versions(path)}"
                st.download_button(
                    label,
                    data=path.read_bytes,
                    file_name=path.name,
                    on_click="ignore",
                    icon=":material/download:",
                    key=f"download_{path.name}",
                    help=about,
                )


def show_log(run: Run) -> None:
    """Offer the end of the log; a host shows it to its owner only, and leaves folders out."""
    if services.settings().profile == "hosted" and not owns(run):
        return
    log = st.expander("Log of the training", icon=":material/notes:", key="log", on_change="rerun")
    if log.open:
        with log:
            st.code(_log_text(run) or "The log is empty.", language=None, height=320)


def _log_text(run: Run) -> str:
    text = tail(folder_of(run).log)
    settings = services.settings()
    if settings.profile != "hosted":
        return text
    return without_folders(text, program_folders(settings))


def tail(path: Path, n_lines: int = LOG_LINES, n_bytes: int = LOG_BYTES) -> str:
    """Read the last lines of a text file, never more than `n_bytes` of it; "" if it is gone."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - n_bytes))
            text = file.read(n_bytes).decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-n_lines:])
