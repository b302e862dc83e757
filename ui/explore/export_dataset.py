"""Taking the pictures of a data set along: a zip file of class folders."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.zip_export import estimated_bytes
from ann_core.errors import LimitError
from ann_core.files import data_size
from ann_core.runs.job_types import ExportConfig, ExportJob
from ui.base import services
from ui.base.buttons import was_pressed
from ui.base.errors import guard
from ui.base.jobs_panel import show_jobs, start_job
from ui.base.page import MEASURE

_BY_CLASS, _BY_SPLIT = "Folders of classes", "Training, validation and test"


def offer_export(dataset: Dataset) -> None:
    """Let people take the files of a data set along, as they came."""
    panel = st.expander(
        "Download the pictures",
        icon=":material/folder_zip:",
        key="export_panel",
        on_change="rerun",
    )
    if panel.open:
        with panel:
            _offer(dataset)


def _offer(dataset: Dataset) -> None:
    n_bytes = estimated_bytes(dataset)
    st.markdown(
        f"All {len(dataset):,} files of this data set, exactly as they were added, in a zip file "
        f"of about {data_size(n_bytes, digits=1)}. Added again, it gives the same classes "
        "and, by the second form, the same training, validation and test pictures. Files keep "
        "their names where every computer can store them. If a class has a name that no folder "
        "can have, a small file in the zip file tells which folder stands for it.",
        width=MEASURE,
    )
    form = st.segmented_control(
        "Laid out as", [_BY_CLASS, _BY_SPLIT], default=_BY_CLASS, required=True, key="export_form"
    )
    if was_pressed("Write the zip file", icon=":material/folder_zip:", key="export_start"):
        with guard():
            _check_size(n_bytes)
            config = ExportConfig(
                dataset=dataset.name,
                fingerprint=dataset.fingerprint,
                by_split=form == _BY_SPLIT,
            )
            start_job(config, disk_bytes=n_bytes)
    with guard():
        show_jobs(ExportJob)


def _check_size(n_bytes: int) -> None:
    """Refuse what could not come back in, and would fill the server's memory on its way out.

    Streamlit reads a file into memory when a browser asks for it.

    Raises
    ------
    LimitError
    """
    most = services.settings().max_upload_bytes
    if most and n_bytes > most:
        raise LimitError(
            [
                f"This server takes and hands out files of at most {data_size(most)}, and this "
                f"one would have {data_size(n_bytes)}. Whoever runs the server can write it "
                "with 'dataset export'."
            ]
        )
