"""What a network must beat: the baselines of a data set, or the offer to train them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.datasets.dataset import display_name
from ann_core.evaluation.compared_model import ConfigBaselines
from ann_core.evaluation.run_table import images_of
from ann_core.runs.job_types import BaselinesConfig, BaselinesJob
from ann_core.runs.run import RunConfig
from ui.base.buttons import was_pressed
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.jobs_panel import show_jobs, start_job
from ui.base.text import short

_ABOUT = (
    "Five classifiers on the same features and the same split: always the most frequent class, one "
    "number (the mean brightness), the nearest class mean, logistic regression, and k nearest "
    "neighbours. C and k are chosen on the validation pictures. 20,000 pictures of 96 × 96 values "
    "take two to three minutes."
)


def offer_baselines(baselines: Sequence[ConfigBaselines]) -> None:
    """Show baselines that are being trained, and offer those that are missing."""
    missing = [each.config for each in baselines if each.fitted is None]
    missing = [config for config in missing if _is_here(config)]
    with guard():
        show_jobs(BaselinesJob)
    if not missing:
        return
    titles = {_title(config): config for config in missing}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Baselines are missing for", list(titles), key="baselines_for", width=360
        )
        pressed = was_pressed(
            "Train the baselines",
            icon=":material/straighten:",
            key="baselines_start",
            help=_ABOUT,
        )
    if pressed and chosen in titles:
        with guard():
            _start(titles[chosen])
            st.rerun()


def _start(config: RunConfig) -> None:
    info = catalog().find(config.dataset, config.fingerprint) or catalog().info(config.dataset)
    values = {"dataset": info.name, "fingerprint": config.fingerprint}
    start_job(
        BaselinesConfig.parse(values | {"preprocess": config.preprocess}),
        disk_bytes=info.n_images * config.preprocess.n_features,
    )


def _title(config: RunConfig) -> str:
    return f"{short(display_name(config.dataset))}, {images_of(config.preprocess)}"


def _is_here(config: RunConfig) -> bool:
    """Whether the data set of a run is still here, unchanged."""
    return catalog().find(config.dataset, config.fingerprint) is not None
