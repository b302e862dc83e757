"""The import report: what was found, and what became of it."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset, DatasetInfo, display_name
from ann_core.datasets.importing.import_report import report_csv
from ui.base.text import plain


@st.fragment
def show_report(dataset: Dataset) -> None:
    """Say how many files were found, taken and left out; name the last, each with its reason."""
    with st.container(horizontal=True, vertical_alignment="center", key="report"):
        st.markdown(f"**Import report**: {_sentence(dataset.info)}", width="content")
        st.download_button(
            "Whole report (CSV)",
            data=lambda: report_csv(dataset),
            file_name=f"{display_name(dataset.name)}-import-report.csv",
            mime="text/csv",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
            key="report_csv",
            help="Every file that was found: its class and split, or why it was left out.",
        )
    for sentence in dataset.info.reading:
        st.caption(plain(sentence))
    if dataset.info.about_bits:
        st.caption(dataset.info.about_bits)
    _show_left_out(dataset)


def _sentence(info: DatasetInfo) -> str:
    if not info.n_skipped:
        return f"{info.n_found:,} found, all taken."
    return f"{info.n_found:,} found, {info.n_images:,} taken, {info.n_skipped:,} left out."


def _show_left_out(dataset: Dataset) -> None:
    """List the files that were left out; thousands of them are sent only to those who look."""
    n_skipped = len(dataset.skipped)
    if not n_skipped:
        return
    label = f"{n_skipped:,} files were left out" if n_skipped > 1 else "1 file was left out"
    left_out = st.expander(label, key="skipped", icon=":material/rule:", on_change="rerun")
    if left_out.open:
        left_out.dataframe(
            dataset.skipped,
            hide_index=True,
            key="skipped_table",
            column_config={"source": "file", "reason": "why"},
            alt="Files left out, with the reason of each",
        )
