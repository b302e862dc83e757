"""What is in a data set: counts, pictures, and what was left out."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core import plots
from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.layouts import SPLITS
from ann_core.pixels import contact_sheet
from ui.prose import ground, plain

COLUMNS, ROWS = 8, 4
_ALL_CLASSES, _ALL_SPLITS = "All classes", "All splits"
_RULES = {
    "stratified": "Split by chance, in the same shares for each class",
    "article": "Split by the article's dice",
    "given": "Split as the data came",
}


def show_counts(info: DatasetInfo) -> None:
    """Show pictures by class and split, as bars and as a table."""
    st.header(f"{info.n_images:,} pictures of {len(info.class_names):,} classes", anchor=False)
    st.caption(
        f"Source: {plain(info.source)}. {_RULES[info.split.rule]} (seed {info.split.seed}). "
        "Plain bars are for training, striped for validation, dotted for testing."
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
    right.dataframe(table, hide_index=True, key="counts_table", alt="Pictures by class and split")


def show_gallery(dataset: Dataset) -> None:
    """Show the pictures of a class and split, page by page, each page as one sheet."""
    st.header("The pictures", anchor=False)
    with st.container(horizontal=True):
        class_name = st.selectbox(
            "Class",
            [_ALL_CLASSES, *dataset.class_names],
            key="class",
            bind="query-params",
            width=240,
        )
        split = st.selectbox(
            "Split", [_ALL_SPLITS, *SPLITS], key="split", bind="query-params", width=240
        )
    rows = _rows(dataset, class_name, split)
    if not len(rows):
        st.info("There is no picture of this class in this split.")
        return
    per_page = COLUMNS * ROWS
    n_pages = -(-len(rows) // per_page)
    page_key = f"page_{dataset.name}_{class_name}_{split}"
    page = st.pagination(n_pages, key=page_key) if n_pages > 1 else 1
    first = (page - 1) * per_page
    shown = tuple(int(row) for row in rows[first : first + per_page])
    sheet = _sheet(dataset, dataset.fingerprint, shown, ground())
    st.image(sheet, width="stretch", alt=f"{len(shown)} pictures: {class_name}, {split}")
    st.caption(f"Pictures {first + 1:,} to {first + len(shown):,} of {len(rows):,}")


def show_skipped(dataset: Dataset) -> None:
    """List the files that were left out, each with its reason."""
    n_skipped = len(dataset.skipped)
    if not n_skipped:
        return
    label = f"{n_skipped:,} files were left out" if n_skipped > 1 else "1 file was left out"
    with st.expander(label, key="skipped", icon=":material/rule:"):
        st.dataframe(
            dataset.skipped,
            hide_index=True,
            key="skipped_table",
            column_config={"source": "file", "reason": "why"},
            alt="Files left out, with the reason of each",
        )


def _rows(dataset: Dataset, class_name: str, split: str) -> np.ndarray:
    wanted = np.ones(len(dataset), dtype=bool)
    if class_name != _ALL_CLASSES:
        wanted &= (dataset.pictures["class_name"] == class_name).to_numpy()
    if split != _ALL_SPLITS:
        wanted &= (dataset.pictures["split"] == split).to_numpy()
    return np.flatnonzero(wanted)


@st.cache_data(max_entries=64, show_spinner=False)
def _sheet(_dataset: Dataset, fingerprint: str, rows: tuple[int, ...], ground: str) -> bytes:
    return contact_sheet([_dataset.path(row) for row in rows], columns=COLUMNS, ground=ground)
