"""Forms that become configs. Bounds come from the configs themselves."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ann_core.datasets.dataset import DatasetInfo, display_name
from ann_core.imaging.preprocessing import MAX_BITS
from ann_core.runs.run import RunConfig
from ui.base import state
from ui.base.datasets import catalog
from ui.base.text import plain
from ui.preprocess.preprocess_form import fill_preprocess_form, preprocess_form
from ui.train.network_form import fill_network_form, network_form


def run_form(info: DatasetInfo) -> tuple[RunConfig, DeltaGenerator]:
    """Ask for all that decides a run on these images.

    Returns
    -------
    config : RunConfig
    drawing : container
        Where the network can be drawn, beside the controls that change it.

    Raises
    ------
    ConfigError
        If a value is outside its bounds.
    """
    network, drawing = network_form()
    with st.expander("Pictures", icon=":material/grid_on:", key="pictures"):
        preprocess = preprocess_form(info.bits_used)
    config = RunConfig(
        dataset=info.name, fingerprint=info.fingerprint, preprocess=preprocess, network=network
    )
    return config, drawing


def fill_form(config: RunConfig) -> None:
    """Put all settings of a run into the form of the Train page; for callbacks."""
    info = catalog().find(config.dataset, config.fingerprint)
    name = config.dataset if info is None else info.name
    if name in {each.name for each in catalog().infos()}:  # it may have other images by now
        state.remember_dataset(name)
    else:
        st.warning(
            f"The data set '{plain(display_name(config.dataset))}' is not here any more. All other "
            "settings are in the form.",
            icon=":material/info:",
        )
    fill_preprocess_form(config.preprocess, info.bits_used if info else MAX_BITS)
    fill_network_form(config.network)
