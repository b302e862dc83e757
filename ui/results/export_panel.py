"""Everything of a run that can be taken along, and a network that was brought from elsewhere."""

from __future__ import annotations

import functools
import io

import streamlit as st

from ann_core.datasets.importing.uploads import zip_upload
from ann_core.errors import RunError
from ann_core.export.archive.archive import archive_name, check_complete, write_archive
from ann_core.export.code.code_bundle import NOT_AGAIN, code_bundle, dataset_of, is_varied
from ann_core.export.code.model_card import model_card
from ann_core.runs.job_types import ArchiveImportConfig, ArchiveImportJob
from ann_core.runs.run import Run
from ui.base import keys, services, state
from ui.base.buttons import was_pressed
from ui.base.datasets import may_see_images_of
from ui.base.errors import guard
from ui.base.folds import fold
from ui.base.jobs_panel import show_jobs, start_upload
from ui.base.kept_files import still_here, tell_if_gone
from ui.base.page import MEASURE
from ui.base.privacy import show_privacy_note
from ui.base.text import plain
from ui.runs.run_files import folder_of, offer_downloads

_EVERYTHING = "**Everything** is one file, to open later in any Flatland: below, on this page."


def show_export(run: Run) -> None:
    """Offer the files of a run; whoever may see it may take them."""
    if not run.has_model:
        return
    if not folder_of(run).litert_model.is_file():
        st.caption("Its files are gone, so there is nothing to download.")
        return
    with fold("Download", keys.DOWNLOAD_PANEL, icon=":material/download:"):
        _show_files(run)


def _show_files(run: Run) -> None:
    shared = may_see_images_of(run)
    trains = shared and dataset_of(run, services.settings()) is not None
    about = _about(trains, shared=shared)
    if shared and is_varied(run):
        about = f"{NOT_AGAIN.format(run.config.variation.text())} {_EVERYTHING}"
    st.markdown(about, width=MEASURE)
    offer_downloads(run)
    with st.container(horizontal=True, key="take_along"):
        _offer_code(run, shared=shared)
        _offer_card(run, shared=shared)
        if shared:  # it has the test pictures in it
            _offer_archive(run)


def offer_archive_import() -> None:
    """Offer to open a run that was taken along from another Flatland."""
    if st.session_state.pop(keys.ARCHIVE_STARTED, False):
        st.session_state[keys.ARCHIVE_PANEL] = False
    panel = st.expander(
        "Open a saved network",
        icon=":material/unarchive:",
        key=keys.ARCHIVE_PANEL,
        on_change="rerun",
    )
    if panel.open:  # closed, it also lets go of an uploaded file
        with panel:
            _show_form()
    with guard():
        show_jobs(ArchiveImportJob, on_run=_go_to)


def _about(trains: bool, *, shared: bool) -> str:
    if not shared:
        return (
            "Its owner has shared its figures only: the code uses the model on pictures. The list "
            "of its pictures, and the file with everything, which holds some of them, are not here."
        )
    again = (
        "The code trains the same network again without Flatland, with the same accuracy, and "
        "uses the model on pictures."
        if trains
        else "Its pictures are not here, so there is no code that trains it again, only code that "
        "uses the model on pictures."
    )
    return f"{again} {_EVERYTHING}"


def _offer_code(run: Run, *, shared: bool) -> None:
    st.download_button(
        "Code (.zip)",
        data=functools.partial(code_bundle, run, services.settings(), with_images=shared),
        file_name=f"flatland-code-{run.id}.zip",
        mime="application/zip",
        on_click="ignore",
        icon=":material/code:",
        key="download_code",
        help="A zip file: train.py and train.ipynb with the list of pictures, predict.py with the "
        "model for phones, and the model card.",
    )


def _offer_card(run: Run, *, shared: bool) -> None:
    folder, settings = folder_of(run), services.settings()
    st.download_button(
        "Model card",
        data=lambda: model_card(run, folder, dataset_of(run, settings) if shared else None),
        file_name="model-card.md",
        mime="text/markdown",
        on_click="ignore",
        icon=":material/description:",
        key="download_card",
        help="What it was trained on, how good it is, and what it cannot do, on one page.",
    )


def _offer_archive(run: Run) -> None:
    settings = services.settings()
    try:
        check_complete(run, settings)
    except RunError as error:
        st.caption(plain(str(error)))
        return

    def pack() -> bytes:
        buffer = io.BytesIO()
        write_archive(run, settings, buffer)
        return buffer.getvalue()

    st.download_button(
        "Everything (.zip)",
        data=pack,
        file_name=archive_name(run),
        mime="application/zip",
        on_click="ignore",
        icon=":material/archive:",
        key="download_archive",
        help="Settings, history, all predictions, the test pictures as the network saw them, the "
        "first layer and the model. The training pictures are not in it.",
    )


def _show_form() -> None:
    st.markdown(
        "The file that **Everything (.zip)** gives. It is checked before anything of it is shown: "
        "every figure is computed again from its predictions, and its model must give the same "
        "ones. No code in it is started.",
        width=MEASURE,
    )
    upload = st.file_uploader("Saved network (.zip)", type="zip", key=keys.ARCHIVE_UPLOAD)
    tell_if_gone(keys.ARCHIVE_UPLOAD)
    show_privacy_note("archive")
    if was_pressed("Open", icon=":material/unarchive:", key="open_go", disabled=upload is None):
        with guard():
            file = still_here(upload)
            start_upload(
                zip_upload(file, file.file_id), lambda token: ArchiveImportConfig(upload=token)
            )
            st.session_state[keys.ARCHIVE_STARTED] = True
            st.rerun()


def _go_to(run_id: str) -> None:
    """Show a run that has just been opened."""
    state.remember(run_id)
    st.rerun()
