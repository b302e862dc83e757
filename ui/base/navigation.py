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


_OTHERS = {
    EXPLORE: (
        "Explore",
        "photo_library",
        "dataset",
        "Add pictures and look at them, class by class.",
    ),
    PREPROCESS: ("Preprocess", "grid_on", "pixels", "Watch one picture become a row of numbers."),
    TRAIN: (
        "Train",
        "model_training",
        "training",
        "Choose a network, train it, and watch its curves.",
    ),
    EVALUATE: (
        "Results",
        "analytics",
        "results",
        "What a network learned, and how much of it could be chance.",
    ),
    COMPARE: (
        "Compare",
        "compare_arrows",
        "comparison",
        "Trained networks beside each other, and beside simple baselines.",
    ),
    PREDICT: ("Predict", "help_center", "prediction", "Ask a trained network about a picture."),
}
"""Title, icon, address and help of every page but Home."""


def all_pages() -> list[StreamlitPage]:
    """Make the pages anew: each session selects among its own."""
    home = st.Page(HOME, title="Home", icon=":material/home:", default=True)
    others = [
        st.Page(path, title=title, icon=f":material/{icon}:", url_path=address, help=help)
        for path, (title, icon, address, help) in _OTHERS.items()
    ]
    return [home, *others]
