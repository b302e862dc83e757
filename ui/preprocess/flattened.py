"""The row of numbers itself: as a strip, as a table, as a histogram."""

from __future__ import annotations

import streamlit as st

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.stages import Stage
from ann_core.plots.flattened import describe_values, histogram, histogram_png, table_head
from ann_core.plots.strips import odd_width, wrapped
from ui.base import keys
from ui.base.folds import fold
from ui.base.page import MEASURE
from ui.base.show_png import show_png
from ui.base.text import background

WIDEST, TALLEST = 720, 440  # pixels of the page
_NARROWEST = 4  # values in a line
_BAR_HEIGHT = 120  # of the histogram


@st.fragment
def show_flattened(
    flat: Stage, scaled: Stage, config: PreprocessConfig, *, class_name: str | None
) -> None:
    """Let people break the row where they like, and show what pandas would hold."""
    line = config.line_length
    width = _choose_width(line)
    if width == line:
        st.success(
            f"There it is: at {line:,} values in a line, the picture is back.",
            icon=":material/check:",
            width=MEASURE,
        )
    st.markdown(f"{_seen(width, config)} {_channels(config)}", width=MEASURE)
    strip = wrapped(flat.values, width, box=(WIDEST, TALLEST), background=background())
    show_png(
        strip.png,
        width=strip.width,
        alt=f"The whole row of {flat.n_values:,} values in lines of {width:,}",
    )
    with fold("As a table, and how common each gray value is", keys.ROW_FIGURES):
        _show_figures(flat, scaled, class_name)


def _show_figures(flat: Stage, scaled: Stage, class_name: str | None) -> None:
    left, right = st.columns([3, 2], gap="large")
    left.markdown("**As pandas shows it**")
    left.code(table_head(scaled.values, class_name or "unknown"), language=None)
    right.markdown("**How common each gray value is**")
    bars = histogram_png(histogram(flat.values), height=_BAR_HEIGHT, background=background())
    words = describe_values(flat.values)
    show_png(bars, width=256, alt=words, into=right)
    right.caption(words)


def _choose_width(line: int) -> int:
    """Ask where to break the row; every length of line has a slider of its own."""
    widest = min(2 * line, WIDEST)
    key = keys.line_width(line)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        width: int = st.slider(
            "Values in a line",
            max(_NARROWEST, line // 4),
            widest,
            odd_width(line, 3 * line // 4),
            key=key,
            width=480,
            persist_state="page",
        )
        st.button("Show me the width", key="wrap_as_picture", on_click=_set, args=(key, line))
    return width


def _set(key: str, width: int) -> None:
    st.session_state[key] = width


def _seen(width: int, config: PreprocessConfig) -> str:
    """Say why the image is there, or why not."""
    line = config.line_length
    if width == line:
        return "We tried until we saw it. The network is never told the width."
    if width == 2 * line:
        return (
            f"{width:,} is twice {line:,}: two pictures stand side by side, each with every "
            "other line."
        )
    if line % width == 0:
        n = line // width
        return f"{line:,} is {n} times {width:,}: each line of the picture is cut into {n} pieces."
    return (
        f"With {width:,} values in a line, pixels that were above each other no longer are. "
        "Move the slider until the picture comes back."
    )


def _channels(config: PreprocessConfig) -> str:
    if config.mode == "gray":
        return ""
    return (
        f"Red, green and blue of a pixel follow each other, so {config.image_size[1]:,} pixels "
        "across make three times as many values."
    )
