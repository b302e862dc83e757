"""The curves of a run, and what it was trained with, in words."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.runs.run import Run
from ui.base.page import SWIPED
from ui.base.text import plain
from ui.runs.run_watcher import View


def settings_text(run: Run) -> str:
    """Say in Markdown what was trained on what, and how."""
    network, preprocess = run.config.network, run.config.preprocess
    height, width = preprocess.image_size
    colours = "gray" if preprocess.mode == "gray" else "colour"
    epochs = f"{network.epochs} epochs"
    if run.status == "stopped":
        epochs = f"stopped after {run.epoch} of {epochs}"
    return (
        f"{plain(display_name(run.config.dataset))}, {width} × {height} {colours}, "
        f"{preprocess.resize}. "
        f"Hidden layers {network.layers_text()}, {epochs}, "
        f"batches of {network.batch_size}, learning rate {network.learning_rate:g}, "
        f"dropout {network.dropout_rate:g}."
    )


def show_curves(view: View) -> None:
    """Draw loss and accuracy over the epochs, and say what they tell."""
    curves, diagnosis = view.curves, view.curves.diagnosis
    with st.container(key=f"{SWIPED}curves"):
        columns = st.columns(2)
    for column, (name, figure) in zip(columns, curves.figures.items(), strict=True):
        column.vega_lite_chart(*figure, key=f"curve_{name}", alt=f"{name}. {curves.alt}")
    if diagnosis is not None:
        st.markdown(diagnosis.sentence, help=diagnosis.rule)
    elif view.run.live:
        st.markdown("We will comment on the curves after five epochs.")
    best = curves.best_epoch
    mark = f" The upright line marks the lowest validation loss, in epoch {best}." if best else ""
    st.caption(f"{curves.alt}{mark}")
