"""Images that explain, made by the very code they explain."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.sources.cartoons import CartoonConfig, draw_cartoon
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.stages import Stage, stages


@st.cache_data(max_entries=1)
def example_stages() -> list[Stage]:
    """Lead one cartoon cat through the steps to its 9,216 numbers."""
    cat = draw_cartoon("cat", CartoonConfig(image_size=256, noise=0.0), index=3)
    return stages(cat, PreprocessConfig())[:-1]
