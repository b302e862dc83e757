"""What is in a data set: counts, pictures, and what was left out."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core import plots
from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.layouts import SPLITS
from ann_core.pixels import contact_sheet
from ui import services

COLUMNS, ROWS = 8, 4
_ALL = "all"


def show_counts(info: DatasetInfo) -> None:
    """Show pictures by class and split, as bars and as a table."""
    st.subheader(f"{info.n_images:,} pictures of {len(info.class_names)} classes")
    st.caption(
        f"From {info.source}. Split: {info.split.rule}, seed {info.split.seed}. "
        "In the bars: training plain, validation striped, test dotted."
    )
    left, right = st.columns([3, 2])
    left.plotly_chart(
        plots.counts_figure(info),
        key="counts",
        config={"displayModeBar": False},
        alt="Pictures by class; plain is training, striped validation, dotted test",
    )
    table = [
        {"class": name} | {split: info.counts[name].get(split, 0) for split in SPLITS}
        for name in info.class_names
    ]
    right.dataframe(table, hide_index=True, alt="Pictures by class and split")


def show_gallery(dataset: Dataset) -> None:
    """Show the pictures of a class and split, page by page, each page as one sheet."""
    with st.container(horizontal=True):
        class_name = st.selectbox(
            "Class", [_ALL, *dataset.class_names], key="class", bind="query-params", width=240
        )
        split = st.selectbox("Split", [_ALL, *SPLITS], key="split", bind="query-params", width=240)
    rows = _rows(dataset, class_name, split)
    if not len(rows):
        st.info("There is no picture of this class in this split.")
        return
    per_page = COLUMNS * ROWS
    n_pages = -(-len(rows) // per_page)
    page = st.pagination(n_pages, key=f"page_{class_name}_{split}") if n_pages > 1 else 1
    shown = rows[(page - 1) * per_page : page * per_page]
    sheet = _sheet(dataset.name, dataset.fingerprint, tuple(int(r) for r in shown))
    st.image(sheet, width="stretch", alt=f"{len(shown)} pictures, class {class_name}")
    st.caption(
        f"Pictures {(page - 1) * per_page + 1:,} to {(page - 1) * per_page + len(shown):,} "
        f"of {len(rows):,}"
    )


def show_skipped(dataset: Dataset) -> None:
    """List the files that were left out, each with its reason."""
    if len(dataset.skipped):
        with st.expander(f"{len(dataset.skipped):,} files were left out", key="skipped"):
            st.dataframe(
                dataset.skipped, hide_index=True, alt="Files left out, with the reason of each"
            )


def _rows(dataset: Dataset, class_name: str, split: str) -> np.ndarray:
    wanted = np.ones(len(dataset), dtype=bool)
    if class_name != _ALL:
        wanted &= (dataset.pictures["class_name"] == class_name).to_numpy()
    if split != _ALL:
        wanted &= (dataset.pictures["split"] == split).to_numpy()
    return np.flatnonzero(wanted)


@st.cache_data(max_entries=64, show_spinner=False)
def _sheet(name: str, _fingerprint: str, rows: tuple[int, ...]) -> bytes:
    dataset = services.catalog().load(name)
    return contact_sheet([dataset.path(row) for row in rows], columns=COLUMNS)
