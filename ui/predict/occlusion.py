"""Maps of one prediction: over all shifts of the image, and over all patches that cover it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.imaging.perturbation import (
    OcclusionMap,
    ShiftMap,
    occlusion_map,
    patches_for,
    shift_map,
)
from ann_core.plots.images import fit_png
from ann_core.plots.prediction_plots import occlusion_figure, shift_figure
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base.errors import guard
from ui.base.page import MEASURE
from ui.base.show_png import show_png
from ui.base.text import plain, short
from ui.base.turns import SHORT_WORK
from ui.runs.models import open_for_batch

SIDE = 224  # of the image beside a map, in pixels of the page
WIDTH = 480  # of a map
_KEPT = 16


@st.fragment
def show_maps(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Offer both maps of the image as it is, for one class; computed when asked for."""
    names = prediction.class_names
    predicted = names.index(prediction.class_name)
    with st.container(horizontal=True):
        shifted = st.toggle("Draw the map of all shifts", key="shift_map")
        covered = st.toggle("Draw the map of a covering patch", key="patch_map")
    if not (shifted or covered):
        return
    label = st.selectbox(
        "Maps of the probability of",
        range(len(names)),
        predicted,
        format_func=names.__getitem__,
        key=f"map_class_{run.id}_{predicted}",
        width=240,
    )
    if shifted:
        with guard():
            _shift_part(run, prediction, image, label=label)
    if covered:
        with guard():
            _patch_part(run, prediction, image, label=label)


def _shift_part(run: Run, prediction: Prediction, image: np.ndarray, *, label: int) -> None:
    st.subheader("Every shift at once", anchor=False)
    shifts = _shifts(run, image, run_id=run.id, fingerprint=prediction.fingerprint)
    name = prediction.class_names[label]
    predicted = prediction.class_names.index(prediction.class_name)
    p = shifts.probabilities[:, :, label]
    st.container(width=WIDTH).plotly_chart(
        shift_figure(shifts, label),
        key="shift_map_chart",
        config={"displayModeBar": False},
        alt=f"Probability of {name} at {p.size:,} shifts, from {p.min():.1%} to {p.max():.1%}",
    )
    st.markdown(
        f"The cross is the picture as it is. Of {p.size:,} shifts, "
        f"**{shifts.flip_rate(predicted):.0%}** change its answer; the probability of "
        f"{plain(short(name))} goes from {p.min():.1%} to {p.max():.1%}.",
        width=MEASURE,
    )
    st.markdown(
        "On an even map the answer does not depend on where the picture is. "
        "Stripes and islands mean that the network looks at fixed places, not at what is there.",
        width=MEASURE,
    )


def _patch_part(run: Run, prediction: Prediction, image: np.ndarray, *, label: int) -> None:
    st.subheader("Cover a patch", anchor=False)
    sizes = patches_for(image.shape[:2])
    size = st.container(width=WIDTH).select_slider(
        "Side of the patch, in pixels", sizes, sizes[len(sizes) // 3], key=f"patch_{sizes[-1]}"
    )
    key = {"run_id": run.id, "fingerprint": prediction.fingerprint}
    occlusion = _patches(run, image, size=size, label=label, **key)
    name = plain(short(prediction.class_names[label]))
    with st.container(horizontal=True, gap="large", vertical_alignment="center"):
        left, right = st.container(width=SIDE), st.container(width=WIDTH)
    png, width = fit_png(image, side=SIDE)
    show_png(png, width=width, alt="The picture that is covered, part by part", into=left)
    low, high = float(occlusion.change.min()), float(occlusion.change.max())
    right.plotly_chart(
        occlusion_figure(occlusion),
        key="patch_map_chart",
        config={"displayModeBar": False},
        alt=f"Change of the probability of {name} by a patch, from {low:+.1%} to {high:+.1%}",
    )
    st.markdown(
        f"A patch of {size} × {size} pixels in the picture's mean colour, at "
        f"{occlusion.n_patches:,} places. Orange: without this place {name} is less probable, so "
        "it speaks for it; blue: it speaks against it.",
        width=MEASURE,
    )
    st.markdown(
        "Is it the animal, or the background? A dense network often "
        "relies on the brightness of a corner, wherever the animal is.",
        width=MEASURE,
    )


@st.cache_data(max_entries=_KEPT, show_spinner="Predicting every shift")
def _shifts(_run: Run, _image: np.ndarray, *, run_id: str, fingerprint: str) -> ShiftMap:
    with SHORT_WORK, open_for_batch(_run) as classifier:
        return shift_map(_image, classifier.predict_features)


@st.cache_data(max_entries=_KEPT, show_spinner="Predicting with every patch")
def _patches(
    _run: Run, _image: np.ndarray, *, size: int, label: int, run_id: str, fingerprint: str
) -> OcclusionMap:
    with SHORT_WORK, open_for_batch(_run) as classifier:
        return occlusion_map(_image, classifier.predict_features, patch=size, label=label)
