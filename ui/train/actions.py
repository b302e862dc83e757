"""What buttons set in motion."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.sources.reserved import find_builtin
from ann_core.jobs.admission import submit_run
from ann_core.runs.job_types import ImportConfig
from ann_core.runs.owners import Submission
from ann_core.runs.run import Run, RunConfig
from ann_core.training.network_config import PRESETS
from ui.base import keys, navigation, services, state
from ui.base.datasets import catalog
from ui.base.jobs_panel import start_job
from ui.base.owners import visitor

CARTOONS = "cartoons"
FIRST = "My first network"
_SAME = (
    "A network with these settings is being trained already: this is it, under the name that it "
    "has. Compare gives it another one."
)


def train_first_network() -> None:
    """Go from nothing to a training network: cartoons, small preset, Train page.

    Where there are no cartoons of ours yet, they are drawn first, and whoever draws them
    files the run: it comes even if the browser is closed.

    Raises
    ------
    DatasetError, DiskFullError, LimitError
    """
    network = PRESETS["small"]
    name, info = find_builtin(CARTOONS, catalog())
    if info is None:
        config = ImportConfig(name=name, source="builtin", what=CARTOONS, then=network)
        start_job(config, name=FIRST)
        return
    first = RunConfig(dataset=info.name, fingerprint=info.fingerprint, network=network)
    open_run(start_run(first, info, name=FIRST).id)


def open_run(run_id: str) -> None:
    """Go to the page of a run."""
    st.switch_page(navigation.TRAIN, query_params={keys.RUN: run_id})


def start_from_form(config: RunConfig, info: DatasetInfo) -> None:
    """File what the form of the Train page says; the name is for this run alone.

    Raises
    ------
    LimitError
        If it is more than this computer or this server allows.
    """
    name = st.session_state.get(keys.RUN_NAME, "").strip()
    run = start_run(config, info, name=name)
    st.session_state[keys.START_NOTICE] = _SAME if name and run.name != name else ""


def start_run(config: RunConfig, info: DatasetInfo, name: str = "") -> Run:
    """File a run under the form's key and make it the current one.

    The same settings again are the same run as long as that is under way: a click more is none
    more. After its end they are another one.

    Raises
    ------
    LimitError
        If it is more than this computer or this server allows.
    """
    run = _file(config, info, name)
    if not run.live and run.status != "paused":
        state.renew_submit_key()
        run = _file(config, info, name)
    services.begin_now()
    state.remember(run.id)
    return run


def _file(config: RunConfig, info: DatasetInfo, name: str) -> Run:
    return submit_run(
        services.registry(),
        services.settings(),
        config,
        info=info,
        submission=Submission(f"{state.submit_key()}:{config.key()}", visitor(), name),
    )
