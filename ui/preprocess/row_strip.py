"""The flattening itself: rows of a picture slide out into one strip across the page."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import streamlit as st

from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.stages import Stage


def _part(ending: str) -> str:
    return Path(__file__).with_suffix(ending).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "flatland_row_strip", html=_part(".html"), css=_part(".css"), js=_part(".js")
)


def show_row_strip(flat: Stage, config: PreprocessConfig) -> None:
    """Show how the rows of a picture become one row; it moves once, unless people want no motion.

    Parameters
    ----------
    flat : Stage
        All values of the picture, as the network gets them.
    """
    height, width = config.image_size
    label = (
        f"The {height} rows of the picture, one after the other in one strip: "
        f"{flat.n_values:,} values"
    )
    about = {"height": height, "width": width, "channels": config.n_channels, "label": label}
    text = json.dumps(about, separators=(",", ":")).encode()
    data = struct.pack("<I", len(text)) + text + flat.values.tobytes()
    _component(data=data, key="row_strip", height="content")
    st.caption(
        f"Flattened: {height} rows of {config.line_length:,} values, one after the other. "
        "The network gets this strip, and nothing else."
    )
