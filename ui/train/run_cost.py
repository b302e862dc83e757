"""What a network will cost, before it is started: parameters, memory, disk and time."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.files import data_size
from ann_core.jobs.admission import ResourceEstimate, estimate_resources
from ann_core.jobs.calibration import read_calibration
from ann_core.plots.network_diagram import describe_network, network_diagram
from ann_core.runs.progress import about, duration
from ann_core.runs.run import RunConfig
from ann_core.training import hyperparameter_checks
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import layer_sizes, parameter_count
from ann_core.training.time_estimate import (
    Calibration,
    EpochEstimate,
    PastRun,
    epoch_size,
    estimate_epoch,
    estimate_total,
)
from ui.base import keys, services
from ui.base.buttons import was_pressed
from ui.base.errors import guarded
from ui.base.text import plain
from ui.train.actions import start_from_form

_MAX_NOTES = 5
_PAST_SECONDS = 30.0


def show_run_cost(config: RunConfig, info: DatasetInfo) -> ResourceEstimate:
    """Show how much there is to learn, and what it takes, as the sliders move."""
    network, n_features = config.network, config.preprocess.n_features
    n_classes = len(info.class_names)
    n_parameters = parameter_count(network, n_features, n_classes)
    estimate = estimate_resources(config, info, services.settings())
    size = epoch_size(network, n_features, n_classes, n_train=info.n_images_of("train"))
    earlier, calibration = _past()
    pace = estimate_epoch(earlier, size, calibration)
    st.metric("Parameters to learn", f"{n_parameters:,}")
    epoch = "" if pace is None else f"About {duration(pace.seconds)} an epoch. "
    st.caption(
        f"{data_size(estimate.memory_bytes)} of memory, {data_size(estimate.disk_bytes)} "
        f"of disk space. {epoch}{_about_time(pace, network, n_parameters)}"
    )
    return estimate


def draw_network(config: RunConfig, info: DatasetInfo) -> None:
    """Draw the layers to scale, with the parameters of each."""
    n_features, n_classes = config.preprocess.n_features, len(info.class_names)
    sizes = layer_sizes(config.network, n_features, n_classes)
    n_parameters = sum(size.n_parameters for size in sizes)
    st.vega_lite_chart(
        network_diagram(sizes, n_features), key="layers", alt=describe_network(sizes, n_features)
    )
    share = sizes[0].n_parameters / n_parameters
    st.caption(
        f"The first layer alone holds {share:.1%} of all parameters: a weight for each value "
        "of the picture and each neuron."
    )


def offer_start(config: RunConfig, info: DatasetInfo, estimate: ResourceEstimate) -> None:
    """Show what speaks against starting, and the button."""
    for refusal in estimate.refusals:
        st.warning(plain(refusal), icon=":material/block:")
    _follow_start()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of the network",
            key=keys.RUN_NAME,
            max_chars=100,
            persist_state="session",
            placeholder="Name (optional)",
            label_visibility="collapsed",
            width=200,
        )
        if was_pressed(
            "Start training",
            icon=":material/play_circle:",
            key="start",
            disabled=bool(estimate.refusals),
        ):
            # No callback: it would get the settings of when the button was drawn last, and on a
            # busy server a slider may have moved since.
            guarded(start_from_form)(config, info)
            st.rerun()
    notes = [*estimate.warnings]
    notes += hyperparameter_checks.check_hyperparameters(
        config.network,
        n_features=config.preprocess.n_features,
        n_train=info.n_images_of("train"),
        n_classes=len(info.class_names),
    )
    if notes:
        text = "\n".join(f"- {plain(note)}" for note in notes[:_MAX_NOTES])
        st.info(text, icon=":material/lightbulb:")


def _follow_start() -> None:
    """Clear the name that a run was just started under, and say if it got none."""
    notice = st.session_state.pop(keys.START_NOTICE, None)
    if notice is not None:
        st.session_state[keys.RUN_NAME] = ""
    if notice:
        st.toast(notice, icon=":material/info:")


@st.cache_data(ttl=_PAST_SECONDS, max_entries=1, show_spinner=False)
def _past() -> tuple[list[PastRun], Calibration | None]:
    """Read how long earlier runs took, and what this computer was timed at."""
    calibration = read_calibration(services.settings())
    since = 0.0 if calibration is None else calibration.since
    return services.registry().past_runs(since=since), calibration


def _about_time(pace: EpochEstimate | None, network: NetworkConfig, n_parameters: int) -> str:
    """Say how long it takes in all, and how that is known."""
    if pace is None:
        return "How long it takes is known once a network was trained on this computer."
    total = estimate_total(pace, network.epochs, _past()[0], n_parameters=n_parameters)
    between = f"{duration(total.low)} to {duration(total.high)}"
    most = ", or less if it stops early" if network.early_stopping_patience else ""
    runs = "one earlier training" if pace.n_runs == 1 else f"{pace.n_runs} earlier trainings"
    span = duration(pace.smallest)
    if duration(pace.largest) != span:
        span += f" to {duration(pace.largest)}"
    far = "" if pace.within else "; this one is unlike them, so it may be far off"
    besides = (
        "not counting the start"
        if total.besides is None
        else f"of which {about(total.besides)} to start and to test the network"
    )
    judges = f"{runs} on this computer with {span} an epoch{far}"
    if not pace.n_runs:
        judges = "batches that were timed on this computer"
    in_all = f"It will take {about(total.seconds)} in all ({between}){most}"
    return f"{in_all}, {besides}, judged by {judges}."
