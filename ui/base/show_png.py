"""Images of pixels on a page, exact to the last one."""

from __future__ import annotations

import base64

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def show_png(png: bytes, *, width: int, alt: str, into: DeltaGenerator | None = None) -> None:
    """Show a PNG as it is, `width` pixels wide or as wide as there is room.

    It travels inside the message. Streamlit would send an address instead, resample an
    image that is wider than its place, and have forgotten it when the browser asks for
    it if a slider has moved on.

    Parameters
    ----------
    into : DeltaGenerator, optional
        A container or a column that shows it, if not the one that is open.
    """
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    (into or st).image(address, output_format="PNG", width=width, alt=alt)
