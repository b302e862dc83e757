"""What a network in training makes of some validation images, and its first layer as images."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from ann_core.errors import FlatlandError
from ann_core.evaluation.epoch_look import EpochLook, describe_silent, load_epoch_look
from ann_core.evaluation.first_layer import NOW, load_first_layer
from ann_core.imaging.preprocessing import squeeze_gray
from ann_core.plots.images import fit_png, to_png
from ann_core.plots.weight_images import weight_images
from ann_core.runs.run import Run
from ui.base.datasets import may_see_images_of
from ui.base.text import short
from ui.runs.run_cache import run_inputs_of
from ui.runs.run_files import folder_of

SIDE = 84  # of an image, in pixels of the page
_IMAGES_A_ROW, _WEIGHTS_A_ROW = 4, 6  # on a phone, which makes them smaller
_GRID = "display:grid;gap:8px;grid-template-columns:repeat(auto-fill,min({side}px,{share}))"
_SHARE = "calc((100vw - 40px) / {n_a_row} - 8px)"  # of a phone without its margins
_IMAGE = "width:100%;image-rendering:pixelated;display:block"
_CAPTION = "font-size:0.8rem;line-height:1.3;overflow-wrap:anywhere"


@dataclass(frozen=True)
class _Html:
    """HTML that `st.html` takes as it is; of a text, looking for margins takes 15 ms each time."""

    text: str = ""

    def _repr_html_(self) -> str:
        return self.text


@dataclass(frozen=True)
class _Sheet:
    """What is shown of one epoch."""

    epoch: int
    images: _Html
    weights: _Html
    n_units: int
    silent: str


def show_inside(run: Run) -> None:
    """Show how it stands after the last epoch that was looked at, if there is one."""
    path = folder_of(run).epoch_look
    try:
        changed = path.stat().st_mtime_ns
    except OSError:  # not yet, or not any more
        return
    sheet = _sheet(path.as_posix(), changed, shared=may_see_images_of(run), _run=run)
    if sheet is None:
        return
    st.subheader(f"What it makes of these pictures after epoch {sheet.epoch:,}", anchor=False)
    if sheet.images.text:
        st.html(sheet.images)
        st.caption(
            "The same validation pictures in every epoch, with what it predicts now: ✓ is right, "
            "✗ is wrong."
        )
    if sheet.weights.text:
        st.html(sheet.weights)
        st.caption(
            f"Weights of {sheet.n_units} neurons of the first layer, one picture each: blue is "
            "above zero, orange below. At first they are noise."
        )
    if sheet.silent:
        st.caption(
            sheet.silent,
            help="Such a neuron adds nothing to any of these predictions. If it answers 0 to all "
            "training pictures too, it no longer learns.",
        )


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(path: str, changed: int, *, shared: bool, _run: Run) -> _Sheet | None:
    """Draw it once for all who watch; None if it is gone by now, or not of this network."""
    folder = folder_of(_run)
    try:
        class_names = folder.read_class_names()
        look = load_epoch_look(Path(path), len(class_names))
        images = _images(_run, look, class_names) if shared else _Html()
    except FlatlandError:
        return None
    weights, n_units = _weights(_run)
    return _Sheet(look.epoch, images, weights, n_units, describe_silent(look, _run.config.network))


def _images(run: Run, look: EpochLook, class_names: Sequence[str]) -> _Html:
    inputs = run_inputs_of(run)
    if inputs is None:
        return _Html()
    tiles = []
    for image, label, predicted, probability in zip(
        inputs.images(look.rows),
        look.labels,
        look.predicted,
        look.probabilities.max(axis=1),
        strict=True,
    ):
        mark = "✓" if label == predicted else "✗"
        caption = f"{mark} {short(class_names[predicted])} {probability:.0%}"
        alt = f"A picture of {class_names[label]}, predicted {class_names[predicted]}"
        tiles.append(_tile(fit_png(image, side=SIDE)[0], alt, caption))
    return _grid(tiles, _IMAGES_A_ROW)


def _weights(run: Run) -> tuple[_Html, int]:
    """Draw neurons of the first layer; nothing of a convolution, which has no weight a pixel."""
    preprocess = run.config.preprocess
    path = folder_of(run).first_layer / f"{NOW}.npz"
    try:
        layer = load_first_layer(path, preprocess.n_features)
    except FlatlandError:
        return _Html(), 0
    images, colours = weight_images(layer, np.arange(len(layer.units)), preprocess)
    tiles = [
        _tile(to_png(squeeze_gray(image), colours=colours), f"Weights of neuron {unit + 1}", "")
        for image, unit in zip(images, layer.units, strict=True)
    ]
    return _grid(tiles, _WEIGHTS_A_ROW), len(tiles)


def _tile(png: bytes, alt: str, caption: str) -> str:
    words = f'<figcaption style="{_CAPTION}">{html.escape(caption)}</figcaption>' if caption else ""
    address = f"data:image/png;base64,{b64encode(png).decode()}"
    return (
        f'<figure style="margin:0"><img src="{address}" alt="{html.escape(alt)}" '
        f'style="{_IMAGE}">{words}</figure>'
    )


def _grid(tiles: Sequence[str], n_a_row: int) -> _Html:
    columns = _GRID.format(side=SIDE, share=_SHARE.format(n_a_row=n_a_row))
    return _Html(f'<div style="{columns}">{"".join(tiles)}</div>')
