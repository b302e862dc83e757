"""What an image size costs: weights of the first layer, memory for all images."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import DatasetInfo
from ann_core.files import data_size
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.size_cost import SizeCost, compare_sizes, size_cost
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.sliders import SteppedSlider

_UNITS = SteppedSlider(
    keys.FIRST_LAYER_UNITS,
    "Neurons in the first layer",
    (32, 64, 128, 256, 512, 1024, 2048, 4096, 8192),
    (1, 8192),
    2048,
    "The article's network has 2,048.",
)
_SIDES = (32, 64, 96, 128, 224)


@st.fragment
def show_size_cost(config: PreprocessConfig, info: DatasetInfo | None) -> None:
    """Show what the chosen size costs before anything is learned, and what others would."""
    with st.container(width=480):
        units = int(_UNITS.choose())
    n_images = info.n_images if info else 0
    cost = size_cost(config, units=units, n_images=n_images)
    st.markdown(_first_layer(cost, units), width=MEASURE)
    with st.container(horizontal=True, gap="large"):
        st.metric("Weights of the first layer", f"{cost.n_weights:,}", width="content")
        st.metric("Memory for the weights", _size(cost.weight_bytes), width="content")
        if info:
            st.metric("All pictures as float64", _size(cost.table_bytes), width="content")
            st.metric("As stored here", _size(cost.stored_bytes), width="content")
    others = compare_sizes(config, _SIDES, units=units, n_images=n_images)
    with st.expander("What other sizes cost", icon=":material/table:", key="other_sizes"):
        st.markdown(_table(others, config, with_images=info is not None))
    if info:
        st.caption(
            f"All pictures: the {n_images:,} of this data set. The article's table keeps every "
            "value as a float64 of 8 bytes, all in memory at once; Flatland keeps the byte that it "
            "came from, on disk, and the network scales it."
        )


def _first_layer(cost: SizeCost, units: int) -> str:
    return (
        f"Every one of the {cost.n_features:,} values has a weight of its own to each of the "
        f"{units:,} neurons: {cost.n_features:,} × {units:,} = **{cost.n_weights:,}** weights, "
        "with 4 bytes each. While it learns with Adam, each needs three more numbers: its slope "
        "and two running means."
    )


def _table(
    others: list[tuple[PreprocessConfig, SizeCost]], config: PreprocessConfig, *, with_images: bool
) -> str:
    """Lay the costs of several sizes under each other, the chosen one in bold."""
    head = ["picture", "values", "weights", *(["float64"] if with_images else [])]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    for one, cost in others:
        height, width = one.image_size
        colours = "gray" if one.mode == "gray" else "colour"
        cells = [f"{height} × {width} {colours}", f"{cost.n_features:,}", f"{cost.n_weights:,}"]
        cells += [_size(cost.table_bytes)] if with_images else []
        chosen = (one.image_size, one.mode) == (config.image_size, config.mode)
        lines.append([f"**{cell}**" for cell in cells] if chosen else cells)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _size(n_bytes: int) -> str:
    if n_bytes >= 1e9:
        return f"{n_bytes / 1e9:,.2f} GB"
    return data_size(n_bytes, digits=1)
