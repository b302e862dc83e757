"""The first layer as images: what each node looks for, from the first epoch to the last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st

from ann_core.evaluation.first_layer import (
    FINAL,
    FirstLayer,
    describe_noise,
    load_first_layer,
    snapshots,
    weight_change,
)
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.images import array_sheet
from ann_core.plots.weight_images import weight_images
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.text import background
from ui.results.unit_view import UNITS, show_unit, unit_text
from ui.runs.run_files import folder_of

_ORDERS: dict[str, Callable[[FirstLayer], np.ndarray]] = {
    "Smoothest first": FirstLayer.smoothest_first,
    "Largest norm first": FirstLayer.largest_norm_first,
    "As in the network": FirstLayer.as_in_network,
}
_NOTICE = (
    "At first every picture is noise, because nothing tells a dense layer "
    "which pixels touch. What is smooth after training was learned from the pictures. "
)
_CHANGED = (
    "Without the noise of the beginning, shapes appear. A smooth blur "
    "is something that many pictures share. A sharp silhouette is one training picture, learned "
    "by heart. One colour all over: the neuron was pushed towards darker or brighter pictures as a "
    "whole, and may be silent ever since."
)
_LINEAR = (
    " This network has no hidden layer: each picture here is a class, and the answer is the one "
    "whose picture the pixels agree with most."
)


_CONVOLUTION = (
    "This network is a convolution, for contrast: its first layer has filters of 3 × 3 pixels that "
    "are carried over the whole picture, so nothing in it has a weight for each pixel that could "
    "be drawn here."
)


def show_first_layer(run: Run, class_names: tuple[str, ...]) -> None:
    """Show the weights of each node at image size, for any saved epoch."""
    if run.config.network.kind == "convolution":
        st.info(_CONVOLUTION)
        return
    paths = snapshots(folder_of(run).first_layer)
    if not paths:
        st.info(
            "The weights of this network were not kept: it was trained by an older Flatland, or "
            "stopped before its first epoch had ended. Train it again to see them."
        )
        return
    linear = not run.config.network.hidden_units
    preprocess = run.config.preprocess
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _choose_snapshot(list(paths))
        by = st.selectbox(
            "Order",
            list(_ORDERS),
            key=keys.UNIT_ORDER,
            bind="query-params",
            width=200,
            on_change=UNITS.to_first_page,
        )
        last = _load(paths[list(paths)[-1]], preprocess)
        opened = UNITS.choose_number(last.n_units, width=180)
    layer = _load(paths[name], preprocess)
    changed = "0" in paths and len(paths) > 1 and _shows_changes()
    if changed:
        layer, last = (_load(paths[at], preprocess, paths["0"]) for at in (name, list(paths)[-1]))
        notice = _CHANGED
    else:
        start = _load(paths["0"], preprocess) if "0" in paths else None
        notice = _NOTICE + describe_noise(last, start)
    names = class_names if linear else None
    show_unit(layer, opened, preprocess=preprocess, names=names)
    # In the order of the last weights: a node keeps its place while the slider moves.
    order = _ORDERS[by or next(iter(_ORDERS))](last)
    _show_page(layer, order, preprocess=preprocess, names=names)
    _explain(layer, preprocess, _moment(name))
    st.markdown(notice + (_LINEAR if linear else ""), width=MEASURE)


def _choose_snapshot(names: list[str]) -> str:
    if len(names) == 1:
        st.caption(f"Only the weights {_moment(names[0])} were kept.")
        return names[0]
    chosen: str = st.select_slider(
        "Weights",
        names,
        value=names[-1],
        format_func=_moment,
        key=keys.SNAPSHOT,
        bind="query-params",
        width=420,
        help="After 0, 1, 2, 4, 8, … epochs, and those that the network has now.",
    )
    return chosen


def _shows_changes() -> bool:
    return st.toggle(
        "Only what training changed",
        key=keys.SHOW_CHANGES,
        bind="query-params",
        help="Subtracts the random weights at the start; what is left was learned.",
    )


def _moment(name: str) -> str:
    if name == FINAL:
        return "after training"
    return "before training" if name == "0" else f"after epoch {name}"


def _show_page(
    layer: FirstLayer,
    order: np.ndarray,
    *,
    preprocess: PreprocessConfig,
    names: tuple[str, ...] | None,
) -> None:
    indices = order[UNITS.choose_page(len(order))]
    columns = min(UNITS.columns, max(4, len(order)))
    images, colours = weight_images(layer, indices, preprocess)
    png, gap = array_sheet(images, columns=columns, background=background(), colours=colours)
    numbers = [int(unit) + 1 for unit in layer.units[indices]]
    UNITS.show_page(
        png,
        {n: unit_text(layer, index, names) for n, index in zip(numbers, indices, strict=True)},
        alt=f"Weights of {len(numbers)} neurons, each as a picture",
        columns=columns,
        gap=gap,
    )


def _explain(layer: FirstLayer, preprocess: PreprocessConfig, moment: str) -> None:
    colours = (
        "Gray is a weight of zero, brighter a positive one, channel by channel"
        if preprocess.n_channels > 1
        else "Where it is blue, bright pixels raise the sum of the neuron; where it is orange, "
        "they lower it; pale is a weight near zero"
    )
    kept = f"{len(layer.units):,} of " if len(layer.units) < layer.n_units else ""
    st.caption(
        f"Weights {moment} of {kept}{layer.n_units:,} neurons; norm {layer.norms.mean():.2f} and "
        f"smoothness {layer.smoothness.mean():.2f} on average. {colours}. Each neuron has its own "
        "scale. The norm is the length of its weights; smoothness is how alike neighbouring "
        "weights are, 0 in noise and 1 at most. Neurons are ordered by their last weights, so each "
        "keeps its place."
    )


def _load(path: Path, preprocess: PreprocessConfig, start: Path | None = None) -> FirstLayer:
    """Read a snapshot, or only how it differs from another; kept for the next move."""
    began = start.as_posix() if start is not None else None
    return _read(path.as_posix(), path.stat().st_mtime_ns, start=began, _preprocess=preprocess)


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(
    path: str, changed: int, *, start: str | None, _preprocess: PreprocessConfig
) -> FirstLayer:
    layer = load_first_layer(Path(path), _preprocess.n_features)
    if start is None:
        return layer
    return weight_change(layer, load_first_layer(Path(start), _preprocess.n_features), _preprocess)
