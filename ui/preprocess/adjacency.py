"""Point at a pixel, and see where its neighbours went."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.imaging.adjacency import Neighbour, neighbours
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.stages import Stage
from ann_core.plots.images import enlargement, to_png
from ann_core.plots.pixel_neighbours import COLOURS, close_up, describe_line, line_chart, overview
from ui.base import keys
from ui.base.page import MEASURE, ROW
from ui.base.show_png import show_png

_IMAGE_SIDE, _CLOSE_UP_SIDE = 288, 252  # pixels of the page
_LEGEND = "Orange is the pixel, blue are left and right, green are above and below."


@st.fragment
def show_neighbours(resized: Stage, flat: Stage, config: PreprocessConfig) -> None:
    """Let four neighbours light up, in the image and in the row of numbers."""
    height, width = config.image_size
    with st.container(width=MEASURE), st.grid(2, min_column_width=130, gap="small"):
        row = _choose("Row", keys.PIXEL_ROW, height)
        column = _choose("Column", keys.PIXEL_COLUMN, width)
    pixels = neighbours(config, row, column)
    st.markdown(_distances(pixels, config), width=MEASURE)
    with st.container(horizontal=True, gap="medium", key=f"{ROW}neighbours"):
        factor = enlargement(resized.values, side=_IMAGE_SIDE)
        _show(
            overview(resized.values, pixels, factor=2 * factor),
            f"The picture with the pixel and its {len(pixels) - 1} neighbours lit up",
        )
        _show(
            close_up(resized.values, pixels, side=2 * _CLOSE_UP_SIDE),
            "The pixel and its neighbours, close up",
        )
        _table(pixels, resized)
    st.vega_lite_chart(
        line_chart(flat.values, pixels, n_channels=config.n_channels),
        key="neighbour_line",
        alt=describe_line(pixels),
    )
    st.caption(
        f"The stretch of the row that holds all of them, to scale. {_LEGEND} The network is given "
        "the whole row at once, and no hint which numbers belong together."
    )


def _choose(label: str, key: str, n: int) -> int:
    """Ask for one of `n` lines, counted from 0; a smaller image keeps what it can."""
    before = st.session_state.get(key)
    if isinstance(before, int):
        st.session_state[key] = min(max(0, before), n - 1)
    chosen: int = st.slider(label, 0, n - 1, n // 2, key=key, bind="query-params")
    return chosen


def _distances(pixels: list[Neighbour], config: PreprocessConfig) -> str:
    beside, below = config.n_channels, config.line_length
    text = (
        f"In the picture all of them touch. In the row of numbers, left and right are "
        f"**{beside:,}** away, above and below **{below:,}**."
    )
    missing = set(COLOURS) - {one.direction for one in pixels}
    if missing & {"left", "right"}:
        return f"{text} At this edge, the next number belongs to the other end of another line."
    return f"{text} At the edge one is missing." if missing else text


def _show(image: np.ndarray, alt: str) -> None:
    show_png(to_png(image), width=image.shape[1] // 2, alt=alt)


def _table(pixels: list[Neighbour], resized: Stage) -> None:
    lines = ["| pixel | row, column | place | distance | value |", "|---|---|--:|--:|--:|"]
    for one in pixels:
        value = "\u00a0".join(str(v) for v in np.atleast_1d(resized.values[one.row, one.column]))
        distance = f"{one.distance:+,}" if one.distance else "0"
        lines.append(
            f"| {one.direction} | {one.row}, {one.column} | {one.index:,} | {distance} | {value} |"
        )
    with st.container(width=380):
        st.markdown("\n".join(lines))
