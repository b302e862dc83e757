"""Images on which two disagree: a sheet of them, and one in full."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ann_core.evaluation.compared_model import ComparedModel
from ann_core.evaluation.comparison import PairedComparison
from ann_core.plots.images import array_sheet
from ann_core.runs.run import Run
from ui.base import keys, navigation
from ui.base.datasets import catalog, explain_hidden, may_see_images_of
from ui.base.errors import guard
from ui.base.text import background, link_to, plain, short
from ui.components.paged_images import PagedImages
from ui.runs.input_image import show_input_image
from ui.runs.run_cache import run_inputs_of

DISAGREEMENTS = PagedImages(
    keys.DISAGREEMENT_PAGE,
    keys.DISAGREEMENT_OPEN,
    keys.DISAGREEMENT_VIEW,
    keys.DISAGREEMENT_SHEET,
)


def start_over(pair: str) -> None:
    """Forget choices that were made about two others."""
    if st.session_state.get(keys.DISAGREEMENT_PAIR, pair) != pair:
        DISAGREEMENTS.start_over()
    st.session_state[keys.DISAGREEMENT_PAIR] = pair


def show_disagreement(
    first: ComparedModel, second: ComparedModel, comparison: PairedComparison
) -> None:
    """Show what only one of the two has right, page by page, and an opened image in full."""
    if not may_see_images_of(first.run):
        explain_hidden()
        return
    labels = {
        "first": f"Only the first is right ({len(comparison.only_first):,})",
        "second": f"Only the second is right ({len(comparison.only_second):,})",
    }
    side = st.segmented_control(
        "Pictures",
        list(labels),
        default="first",
        format_func=labels.__getitem__,
        required=True,
        key=keys.DISAGREEMENT_SIDE,
        bind="query-params",
        on_change=DISAGREEMENTS.start_over,
    )
    rows = comparison.only_first if side == "first" else comparison.only_second
    if not len(rows):
        st.info("There is no such picture.")
        return
    opened = DISAGREEMENTS.opened
    view = DISAGREEMENTS.view(border=opened is not None)
    page = DISAGREEMENTS.choose_page(len(rows))
    if opened is not None and opened - 1 in comparison.labels:
        with view, guard():
            _show_one((first, second), comparison, opened - 1)
    _show_sheet(first, comparison, rows[page].tolist())
    st.caption(f"{page.start + 1:,} to {page.stop:,} of {len(rows):,}. Click one to open it.")


def _show_sheet(first: ComparedModel, comparison: PairedComparison, rows: list[int]) -> None:
    inputs, names = run_inputs_of(first.run), [short(name) for name in first.class_names]
    words = {
        row + 1: f"{names[comparison.labels[row]]}; "
        f"first: {names[comparison.first_predicted[row]]}, "
        f"second: {names[comparison.second_predicted[row]]}"
        for row in rows
    }
    if inputs is None:
        st.info("The pictures are no longer here, so the predictions are listed.")
        st.table(
            {"number": list(words), "true class and predictions": list(words.values())},
            hide_index=True,
            alt="Pictures on which the two disagree",
        )
        return
    images = inputs.images(np.asarray(rows))
    png, gap = array_sheet(images, columns=DISAGREEMENTS.columns, background=background())
    alt = f"Pictures on which the two disagree: {len(rows)}"
    DISAGREEMENTS.show_page(png, words, alt=alt, gap=gap)


def _show_one(models: Sequence[ComparedModel], comparison: PairedComparison, row: int) -> None:
    first, truth = models[0], comparison.labels[row]
    names = [plain(short(name)) for name in first.class_names]
    DISAGREEMENTS.show_heading(
        f"**{names[truth]}**, number {row + 1:,} in the data set", close_key="side_close"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        show_input_image(first.run, row, first.class_names[truth])
    with right:
        predictions = (comparison.first_predicted[row], comparison.second_predicted[row])
        for model, predicted in zip(models, predictions, strict=True):
            verdict = "right" if predicted == truth else "wrong"
            confidence = model.confidence(row)
            share = "" if confidence is None else f", {confidence:.0%} confident"
            st.markdown(f"**{plain(model.title)}** predicts {names[predicted]}{share}: {verdict}.")
        _link_to_original(first.run, row)


def _link_to_original(run: Run, row: int) -> None:
    info = catalog().find(run.config.dataset, run.config.fingerprint)
    if info is not None:
        query = {keys.DATASET: info.name, keys.GALLERY_OPEN: str(row + 1)}
        icon = ":material/photo_library:"
        link_to(navigation.EXPLORE, "See the original", icon=icon, query=query)
