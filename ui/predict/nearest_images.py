"""The training images nearest to an image: as rows of pixels, and to the network itself."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.embeddings import load_embeddings
from ann_core.evaluation.nearest_images import (
    NearestImages,
    distance_text,
    nearest_embeddings,
    nearest_inputs,
)
from ann_core.plots.images import fit_png
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base.datasets import explain_hidden, may_see_images_of
from ui.base.errors import guard
from ui.base.page import MEASURE, ROW
from ui.base.show_png import show_png
from ui.base.text import plain, short
from ui.base.turns import SHORT_WORK
from ui.runs.models import open_classifier
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of

K = 5
SIDE = 192  # of an image, in pixels of the page


def show_nearest(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Show who lies nearest in both spaces, each with class and distance.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
        As the network is given it.
    """
    if not may_see_images_of(run):
        explain_hidden()
        return
    st.subheader("In pixel space", anchor=False)
    st.markdown(
        f"Each picture is a point with {image.size:,} coordinates; the distance is the root of "
        "the sum of squared differences.",
        width=MEASURE,
    )
    with guard():
        fingerprint = prediction.fingerprint
        nearest = _in_pixels(run, image, run_id=run.id, fingerprint=fingerprint)
        _show(run, prediction, nearest, space="pixels")
    st.subheader("In the last hidden layer", anchor=False)
    with guard():
        hidden = _in_hidden_layer(run, image, run_id=run.id, fingerprint=prediction.fingerprint)
        if hidden is None:
            st.caption("This network has no hidden layer, or kept nothing of it.")
        else:
            st.markdown(
                "Each picture is what the last hidden layer makes of it, the only thing that the "
                "answer is computed from.",
                width=MEASURE,
            )
            _show(run, prediction, hidden, space="hidden")
    st.markdown(
        "Near in pixel space are pictures with a similar background and light, "
        "of any class. Near in the hidden layer are those that the network takes for the same, "
        "rightly or not: look at their classes.",
        width=MEASURE,
    )


def _show(run: Run, prediction: Prediction, nearest: NearestImages, *, space: str) -> None:
    inputs = run_inputs_of(run)
    if inputs is None:
        raise RunError("The training pictures of this network are not here any more.")
    images = inputs.images(nearest.rows)
    names = [short(prediction.class_names[label]) for label in nearest.labels]
    with st.container(horizontal=True, gap="small", key=f"{ROW}nearest_{space}"):
        for image, name, distance in zip(images, names, nearest.distances, strict=True):
            far = distance_text(distance)
            with st.container(width=SIDE + 8, gap="xsmall"):
                png, width = fit_png(image, side=SIDE)
                show_png(png, width=width, alt=f"A training picture: {name}, at distance {far}")
                st.caption(f"**{plain(name)}**  \n{far} away")
    n_same = nearest.n_of_class(prediction.class_names.index(prediction.class_name))
    class_name = plain(short(prediction.class_name))
    st.markdown(f"{n_same} of {len(nearest)} are of the class that it predicted, {class_name}.")


@st.cache_data(max_entries=64, show_spinner="Comparing with all training pictures")
def _in_pixels(_run: Run, _image: np.ndarray, *, run_id: str, fingerprint: str) -> NearestImages:
    inputs = run_inputs_of(_run)
    if inputs is None:
        raise RunError("The training pictures of this network are not here.")
    with SHORT_WORK:
        return nearest_inputs(_image.ravel(), inputs, report_of(_run).predictions, k=K)


@st.cache_data(max_entries=64, show_spinner="Computing the last hidden layer")
def _in_hidden_layer(
    _run: Run, _image: np.ndarray, *, run_id: str, fingerprint: str
) -> NearestImages | None:
    embeddings = load_embeddings(folder_of(_run).embeddings)
    activations = open_classifier(_run).describe_features(_image.reshape(1, -1))
    if embeddings is None or activations is None:
        return None
    with SHORT_WORK:
        return nearest_embeddings(activations[0], embeddings, report_of(_run).predictions, k=K)
