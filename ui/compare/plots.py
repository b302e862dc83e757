"""Charts of several runs: their curves on one another, their settings against their result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from ann_core.evaluation.comparison import run_names
from ann_core.plots import comparison_plots
from ann_core.plots.comparison_plots import MAX_CURVES
from ann_core.runs.run import Run
from ui.base import services
from ui.base.page import MEASURE, SWIPED, WIDE

_QUANTITIES: tuple[Literal["accuracy", "loss"], ...] = ("accuracy", "loss")


def show_curves(runs: Sequence[Run]) -> None:
    """Draw the validation curves of runs on one another."""
    if not runs:
        st.caption("Mark networks in the table to see their curves in one chart.")
        return
    shown = runs[:MAX_CURVES]
    if len(runs) > len(shown):
        st.caption(f"The first {len(shown)} of {len(runs)} are drawn; more could not be read.")
    names, registry = run_names(shown), services.registry()
    histories = {names[run.id]: registry.metrics(run.id) for run in shown}
    histories = {name: history for name, history in histories.items() if history}
    if not histories:
        st.caption("None of them has finished an epoch.")
        return
    with st.container(key=f"{SWIPED}compared"):
        columns = st.columns(2)
    for quantity, column in zip(_QUANTITIES, columns, strict=True):
        column.vega_lite_chart(
            comparison_plots.overlaid_curves(histories, quantity),
            key=f"compared_{quantity}",
            alt=comparison_plots.describe_overlaid(histories, quantity),
        )


def show_parallel(runs: Sequence[Run]) -> None:
    """Draw each run of the table as a line through its settings to its validation accuracy."""
    results = [(run, run.result.validation) for run in runs if run.result is not None]
    tested = [(run, accuracy) for run, accuracy in results if accuracy is not None]
    if len(tested) < 2:
        st.caption("It takes two finished networks in the table to draw this.")
        return
    st.markdown(
        f"Each line is one of the {len(tested)} finished networks in the table above; only "
        "settings that differ have an axis. The last axis is the validation accuracy: blue lines "
        "end high, orange ones low. Drag along an axis to keep the lines that pass there. If lines "
        "from one value spread over the whole last axis, that setting decides little.",
        width=MEASURE,
    )
    best, accuracy = max(tested, key=lambda each: each[1])
    st.container(key=f"{WIDE}parallel").plotly_chart(
        comparison_plots.parallel_figure([run for run, _ in tested]),
        key="parallel",
        config={"displayModeBar": False},
        alt=f"{len(tested)} networks, their settings and their validation accuracy; the best is "
        f"{run_names([best])[best.id]} with {accuracy:.1%}",
    )
