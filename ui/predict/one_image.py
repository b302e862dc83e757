"""One picture, one or two networks: what they say, and a closer look at why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.imaging.stages import Step, steps
from ann_core.prediction.classifier import Classifier, Prediction
from ann_core.runs.run import Run
from ui.base.errors import guard
from ui.base.image_source import Chosen, picture_source
from ui.base.text import plain, run_title
from ui.components.stages import show_steps
from ui.predict.nearest_images import show_nearest
from ui.predict.perturbation import show_what_if
from ui.predict.prediction import show_doubts, show_prediction
from ui.predict.test_image import unseen_picture
from ui.runs.models import open_classifier
from ui.runs.standardizer import run_standardiser

TABS = "closer"  # in the address


def show_one(run: Run, second: Run | None) -> None:
    """Ask one network, or two, about one picture.

    The bars are drawn before anything else is computed.

    Raises
    ------
    RunError
        If the files of a network are gone or damaged.
    """
    classifier = open_classifier(run)
    chosen = None
    left, right = st.columns([2, 3], gap="large")
    with left, guard():
        chosen = picture_source("predict", {"Test set": lambda: unseen_picture(run)})
    if chosen is None:
        return
    with right:
        prediction = _answers(run, classifier, second, chosen)
        doubts = st.container()
    original, *later = steps(chosen.image, classifier.preprocess, run_standardiser(run))
    with left:
        show_steps([original])
    features = next(step.values for step in later if step.name == "flattened")
    _closer(run, prediction, original, later)
    with doubts, guard():
        show_doubts(run, prediction, features)


def _answers(run: Run, classifier: Classifier, second: Run | None, chosen: Chosen) -> Prediction:
    """Show what the networks say, beside each other if there are two."""
    prediction = classifier.predict(chosen.image)
    if second is None:
        show_prediction(prediction)
        return prediction
    for column, network, key in zip(
        st.columns(2), (run, second), ("probabilities", "second_probabilities"), strict=True
    ):
        with column, guard():
            st.markdown(f"**{plain(run_title(network))}**")
            told = prediction if network is run else open_classifier(second).predict(chosen.image)
            show_prediction(told, key=key)
    return prediction


@st.fragment
def _closer(run: Run, prediction: Prediction, original: Step, later: list[Step]) -> None:
    """Show what was given, what other pictures are near it, and what if it were different."""
    small = next(step.values for step in later if step.name == "resized")
    picture = small if small.ndim == 3 else small[:, :, None]
    parts: dict[str, Callable[[], None]] = {
        "What it was given": lambda: show_steps(later, original=original),
        "What if": lambda: show_what_if(run, prediction, picture),
        "Nearest training pictures": lambda: show_nearest(run, prediction, picture),
    }
    st.header("A closer look", anchor=False)
    tabs = st.tabs(list(parts), key=TABS, on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                show()
