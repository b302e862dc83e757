"""The training images nearest to an image: as rows of pixels, and to the network itself."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.embeddings import load_embeddings
from ann_core.evaluation.knn import nearest
from ann_core.imaging.preprocessing import flatten
from ann_core.plots.images import fit_png
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base.errors import guard
from ui.base.page import MEASURE
from ui.base.show_png import show_png
from ui.base.text import plain, short
from ui.runs.models import open_classifier
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of

K = 8
SIDE = 112  # of an image, in pixels of the page

Found = tuple[np.ndarray, np.ndarray]
"""Places in the table of features, and distances."""


def show_nearest(run: Run, prediction: Prediction, image: np.ndarray) -> None:
    """Show who lies nearest in both spaces, each with class and distance.

    Parameters
    ----------
    image : uint8 array, shape (height, width, n_channels)
        As the network is given it.
    """
    st.subheader("In pixel space", anchor=False)
    st.markdown(
        f"Each picture is a point with {image.size:,} coordinates; the distance is the root of "
        "the sum of squared differences.",
        width=MEASURE,
    )
    with guard():
        _show(run, prediction, _in_pixels(run.id, prediction.fingerprint, run, image))
    st.subheader("In the last hidden layer", anchor=False)
    with guard():
        found = _in_hidden_layer(run.id, prediction.fingerprint, run, image)
        if found is None:
            st.caption("This network has no hidden layer, or kept nothing of it.")
        else:
            st.markdown(
                "Each picture is what the last hidden layer makes of it, the only thing that the "
                "answer is computed from.",
                width=MEASURE,
            )
            _show(run, prediction, found)
    st.markdown(
        "**What to notice:** near in pixel space are pictures with a similar ground and light, "
        "of any class. Near in the hidden layer are those that the network takes for the same, "
        "rightly or not: look at their classes.",
        width=MEASURE,
    )


def _show(run: Run, prediction: Prediction, found: Found) -> None:
    feature_rows, distances = found
    labels = _labels(run, feature_rows)
    pixels = run_inputs_of(run)
    if pixels is None:
        raise RunError("The training pictures of this run are not here any more.")
    names = [plain(short(prediction.class_names[label])) for label in labels]
    same = sum(prediction.class_names[label] == prediction.class_name for label in labels)
    images = [pixels.images(feature_rows[n : n + 1])[0] for n in range(len(feature_rows))]
    with st.container(horizontal=True, gap="small"):
        for image, name, distance in zip(images, names, distances, strict=True):
            with st.container(width=SIDE + 8, gap="xsmall"):
                png, width = fit_png(image, side=SIDE)
                alt = f"{name.replace(chr(92), '')}, at distance {_format_value(distance)}"
                show_png(png, width=width, alt=f"A training picture: {alt}")
                st.caption(f"**{name}**  \n{_format_value(distance)} away")
    predicted = plain(short(prediction.class_name))
    st.markdown(f"{same} of {len(feature_rows)} are of the class it answered, {predicted}.")


def _format_value(distance: float) -> str:
    return f"{distance:,.0f}" if distance >= 100 else f"{distance:.3g}"


def _labels(run: Run, feature_rows: np.ndarray) -> list[int]:
    predictions = report_of(run).predictions
    order = np.argsort(predictions.feature_rows)
    rows = order[np.searchsorted(predictions.feature_rows, feature_rows, sorter=order)]
    return [int(label) for label in predictions.labels[rows]]


@st.cache_data(max_entries=64, show_spinner="Comparing with all training pictures")
def _in_pixels(run_id: str, fingerprint: str, _run: Run, _image: np.ndarray) -> Found:
    pixels = run_inputs_of(_run)
    if pixels is None:
        raise RunError("The training pictures of this run are not here.")
    rows = pixels.rows_of(report_of(_run).predictions.of("train").feature_rows)
    found, distances = nearest(flatten(_image[np.newaxis]), pixels.table, rows, k=K)
    return pixels.feature_rows[found[0]], distances[0]


@st.cache_data(max_entries=64, show_spinner="Asking the last hidden layer")
def _in_hidden_layer(run_id: str, fingerprint: str, _run: Run, _image: np.ndarray) -> Found | None:
    hidden = load_embeddings(folder_of(_run).embeddings)
    query = open_classifier(_run).describe_features(flatten(_image[np.newaxis]))
    if hidden is None or query is None:
        return None
    found, distances = nearest(query, hidden.values, np.arange(len(hidden.feature_rows)), k=K)
    return hidden.feature_rows[found[0]], distances[0]
