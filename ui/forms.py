"""Widgets that become configs. Bounds come from the configs themselves."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.network import PRESETS, NetworkConfig
from ann_core.preprocessing import MAX_SIDE, MIN_SIDE, PreprocessConfig
from ann_core.runs.run import RunConfig

WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)
LEARNING_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1)
MAX_SLIDER_LAYERS = 6
MAX_SLIDER_EPOCHS = 200

_PRESET_NAMES = {"small": "Small", "article": "The article's", "linear": "Linear"}
_RESIZE_NAMES = {"squash": "Squash", "crop": "Crop", "pad": "Pad"}


def run_form(info: DatasetInfo) -> RunConfig:
    """Ask for all that decides a run on these pictures.

    Raises
    ------
    ConfigError
        If a value is outside its bounds.
    """
    network = network_form()
    with st.expander("Pictures", icon=":material/grid_on:", key="pictures"):
        preprocess = preprocess_form()
    return RunConfig(
        dataset=info.name, fingerprint=info.fingerprint, preprocess=preprocess, network=network
    )


def preprocess_form() -> PreprocessConfig:
    """Ask how pictures become numbers; the same answers on every page and in the address.

    Raises
    ------
    ConfigError
        If the address holds values that no slider gives.
    """
    size = st.slider(
        "Picture size (pixels a side)", MIN_SIDE, MAX_SIDE, 96, 8, key="size", bind="query-params"
    )
    mode = st.segmented_control(
        "Colours",
        ["gray", "rgb"],
        default="gray",
        format_func=lambda m: "Gray" if m == "gray" else "Colour",
        required=True,
        key="mode",
        bind="query-params",
    )
    resize = st.segmented_control(
        "If the picture is not square",
        list(_RESIZE_NAMES),
        default="squash",
        format_func=_RESIZE_NAMES.__getitem__,
        required=True,
        key="resize",
        bind="query-params",
    )
    return PreprocessConfig.parse({"image_size": (size, size), "mode": mode, "resize": resize})


def network_form() -> NetworkConfig:
    """Ask for the network and how it learns.

    Raises
    ------
    ConfigError
        If a value is outside its bounds.
    """
    _start_with("small")
    st.segmented_control(
        "Start from",
        list(PRESETS),
        format_func=_PRESET_NAMES.__getitem__,
        key="preset",
        on_change=_apply_preset,
        persist_state="session",
        help="Small: for a first minute. The article's: 2048-1024-1024-128, 100 epochs. "
        "Linear: no hidden layer.",
    )
    n_layers = st.slider(
        "Hidden layers",
        0,
        MAX_SLIDER_LAYERS,
        key="n_layers",
        on_change=_leave_preset,
        persist_state="session",
    )
    values: dict[str, Any] = {}
    with st.grid(2, min_column_width=130, gap="small"):
        values["hidden_units"] = tuple(_width_slider(n) for n in range(1, n_layers + 1))
    with st.grid(2, min_column_width=130, gap="small"):
        values["epochs"] = st.slider(
            "Epochs",
            1,
            MAX_SLIDER_EPOCHS,
            key="epochs",
            on_change=_leave_preset,
            persist_state="session",
            help="Walks through all training pictures.",
        )
        values["batch_size"] = st.select_slider(
            "Batch size",
            BATCH_SIZES,
            key="batch_size",
            on_change=_leave_preset,
            persist_state="session",
            help="Pictures that are looked at before each step.",
        )
        values["learning_rate"] = st.select_slider(
            "Learning rate",
            LEARNING_RATES,
            format_func=lambda r: f"{r:g}",
            key="learning_rate",
            on_change=_leave_preset,
            persist_state="session",
            help="Length of a step.",
        )
        values["dropout_rate"] = st.slider(
            "Dropout",
            *NetworkConfig.bounds("dropout_rate"),
            step=0.05,
            key="dropout_rate",
            on_change=_leave_preset,
            persist_state="session",
            help="Share of each hidden layer's outputs that is silenced at random while learning.",
        )
    with st.expander("More", icon=":material/tune:", key="more"):
        values["early_stopping_patience"] = st.slider(
            "Stop after so many epochs without progress (0: never)",
            0,
            50,
            key="early_stopping_patience",
            on_change=_leave_preset,
            persist_state="session",
            help="Progress is a lower validation loss. The weights of the best epoch are kept.",
        )
        values["seed"] = st.number_input(
            "Seed",
            *NetworkConfig.bounds("seed"),
            key="seed",
            on_change=_leave_preset,
            persist_state="session",
            help="First weights and the order of pictures follow from it.",
        )
    return NetworkConfig.parse(values)


def _width_slider(number: int) -> int:
    key = f"width_{number}"
    if key not in st.session_state:
        st.session_state[key] = 64
    width: int = st.select_slider(
        f"Nodes in layer {number}",
        WIDTHS,
        key=key,
        on_change=_leave_preset,
        persist_state="session",
    )
    return width


def _start_with(preset: str) -> None:
    """Fill the form once a session."""
    if "preset" not in st.session_state:
        st.session_state["preset"] = preset
        _apply_preset()


def _leave_preset() -> None:
    """Say that the sliders no longer show a preset."""
    st.session_state["preset"] = None


def _apply_preset() -> None:
    preset = st.session_state.get("preset")
    if preset not in PRESETS:
        return
    config = PRESETS[preset]
    st.session_state["n_layers"] = len(config.hidden_units)
    for number, units in enumerate(config.hidden_units, start=1):
        st.session_state[f"width_{number}"] = units
    for name in ("epochs", "batch_size", "learning_rate", "dropout_rate", "seed"):
        st.session_state[name] = getattr(config, name)
    st.session_state["early_stopping_patience"] = config.early_stopping_patience
