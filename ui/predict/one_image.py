"""One image, one or two networks: what they say, and a closer look at why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st
from PIL import Image

from ann_core.imaging.stages import Stage, StageOutline, stages
from ann_core.plots.images import fill_png, to_png
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.buttons import forget_press
from ui.base.datasets import explain_hidden, may_see_images_of
from ui.base.errors import guard
from ui.base.image_source import image_source
from ui.base.kept_files import has_unsaved
from ui.base.owners import answered
from ui.base.page import LARGE, SQUARES
from ui.base.show_png import show_png
from ui.base.text import plain, run_title
from ui.components.stages import Drawing, show_stages, sketch
from ui.predict.layers import show_layers
from ui.predict.nearest_images import show_nearest
from ui.predict.perturbation import show_what_if
from ui.predict.prediction import show_ood_warnings, show_prediction
from ui.predict.test_image import unseen_image
from ui.runs.models import open_classifier
from ui.runs.standardizer import run_standardiser

SIDE = 384  # of the image, in pixels of the page: 3 for each of the 128 of a cartoon


def show_one(run: Run, second: Run | None) -> None:
    """Ask one network, or two, about one image.

    Another image draws this part of the page anew, the bars before anything else is computed.
    """
    unsaved = has_unsaved()

    @st.fragment
    def part() -> None:
        if has_unsaved() != unsaved:
            st.rerun()  # the page as a whole tells the browser to ask before leaving
        with guard():
            _show_one(run, second)
        forget_press()  # of a button that another source stands in place of

    part()


def _show_one(run: Run, second: Run | None) -> None:
    preprocess = open_classifier(run).preprocess
    chosen = None
    with st.container(horizontal=True, vertical_alignment="bottom", key="asked"), guard():
        shared = may_see_images_of(run)
        if not shared and not answered():
            return  # it may be their own: what is offered first is what stays chosen
        chosen = image_source("predict", {"Test set": lambda: unseen_image(run)} if shared else {})
        if not shared:
            explain_hidden()
    if chosen is None:
        return
    image = chosen.open(preprocess.bits_used)
    left, right = st.columns([2, 3], gap="large")
    with right:
        prediction = _show_predictions(run, second, image, truth=chosen.class_name)
        warnings = st.container()
    stages_of_image = stages(image, preprocess, run_standardiser(run))
    n_large = [stage.name for stage in stages_of_image].index("resized")
    small = stages_of_image[n_large:]
    original, *between = stages_of_image[:n_large]
    outlines, drawn = sketch(between)
    large = [original.outline, *outlines]
    with left:
        _show_large(original.values)
    _closer(run, prediction, small, large=large, drawn=drawn)
    with warnings, guard():
        show_ood_warnings(run, prediction, _values(small, "flattened"))


def _show_large(values: np.ndarray) -> None:
    """Show the image large, as it came, beside what is predicted for it."""
    factor = SIDE // max(values.shape[:2])
    if factor:  # the browser makes its pixels squares
        png, width, key = to_png(values), factor * values.shape[1], f"{SQUARES}asked"
    else:
        (png, width), key = fill_png(values, side=SIDE), f"{LARGE}asked"
    with st.container(key=key):
        show_png(png, width=width, alt=f"The picture as it came: {values.size:,} values")


def _show_predictions(
    run: Run, second: Run | None, image: Image.Image, *, truth: str | None
) -> Prediction:
    """Show what the networks say, beside each other if there are two; return the first's."""
    prediction = open_classifier(run).predict(image)
    if second is None:
        show_prediction(prediction, truth)
        return prediction
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{plain(run_title(run))}**")
        show_prediction(prediction, truth)
    with right, guard():
        st.markdown(f"**{plain(run_title(second))}**")
        other = open_classifier(second).predict(image)
        show_prediction(other, truth, key="second_probabilities")
    return prediction


def _values(stages_of_image: list[Stage], name: str) -> np.ndarray:
    return next(stage.values for stage in stages_of_image if stage.name == name)


@st.fragment
def _closer(
    run: Run,
    prediction: Prediction,
    small: list[Stage],
    *,
    large: list[StageOutline],
    drawn: dict[str, Drawing],
) -> None:
    """Show what was given, what other images are near it, and what if it were different."""
    original, *gray = large
    image = np.atleast_3d(_values(small, "resized"))
    parts: dict[str, Callable[[], None]] = {
        "What it was given": lambda: show_stages([*gray, *small], original=original, drawn=drawn),
        "Move the picture": lambda: show_what_if(run, prediction, image),
        "Nearest training pictures": lambda: show_nearest(run, prediction, image),
    }
    st.header("A closer look", anchor=False)
    tabs = st.tabs(list(parts), key=keys.PREDICT_TAB, on_change="rerun", bind="query-params")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                show()
    with guard():
        show_layers(run, prediction, small[-1])
