"""What every layer of a network makes of the image that it is asked about."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.evaluation.layer_values import (
    LayerValues,
    describe_layer,
    describe_strongest,
    layer_values,
)
from ann_core.imaging.stages import Stage
from ann_core.plots.value_strips import value_strips
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.folds import fold
from ui.base.page import MEASURE, ROW
from ui.base.show_png import show_png
from ui.base.text import background, plain, short
from ui.base.turns import SHORT_WORK
from ui.runs.run_files import folder_of

MAX_CLASSES = 4
"""Columns of weights; of more classes, the most probable ones."""


def show_layers(run: Run, prediction: Prediction, scaled: Stage) -> None:
    """Draw the values of all layers as strips, in a fold; nothing is computed while it is closed.

    Parameters
    ----------
    scaled : Stage
        The last one of the image: what the first layer gets, if all that it needs is there.
    """
    panel = fold("Inside the network: every layer's values", keys.LAYER_VALUES)
    if not panel.open:
        return
    with panel:
        if scaled.name == "flattened":
            st.info(
                "This network takes standardised pictures, and what it standardises by is gone "
                "with its data set, so its layers cannot be computed."
            )
            return
        inside = _values(run, scaled.values, run_id=run.id, fingerprint=prediction.fingerprint)
        _show_strips(inside)
        if inside.hidden:
            _show_strongest(inside, prediction.class_names)


def _show_strips(inside: LayerValues) -> None:
    layers = [*inside.hidden, inside.probabilities]
    names = [f"Hidden layer {number}" for number in range(1, len(layers))]
    captions = [describe_layer(values) for values in inside.hidden]
    pngs, widths = value_strips(layers, background=background())
    for name, caption, png, width in zip(
        [*names, "Last layer"], [*captions, "the probabilities"], pngs, widths, strict=True
    ):
        st.caption(f"**{name}**: {caption}.")
        row = st.container(horizontal=True, key=f"{ROW}strip_{name}")  # no phone may shrink it
        show_png(png, width=width, alt=f"{name}: {caption}", into=row.container(width=width))
    st.caption(
        "One place for each neuron, as wide in every layer. Gray answers 0; the stronger the "
        "colour, the larger the value in its own layer, blue above 0 and orange below."
    )


def _show_strongest(inside: LayerValues, class_names: tuple[str, ...]) -> None:
    st.markdown(plain(describe_strongest(inside, class_names)), width=MEASURE)
    strongest = inside.strongest()
    if not len(strongest):
        return
    classes = np.argsort(-inside.probabilities, kind="stable")[:MAX_CLASSES]
    weights = {
        f"weight for {short(class_names[label])}": inside.last_weights[strongest, label]
        for label in classes
    }
    st.dataframe(
        {"neuron": strongest + 1, "value": inside.hidden[-1][strongest]} | weights,
        hide_index=True,
        key="strongest_neurons",
        width="content",
        column_config={
            name: st.column_config.NumberColumn(format="%.3f") for name in ("value", *weights)
        },
        alt="The strongest neurons of the last hidden layer, and their weights",
    )
    st.caption(
        "The last layer multiplies each value by its weights, adds up for each class, and turns "
        "the sums into probabilities."
    )


@st.cache_data(max_entries=32, show_spinner="Computing every layer")
def _values(_run: Run, _scaled: np.ndarray, *, run_id: str, fingerprint: str) -> LayerValues:
    with SHORT_WORK:
        return layer_values(folder_of(_run), _scaled)
