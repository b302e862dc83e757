"""The pages and their addresses.

A file's name must differ from its page's address: on a fresh server, Streamlit
would run a file of ``pages/`` by itself, without the frame around it.
"""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

HOME, EXPLORE, PREPROCESS, TRAIN, EVALUATE, COMPARE, PREDICT = (
    f"pages/{name}.py"
    for name in ("home", "explore", "preprocess", "train", "evaluate", "compare", "predict")
)


def all_pages() -> list[StreamlitPage]:
    """Make the pages anew: each session selects among its own."""
    return [
        st.Page(HOME, title="Home", icon=":material/home:", default=True),
        st.Page(
            EXPLORE,
            title="Explore",
            icon=":material/photo_library:",
            url_path="dataset",
            help="Bring in pictures and look at them, class by class.",
        ),
        st.Page(
            PREPROCESS,
            title="Preprocess",
            icon=":material/grid_on:",
            url_path="pixels",
            help="Watch one picture become a row of numbers.",
        ),
        st.Page(
            TRAIN,
            title="Train",
            icon=":material/model_training:",
            url_path="training",
            help="Choose a network, train it, and watch its curves.",
        ),
        st.Page(
            EVALUATE,
            title="Results",
            icon=":material/analytics:",
            url_path="results",
            help="What a network learned, and how much of it is luck.",
        ),
        st.Page(
            COMPARE,
            title="Compare",
            icon=":material/compare_arrows:",
            url_path="comparison",
            help="Runs beside each other, and beside simple baselines.",
        ),
        st.Page(
            PREDICT,
            title="Predict",
            icon=":material/help_center:",
            url_path="prediction",
            help="Ask a trained network about a picture.",
        ),
    ]
