"""What if the image were moved, turned, mirrored, zoomed or brighter? The answer follows."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.imaging.perturbation import Perturbation, max_shift
from ann_core.imaging.smallest_move import SmallestMove, describe_move, smallest_move
from ann_core.plots.images import fit_png
from ann_core.plots.prediction_plots import SMALL_BARS, probabilities_chart
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.errors import guard
from ui.base.folds import fold
from ui.base.page import LARGE, MEASURE
from ui.base.show_png import show_png
from ui.base.text import plain, short
from ui.base.turns import SHORT_WORK
from ui.predict.occlusion import show_maps
from ui.runs.models import open_classifier, open_for_batch

SIDE = 320  # of the image, in pixels of the page
_STEPS = {"Left": (-1, 0), "Up": (0, -1), "Down": (0, 1), "Right": (1, 0)}
_ICONS = {"Left": "back", "Up": "upward", "Down": "downward", "Right": "forward"}


def show_what_if(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Let people change the network's own image, and show the answer to each change.

    Parameters
    ----------
    prediction : Prediction
        The answer to the image as it is.
    image : uint8 array, shape (height, width, n_channels)
        At the size that the network takes.
    """
    st.markdown(
        "Change the small picture that the network gets. Parts moved out of the frame are lost; "
        "the gap is filled with the average colour of the edge.",
        width=MEASURE,
    )
    _play(run, prediction, image)
    notice = st.container()  # filled last: the controls and maps do not wait for it
    show_maps(run, prediction, image)
    with notice, guard():
        _notice_smallest_move(run, prediction, image)


def _notice_smallest_move(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Say by how little this image must move for this network to change its answer."""
    move = _smallest_move(run, image, run_id=run.id, fingerprint=prediction.fingerprint)
    names = tuple(plain(short(name)) for name in prediction.class_names)
    st.markdown(describe_move(move, names), width=MEASURE)


@st.cache_data(max_entries=256, show_spinner="Looking for the smallest move that changes it")
def _smallest_move(_run: Run, _image: np.ndarray, *, run_id: str, fingerprint: str) -> SmallestMove:
    with SHORT_WORK, open_for_batch(_run) as classifier:
        return smallest_move(_image, classifier.predict_features)


@st.fragment
def _play(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Follow the controls; the maps below do not wait for this."""
    # On a phone the first column stands above: the image, and below it what moves it.
    left, right = st.columns([1, 1], gap="large")
    with guard():
        with right:
            change = _controls(*image.shape[:2])
        with left, st.container(key="what_if_answer"):
            _show_answer(run, prediction, change.apply(image))


def _controls(height: int, width: int) -> Perturbation:
    max_right, max_down = max_shift(width), max_shift(height)
    shifts = keys.shifts(max_right, max_down)
    with st.container(horizontal=True, key="arrows"):
        for name, step in _STEPS.items():
            st.button(
                name,
                icon=f":material/arrow_{_ICONS[name]}:",
                key=f"shift_{name.lower()}",
                on_click=_move,
                args=(shifts, step, (max_right, max_down)),
            )
    with fold("Move exactly, rotate, zoom, brighten, mirror", keys.WHAT_IF_MORE):
        right = _slider("Pixels to the right", shifts[0], max_right)
        down = _slider("Pixels down", shifts[1], max_down)
        angle = _slider("Rotate (degrees)", keys.WHAT_IF_ANGLE, 180, step=5)
        zoom = st.slider(
            *("Zoom, in %", 50, 200, 100, 5), key=keys.WHAT_IF_ZOOM, bind="query-params"
        )
        brightness = _slider("Brighter (gray values, of 255)", keys.WHAT_IF_BRIGHTNESS, 100, step=5)
        with st.container(horizontal=True):
            mirrored = st.toggle("Mirrored", key=keys.WHAT_IF_MIRRORED, bind="query-params")
            flipped = st.toggle("Upside down", key=keys.WHAT_IF_FLIPPED, bind="query-params")
    st.button("Reset", icon=":material/undo:", key="what_if_reset", on_click=_reset, args=(shifts,))
    return Perturbation(zoom / 100, angle, mirrored, flipped, brightness, right, down)


def _slider(label: str, key: str, most: int, *, step: int = 1) -> int:
    return st.slider(label, -most, most, 0, step, key=key, bind="query-params")


def _move(shifts: tuple[str, str], step: tuple[int, int], most: tuple[int, int]) -> None:
    for key, by, end in zip(shifts, step, most, strict=True):
        now = int(st.session_state.get(key, 0))
        st.session_state[key] = min(end, max(-end, now + by))


def _reset(shifts: tuple[str, str]) -> None:
    neutral: dict[str, int | bool] = dict.fromkeys((*shifts, keys.WHAT_IF_ANGLE), 0)
    neutral |= {keys.WHAT_IF_BRIGHTNESS: 0, keys.WHAT_IF_ZOOM: 100}
    neutral |= {keys.WHAT_IF_MIRRORED: False, keys.WHAT_IF_FLIPPED: False}
    for key, value in neutral.items():
        st.session_state[key] = value


def _show_answer(run: Run, before: Prediction, image: np.ndarray) -> None:
    after = open_classifier(run).predict_pixels(image)
    st.subheader(_heading(before, after), anchor=False)
    st.vega_lite_chart(
        probabilities_chart(after.probabilities, after.class_names, SMALL_BARS),
        key="what_if_bars",
        alt=f"Probabilities of the changed picture: {after.class_name} {after.probability:.1%}",
    )
    png, width = fit_png(image, side=SIDE)
    with st.container(key=f"{LARGE}changed"):
        show_png(png, width=width, alt="The changed picture, as the network is given it")


def _heading(before: Prediction, after: Prediction) -> str:
    now = f"Now: {plain(short(after.class_name))} ({after.probability:.0%})"
    if after.class_name != before.class_name:
        return f"{now}, another answer"
    return f"{now}, before {before.probability:.0%}"
