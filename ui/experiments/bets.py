"""Bet first: the outcomes drawn small, and the choice among them."""

from __future__ import annotations

import streamlit as st

from ann_core.experiments.definition import Experiment
from ann_core.plots.experiment_plots import bet_sketch, bets_figure
from ui.base import keys, services


def choose_bet(experiment: Experiment) -> str | None:
    """Ask what somebody expects; None until they have chosen."""
    st.markdown("**Bet first.** What will come out?")
    with st.grid(4, min_column_width=150, gap="small", key="bets"):
        for bet in experiment.bets:
            with st.container():
                st.caption(bet.label)
                st.vega_lite_chart(bet_sketch(bet), key=f"sketch_{bet.key}", alt=bet.label)
    names = list(experiment.bets[0].sketch)
    colours = ("blue", "orange", "green", "pink")
    legend = ", ".join(f"{c}: {name}" for c, name in zip(colours, names, strict=False))
    st.caption(legend.capitalize())
    labels = {bet.key: bet.label for bet in experiment.bets}
    chosen: str | None = st.radio(
        "Your bet",
        list(labels),
        index=None,
        format_func=labels.__getitem__,
        key=keys.experiment_bet(experiment.key),
    )
    return chosen


def show_bets(experiment: Experiment, experiment_id: str) -> None:
    """Show how all bets are spread."""
    counts = services.registry().experiments.bets(experiment_id)
    n_bets = counts.total()
    if not n_bets:
        return
    st.subheader("All bets", anchor=False)
    st.vega_lite_chart(
        bets_figure(experiment, counts),
        key="all_bets",
        alt="; ".join(f"{bet.label}: {counts[bet.key]}" for bet in experiment.bets),
    )
