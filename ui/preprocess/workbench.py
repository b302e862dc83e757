"""The Preprocess page below the choice of an image: settings, steps, and a closer look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.preprocessing import MAX_BITS, PreprocessConfig, to_mode
from ann_core.imaging.stages import Stage, StageOutline, greatest_difference, invert, later_stages
from ann_core.plots.images import enlargement, to_png
from ui.base import keys, navigation
from ui.base.errors import guard
from ui.base.image_source import Chosen
from ui.base.page import MEASURE
from ui.base.show_png import show_png
from ui.base.text import link_to
from ui.components.stages import Drawing, show_stages, sketch
from ui.preprocess.adjacency import show_neighbours
from ui.preprocess.flattened import show_flattened
from ui.preprocess.preprocess_form import preprocess_form
from ui.preprocess.row_strip import show_row_strip
from ui.preprocess.size_cost import show_size_cost
from ui.runs.standardizer import explain_missing, find_standardiser

_SIDE = 252  # of the images in Back again


@dataclass(frozen=True)
class Start:
    """What no control changes: an image and its gray version, both as PNG and as outlines."""

    chosen: Chosen
    outlines: tuple[StageOutline, StageOutline]
    drawn: dict[str, Drawing]


def prepare(chosen: Chosen, bits_used: int = MAX_BITS) -> Start:
    """Do once for an image what a move of a slider need not do again."""
    image = chosen.open(bits_used)
    gray = to_mode(image, "gray")
    (original, grayed), drawn = sketch(
        [Stage("original", np.asarray(image)), Stage("gray", np.asarray(gray))]
    )
    return Start(chosen, (original, grayed), drawn)


@st.fragment
def workbench(start: Start | None, dataset: Dataset | None) -> PreprocessConfig | None:
    """Show settings, steps, and the row from all sides; a move of a control runs only this.

    Returns
    -------
    PreprocessConfig or None
        What the form says; None if it cannot be used.
    """
    config = None
    with guard():
        config = preprocess_form(dataset.info.bits_used if dataset else MAX_BITS)
        if start is not None:
            if config.bits_used != MAX_BITS:
                start = prepare(start.chosen, config.bits_used)
            _show(start, config, dataset)
    if start is None:
        st.info("Add a picture, and its steps appear here.", icon=":material/image:")
    return config


def _show(start: Start, config: PreprocessConfig, dataset: Dataset | None) -> None:
    standardiser = find_standardiser(config, dataset)
    if config.scaling == "standard" and standardiser is None:
        explain_missing(dataset)
        config = config.model_copy(update={"scaling": "unit"})
    original, gray = start.outlines
    before = [original, gray] if config.mode == "gray" else [original]
    later = later_stages(start.chosen.open(config.bits_used), config, standardiser)
    show_stages([*before, *later], original=original, drawn=start.drawn)
    resized, flat, scaled = later
    show_row_strip(flat, config)
    with st.expander("Details", key="row_details"):
        st.caption(
            f"Fingerprint of the row: `{vector_fingerprint(flat.values)}`. The command line, the "
            "worker and the Predict page print the same for the same picture and settings."
        )
    link_to(navigation.TRAIN, "Use these for training", icon=":material/model_training:")
    _show_open(
        {
            "Flattened": lambda: show_flattened(
                flat, scaled, config, class_name=start.chosen.class_name
            ),
            "Where did the neighbours go?": lambda: show_neighbours(resized, flat, config),
            "Back again": lambda: _show_inverted(
                resized, scaled, invert(scaled.values, config, standardiser)
            ),
            "What it costs": lambda: show_size_cost(config, dataset.info if dataset else None),
        }
    )


def _show_open(looks: Mapping[str, Callable[[], None]]) -> None:
    """Offer several looks at the row, and draw the open one only."""
    tabs = st.tabs(list(looks), key=keys.PREPROCESS_TAB, bind="query-params")
    for tab, show in zip(tabs, looks.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _show_inverted(resized: Stage, scaled: Stage, image: np.ndarray) -> None:
    """Show what becomes of the row when it is turned into an image again."""
    difference = greatest_difference(image, resized.values)
    height, width = image.shape[:2]
    st.markdown(
        f"The row of {scaled.n_values:,} scaled numbers, turned into bytes and broken into "
        f"{height} lines of {width} pixels. Greatest difference to what went in: "
        f"**{difference}** of 255.",
        width=MEASURE,
    )
    with st.container(horizontal=True, gap="large"):
        for title, values in (("What went in", resized.values), ("What came back", image)):
            factor = enlargement(values, side=_SIDE)
            with st.container(width=_SIDE):
                st.markdown(f"**{title}**")
                show_png(
                    to_png(values, factor=2 * factor),
                    width=factor * width,
                    alt=f"{title}: {height} × {width} pixels",
                )
    st.caption(
        "Flattening keeps every number but drops the width. We know the width and can rebuild "
        "the picture; the network was never given it."
    )
