"""The knobs of the cartoons: how far they move, turn and change their size."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.experiments import moved
from ann_core.experiments.definition import Experiment
from ann_core.runs.job_types import ImportConfig, ImportJob
from ui.base.buttons import was_pressed
from ui.base.datasets import catalog
from ui.base.errors import guard, guarded
from ui.base.jobs_panel import show_jobs, start_job


def choose_cartoons() -> tuple[Experiment, DatasetInfo] | None:
    """Let cartoons move, and have them drawn; None as long as they are not."""
    cartoons = _knobs()
    st.image(moved.preview(cartoons), caption="Cats and dogs, drawn as the knobs say")
    chosen = None
    with guard():
        missing = moved.missing(catalog(), cartoons)
        if missing:
            n_images = moved.MOVED_FAR.n_images
            st.caption(f"{n_images:,} are drawn centred and {n_images:,} moved, before the start.")
            if was_pressed("Draw the cartoons", icon=":material/draw:", key="draw_cartoons"):
                guarded(_draw)(missing)
                st.rerun()
        else:
            chosen = moved.with_cartoons(catalog(), cartoons)
    show_jobs(ImportJob)
    return chosen


def _knobs() -> CartoonConfig:
    first = moved.MOVED_FAR
    with st.grid(3, min_column_width=200, key="knobs"):
        shift = st.slider(
            "Move by up to, in % of the width", 0, 50, round(100 * first.shift), 5, key="shift"
        )
        rotation = st.slider(
            "Turn by up to, in degrees", 0, 90, round(first.rotation), 5, key="rotation"
        )
        scale = st.slider(
            "Larger or smaller by up to, in %", 0, 60, round(100 * first.scale), 10, key="scale"
        )
    return first.model_copy(
        update={"shift": shift / 100, "rotation": float(rotation), "scale": scale / 100}
    )


def _draw(missing: list[ImportConfig]) -> None:
    for config in missing:
        start_job(config)
