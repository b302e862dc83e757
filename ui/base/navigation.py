"""The pages and their addresses.

A file's name must differ from its page's address: on a fresh server, Streamlit
would run a file of ``pages/`` by itself, without the frame around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.base.text import link_to

HOME, EXPLORE, PREPROCESS, TRAIN, EVALUATE, COMPARE, PREDICT, LESSON, EXPERIMENTS = (
    f"pages/{name}.py"
    for name in (
        *("home", "explore", "preprocess", "train", "evaluate", "compare", "predict"),
        *("lesson_steps", "experiment"),
    )
)


@dataclass(frozen=True)
class Entry:
    """A page in the navigation.

    Attributes
    ----------
    title, icon, address, help : str
    lead : str
        What the page before says to lead here.
    """

    title: str
    icon: str
    address: str
    help: str
    lead: str


_OTHERS = {
    EXPLORE: Entry(
        "Explore",
        "photo_library",
        "dataset",
        "Add pictures and look at them, class by class.",
        "See which pictures a network can learn from.",
    ),
    PREPROCESS: Entry(
        "Preprocess",
        "grid_on",
        "pixels",
        "Watch one picture become a row of numbers.",
        "Watch a picture become a row of numbers.",
    ),
    TRAIN: Entry(
        "Train",
        "model_training",
        "training",
        "Choose a network, train it, and watch its curves.",
        "Train a network on such rows.",
    ),
    EVALUATE: Entry(
        "Results",
        "analytics",
        "results",
        "What a network learned, and how much of it could be chance.",
        "See how well it does on new pictures, and where it fails.",
    ),
    PREDICT: Entry(
        "Predict",
        "help_center",
        "prediction",
        "Try a trained network on a picture, and move the picture.",
        "Try it on one picture, move the picture, and see what it predicts then.",
    ),
    COMPARE: Entry(
        "Compare",
        "compare_arrows",
        "comparison",
        "Trained networks beside each other, and beside simple baselines.",
        "Compare it with other networks and with simple rules.",
    ),
    EXPERIMENTS: Entry(
        "Experiments",
        "science",
        "experiments",
        "Claims about flattening, put to the test on your own pictures.",
        "Put what flattening does to the test, on your own pictures.",
    ),
    LESSON: Entry(
        "Lesson",
        "school",
        "lesson",
        "Five steps for a class, in 45 minutes.",
        "Show all this to a class: five steps in 45 minutes.",
    ),
}
"""Every page but Home, in the order of the story: each leads to the next."""


def title_of(path: str) -> str:
    """Name a page as the navigation does."""
    return _OTHERS[path].title if path in _OTHERS else "Home"


def all_pages() -> list[StreamlitPage]:
    """Make the pages anew: each session selects among its own."""
    home = st.Page(HOME, title="Home", icon=":material/home:", default=True)
    others = [
        st.Page(
            path,
            title=entry.title,
            icon=f":material/{entry.icon}:",
            url_path=entry.address,
            help=entry.help,
        )
        for path, entry in _OTHERS.items()
    ]
    return [home, *others]


def lead_on(page: StreamlitPage) -> None:
    """End a page with one step onward: to the page that the story goes on with.

    Home, which leads to all of them, and the last page have none.
    """
    addresses = [entry.address for entry in _OTHERS.values()]
    if page.url_path not in addresses[:-1]:
        return
    path, entry = list(_OTHERS.items())[addresses.index(page.url_path) + 1]
    with st.container(horizontal=True, vertical_alignment="center", key="lead_on"):
        st.markdown(f"**Next:** {entry.lead}", width="content")
        link_to(path, entry.title)
