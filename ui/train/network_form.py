"""The controls of a network: presets, layers, how it learns, and what experts turn."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ann_core.training.network_config import (
    MAX_LAYERS,
    MAX_UNITS,
    PRESETS,
    NetworkConfig,
    learning_rate_at,
)
from ui.base import keys
from ui.base.choices import SetChoice, set_choice
from ui.base.folds import fold
from ui.base.sliders import SteppedSlider, choose_one

DEFAULT = PRESETS["small"]

_PRESET_NAMES = {"small": "Small", "article": "Article's network", "linear": "Linear"}
_ABOUT = {
    "small": "Two small hidden layers: quick, good for a start.",
    "article": "The one of the article this app follows: four large layers, 100 epochs. It takes "
    "an hour or more on many photographs.",
    "linear": "No hidden layer: each pixel speaks for a class or against it.",
}
_WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192)
_NEW_WIDTH = 64


def _slider(field: str, label: str, steps: tuple[float, ...], *, help: str) -> SteppedSlider:
    bounds = NetworkConfig.bounds(field)
    return SteppedSlider(field, label, steps, bounds, getattr(DEFAULT, field), help)


_LEARNING = (
    _slider(
        "epochs",
        "Epochs",
        (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000),
        help="How many times the network goes through all training pictures.",
    ),
    _slider(
        "batch_size",
        "Batch size",
        (8, 16, 32, 64, 128, 256, 512, 1024),
        help="How many pictures it looks at before each step. Small batches make many rough steps, "
        "large ones few steady steps.",
    ),
    _slider(
        "learning_rate",
        "Learning rate",
        (1e-5, 3e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1),
        help="How long a step is. Too short, and it hardly learns; too long, and it steps over the "
        "valley that it is looking for.",
    ),
    _slider(
        "dropout_rate",
        "Dropout",
        tuple(share / 20 for share in range(19)),
        help="Share of each hidden layer's outputs that is silenced at random while learning, so "
        "that no neuron can rely on another. A remedy against learning by heart.",
    ),
)
_STOPPING = _slider(
    "early_stopping_patience",
    "Stop after so many epochs without progress (0: never)",
    (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50),
    help="Progress is a lower validation loss.",
)
_L2 = _slider(
    "l2",
    "L2 (keeps weights small)",
    (0.0, 1e-6, 1e-5, 1e-4, 3e-4, 0.001, 0.003, 0.01, 0.03, 0.1),
    help="Adds this times the sum of all squared weights to the loss: large weights must pay for "
    "themselves. A remedy against learning by heart.",
)
_CHOICES = {
    "activation": (
        "Activation",
        "What a hidden neuron makes of its sum. relu lets positive sums pass and turns all others "
        "into 0; elu and gelu are its smooth relatives; tanh and sigmoid squeeze every sum into "
        "-1..1 and 0..1, and learn slowly in deep networks.",
    ),
    "optimizer": (
        "Optimizer",
        "How the slope of the loss becomes a step. sgd walks straight downhill; rmsprop and adam "
        "give every weight a step length of its own, and adam keeps some of its momentum.",
    ),
    "schedule": (
        "Learning rate over time",
        "constant: every step alike. cosine: slowly at first, then faster, nearly to 0 in the "
        "last epoch. exponential: by the same factor each epoch, to a hundredth in the last.",
    ),
    "keep": (
        "Keep the weights of which epoch",
        "best: the epoch with the lowest validation loss, before it learned by heart. last: the "
        "one it ends with, as in the article.",
    ),
    "precision": (
        "Precision",
        "In which numbers it computes while it learns. bfloat16 keeps fewer digits than float32 "
        "and is quicker on processors made for it; auto takes it only there.",
    ),
}


def network_form() -> tuple[NetworkConfig, DeltaGenerator]:
    """Ask for the network and how it learns.

    Returns
    -------
    network : NetworkConfig
    drawing : container
        Above the sliders of the layers, for a drawing that follows them.

    Raises
    ------
    ConfigError
        If a value is outside its bounds.
    """
    presets = st.container()  # which one it is shows when all values are known
    with fold("Change the network", keys.CHANGE_NETWORK):
        drawing = st.container()
        values: dict[str, Any] = {"hidden_units": _layers()}
        with st.grid(2, min_column_width=130, gap="small"):
            values |= {slider.key: slider.choose() for slider in _LEARNING}
        with st.expander("For experts", icon=":material/tune:", key="more"):
            values |= _expert_form()
            network = NetworkConfig.parse(values)
            if network.schedule != "constant":
                st.caption(_rates(network))
    with presets:
        _choose_preset(network)
    return network, drawing


def fill_network_form(network: NetworkConfig) -> None:
    """Put a network's settings into the form; for callbacks."""
    st.session_state[keys.N_LAYERS] = len(network.hidden_units)
    for number, units in enumerate(network.hidden_units, start=1):
        st.session_state[keys.layer_width(number)] = units
    for field in NetworkConfig.model_fields:
        if field not in {"hidden_units", "kind"}:
            st.session_state[field] = getattr(network, field)


def _layers() -> tuple[int, ...]:
    """Ask for the hidden layers, from the first to the last."""
    n_layers = st.slider(
        "Hidden layers",
        0,
        MAX_LAYERS,
        len(DEFAULT.hidden_units),
        key=keys.N_LAYERS,
        bind="query-params",
    )
    sliders = [_width_slider(number) for number in range(1, MAX_LAYERS + 1)]
    for slider in sliders:
        slider.remember()
    with st.grid(2, min_column_width=130, gap="small"):
        return tuple(int(slider.choose()) for slider in sliders[:n_layers])


def _width_slider(number: int) -> SteppedSlider:
    usual = dict(enumerate(DEFAULT.hidden_units, start=1)).get(number, _NEW_WIDTH)
    return SteppedSlider(
        keys.layer_width(number), f"Neurons in layer {number}", _WIDTHS, (1, MAX_UNITS), usual
    )


def _expert_form() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field, (label, explanation) in _CHOICES.items():
        names = get_args(NetworkConfig.model_fields[field].annotation)
        usual = getattr(DEFAULT, field)
        values[field] = choose_one(label, names, key=field, default=usual, help=explanation)
    values["batch_normalization"] = st.toggle(
        "Batch normalisation",
        DEFAULT.batch_normalization,
        key=keys.BATCH_NORMALIZATION,
        help="Brings each hidden neuron's sums to mean 0 and spread 1 over the batch, before the "
        "activation. Deep networks learn faster; tiny batches make it rough.",
        bind="query-params",
    )
    values |= {slider.key: slider.choose() for slider in (_L2, _STOPPING)}
    values["seed"] = st.number_input(
        "Seed",
        *NetworkConfig.bounds("seed"),
        DEFAULT.seed,
        key=keys.SEED,
        help="First weights, dropout and the order of pictures follow from it: the same seed, the "
        "same network. Another seed shows how much of a result was chance.",
        bind="query-params",
    )
    return values


def _rates(network: NetworkConfig) -> str:
    """Say how the learning rate falls."""
    epochs = sorted({1, (network.epochs + 1) // 2, network.epochs})
    rates = [f"{learning_rate_at(network, epoch):.2g} in epoch {epoch}" for epoch in epochs]
    return f"Learning rate: {', '.join(rates)}."


def _choose_preset(network: NetworkConfig) -> None:
    """Offer the presets; chosen is the one whose settings the form shows."""
    shown = next((name for name, preset in PRESETS.items() if preset == network), None)
    choice = set_choice(keys.PRESET, shown, PRESETS)
    st.segmented_control(
        "Start from",
        list(PRESETS),
        format_func=_PRESET_NAMES.__getitem__,
        key=choice.key,
        on_change=_apply_preset,
        args=(choice,),
    )
    st.caption("Your own: none of the three." if shown is None else _ABOUT[shown])


def _apply_preset(choice: SetChoice) -> None:
    if choice.value and choice.was_made():
        fill_network_form(PRESETS[choice.value])
