"""One image, one or two networks: what they say, and a closer look at why."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.imaging.stages import Stage, stages
from ann_core.prediction.classifier import Classifier, Prediction
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.errors import guard
from ui.base.image_source import Chosen, image_source
from ui.base.text import plain, run_title
from ui.components.stages import show_stages
from ui.predict.nearest_images import show_nearest
from ui.predict.perturbation import show_what_if
from ui.predict.prediction import show_ood_warnings, show_prediction
from ui.predict.test_image import unseen_image
from ui.runs.models import open_classifier
from ui.runs.standardizer import run_standardiser


def show_one(run: Run, second: Run | None) -> None:
    """Ask one network, or two, about one image.

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
        chosen = image_source("predict", {"Test set": lambda: unseen_image(run)})
    if chosen is None:
        return
    with right:
        prediction = _predictions(run, classifier, second, chosen)
        warnings = st.container()
    original, *later = stages(chosen.image, classifier.preprocess, run_standardiser(run))
    with left:
        show_stages([original])
    features = next(stage.values for stage in later if stage.name == "flattened")
    _closer(run, prediction, original, later)
    with warnings, guard():
        show_ood_warnings(run, prediction, features)


def _predictions(
    run: Run, classifier: Classifier, second: Run | None, chosen: Chosen
) -> Prediction:
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
def _closer(run: Run, prediction: Prediction, original: Stage, later: list[Stage]) -> None:
    """Show what was given, what other images are near it, and what if it were different."""
    small = next(stage.values for stage in later if stage.name == "resized")
    image = small if small.ndim == 3 else small[:, :, None]
    parts: dict[str, Callable[[], None]] = {
        "What it was given": lambda: show_stages(later, original=original),
        "What if": lambda: show_what_if(run, prediction, image),
        "Nearest training pictures": lambda: show_nearest(run, prediction, image),
    }
    st.header("A closer look", anchor=False)
    tabs = st.tabs(list(parts), key=keys.PREDICT_TAB, on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                show()
