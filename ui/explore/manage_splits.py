"""Split a data set anew, or make its classes more equal; each makes a new version."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import GROUP, Dataset
from ann_core.datasets.editing.edits import Edit, SplitAnew
from ann_core.datasets.editing.versions import check_edits
from ann_core.datasets.grouping import GROUPS_FILE
from ann_core.datasets.importing.uploads import Upload, images_upload
from ann_core.datasets.split import SplitConfig
from ui.base.errors import guard
from ui.base.kept_files import tell_if_gone
from ui.base.page import MEASURE
from ui.base.text import plain
from ui.explore.new_version import ask_for_version
from ui.explore.split_form import balance_controls, split_controls


def show_split_anew(dataset: Dataset) -> None:
    """Ask for another split; what a network of the old one was tested on may be trained on now."""
    st.markdown(
        "Networks that were trained on another split have learned from pictures that this one "
        "tests on, so compare only networks of the same version.",
        width=MEASURE,
    )
    config = split_controls(
        f"manage_split_{dataset.name}",
        keeps_test=dataset.info.split.keeps_test,
        has_groups=GROUP in dataset.images.columns,
    )
    groups = f"manage_groups_{dataset.name}"
    table = st.file_uploader(
        "Table of groups (CSV), if there is one",
        type="csv",
        key=groups,
        help="Two columns, source (the name of a file) and group (a patient, a child): pictures "
        "of a group stay in one split.",
    )
    tell_if_gone(groups)
    upload: Upload | None = None
    edits: list[Edit] = []
    with guard():
        if config is not None and table is not None:
            upload = images_upload({"groups": [(GROUPS_FILE, table.getvalue())]})
            config = SplitConfig.parse(config.model_dump() | {"group_table": True})
        edits = [] if config is None else [SplitAnew(split=config)]
    ask_for_version(*(dataset, edits), key="manage_split_go", label="Split again", upload=upload)


def show_balance(dataset: Dataset) -> None:
    """Ask for the most and the fewest pictures of a class, and say what would go."""
    balance = balance_controls(f"manage_balance_{dataset.name}")
    edits: list[Edit] = []
    if balance is not None:
        with guard():
            draft = check_edits(dataset, [balance])
            for line in draft.changes:
                st.markdown(f"- {plain(line)}")
            edits = [balance]
    else:
        st.caption("Give the most and the fewest pictures that a class may have.")
    ask_for_version(dataset, edits, key="manage_balance_go", label="Balance")
