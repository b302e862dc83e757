"""Taking the table along: the features of a split as one Parquet file."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.split import SPLIT_NAMES
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.job_types import TableConfig, TableJob
from ui.base.buttons import was_pressed
from ui.base.errors import guard
from ui.base.jobs_panel import show_jobs, start_job
from ui.base.page import MEASURE

_CHOICES = {split: name.capitalize() for split, name in SPLIT_NAMES.items()}
_CHOICES["all"] = "All pictures"


def offer_table(info: DatasetInfo, config: PreprocessConfig) -> None:
    """Let people take the images of a split along, as the article's table."""
    panel = st.expander(
        "Export the table", icon=":material/table:", key="table_panel", on_change="rerun"
    )
    if panel.open:
        with panel:
            _offer(info, config)


def _offer(info: DatasetInfo, config: PreprocessConfig) -> None:
    st.markdown(
        "A row for each picture, a column for each value and one for the class: the table that "
        "the article makes, with the settings above, in a file that pandas, R, Spark and DuckDB "
        "read. Reading it runs no code. pandas needs about three times the memory of the table "
        "itself, shown above under What it costs.",
        width=MEASURE,
    )
    split = st.segmented_control(
        "Pictures of",
        list(_CHOICES),
        default="train",
        format_func=_CHOICES.__getitem__,
        required=True,
        key="table_split",
    )
    n_rows = info.n_images if split == "all" else info.n_images_of(split)
    values = {"dataset": info.name, "fingerprint": info.fingerprint}
    if was_pressed("Write the table", icon=":material/table:", key="table_start"):
        with guard():
            start_job(
                TableConfig.parse(values | {"preprocess": config, "split": split}),
                disk_bytes=2 * n_rows * config.n_features,
            )
    with guard():
        show_jobs(TableJob)
