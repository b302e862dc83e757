"""One node of the first layer in full: its weights, large, with their scale."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.evaluation.first_layer import FirstLayer
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.plots.heat_maps import colour_bar, diverging_colours
from ann_core.plots.images import fit_png, to_png
from ann_core.plots.weight_images import weight_images, weight_maps
from ui.base import keys
from ui.base.show_png import show_png
from ui.base.text import plain, short
from ui.components.paged_images import PagedImages

SIDE = 288  # of an image, in pixels of the page
UNITS = PagedImages(keys.UNIT_PAGE, keys.UNIT_OPEN, keys.UNIT_VIEW, keys.UNIT_SHEET, noun="neuron")


def unit_text(layer: FirstLayer, index: int, names: tuple[str, ...] | None) -> str:
    """Say how strong and how smooth a node is; `names` are those of the classes it stands for."""
    called = f"{short(names[layer.units[index]])}, " if names else ""
    smooth = f"{layer.smoothness[index]:.2f}".replace("-0.00", "0.00").replace("-", "−")
    return f"{called}norm {layer.norms[index]:.2f}, smoothness {smooth}"


def show_unit(
    layer: FirstLayer,
    number: int | None,
    *,
    preprocess: PreprocessConfig,
    names: tuple[str, ...] | None,
) -> None:
    """Show one node large; of a colour network, a map for each channel as well."""
    index = np.flatnonzero(layer.units == (number or 0) - 1)
    with UNITS.view(border=len(index) > 0):
        if number is None:
            return
        if not len(index):
            st.caption(
                f"Of {layer.n_units:,} neurons, an even sample was kept; not neuron {number:,}."
            )
            return
        at = int(index[0])
        UNITS.show_heading(
            f"**Neuron {number:,}**: {plain(unit_text(layer, at, names))}", close_key="node_close"
        )
        with st.container(horizontal=True, gap="medium"):
            for title, values in _large(layer, at, preprocess).items():
                with st.container(width=SIDE, gap="xsmall"):
                    png, width = fit_png(values, side=SIDE)
                    show_png(png, width=width, alt=f"Weights of neuron {number}, {title}")
                    st.caption(title)
        _show_scale(127 * float(layer.scales[at]))


def _large(layer: FirstLayer, index: int, preprocess: PreprocessConfig) -> dict[str, np.ndarray]:
    maps = weight_maps(layer, index, preprocess)
    if len(maps) == 1:
        return {"weight of each pixel": maps[0]}
    [whole], _ = weight_images(layer, np.array([index]), preprocess)
    channels = dict(zip(("weights of red", "of green", "of blue"), maps, strict=True))
    return {"all three as a colour, gray is zero": whole} | channels


def _show_scale(most: float) -> None:
    png = to_png(colour_bar(diverging_colours(), width=SIDE))
    alt = f"Scale of the colours, from −{most:.3f} to {most:.3f}"
    show_png(png, width=SIDE, alt=alt)
    with st.container(horizontal=True, horizontal_alignment="distribute", width=SIDE):
        for end in (f"−{most:.3f}", "0", f"{most:.3f}"):
            st.caption(end, width="content")
