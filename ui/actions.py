"""What buttons set in motion."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.builtin import BUILT_INS
from ann_core.datasets.dataset import DatasetInfo
from ann_core.errors import DatasetError
from ann_core.jobs.filing import file_run
from ann_core.network import PRESETS
from ann_core.runs.run import Run, RunConfig
from ui import pages, services, state
from ui.imports import make_builtin
from ui.owners import owner_key

CARTOONS = "cartoons"


def train_first_network() -> None:
    """Go from nothing to a training network: cartoons, small preset, Train page.

    Raises
    ------
    DatasetError, DiskFullError, LimitError
    """
    info = _cartoons()
    config = RunConfig(dataset=info.name, fingerprint=info.fingerprint, network=PRESETS["small"])
    run = start_run(config, info, name="My first network")
    st.switch_page(pages.TRAIN, query_params={state.RUN: run.id})


def start_from_form(config: RunConfig, info: DatasetInfo) -> None:
    """File what the form of the Train page says; the name is for this run alone.

    Raises
    ------
    LimitError
        If it is more than this computer or this server allows.
    """
    start_run(config, info, name=st.session_state.get(state.RUN_NAME, ""))
    st.session_state[state.RUN_NAME] = ""


def start_run(config: RunConfig, info: DatasetInfo, name: str = "") -> Run:
    """File a run under the form's key and make it the current one.

    Raises
    ------
    LimitError
        If it is more than this computer or this server allows.
    """
    run = file_run(
        services.registry(),
        services.settings(),
        config,
        info,
        # Other settings are another run; the same ones, clicked twice, are not.
        submit_key=f"{state.submit_key()}:{config.key()}",
        owner=owner_key(),
        name=name,
    )
    state.remember(run.id)
    return run


def _cartoons() -> DatasetInfo:
    """Find the built-in cartoons, or draw them."""
    try:
        return services.catalog().info(CARTOONS)
    except DatasetError:
        with st.spinner(f"Drawing {BUILT_INS[CARTOONS].title.lower()}"):
            return _draw_cartoons()


def _draw_cartoons() -> DatasetInfo:
    try:
        return make_builtin(CARTOONS, CARTOONS).info
    except DatasetError:
        # Another visitor may have been faster; if not, this says what is wrong.
        return services.catalog().info(CARTOONS)
