"""What a network says about one image, and what speaks against believing it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.nearest_images import distance_beyond_training
from ann_core.evaluation.ood import (
    OLD_RULE,
    UNLIKE,
    describe_rule,
    describe_silence,
    load_ood_thresholds,
)
from ann_core.plots.prediction_plots import LARGE_BARS, probabilities_chart
from ann_core.plots.theme import MAX_BARS
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base.page import MEASURE
from ui.base.text import plain, short, text_colour, with_article
from ui.runs.models import open_classifier
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of


def show_prediction(
    prediction: Prediction, truth: str | None, *, key: str = "probabilities"
) -> None:
    """Say the answer, and whether it is right, and draw a bar for each class.

    Parameters
    ----------
    truth : str or None
        The class of the image; None while nobody knows it, or wants to know.
    """
    name = plain(short(prediction.class_name))
    st.header(f"Its answer: {name} ({prediction.probability:.0%})", anchor=False)
    if truth is not None:
        st.markdown(_verdict(prediction.class_name, truth))
    by_probability = sorted(
        zip(prediction.probabilities, prediction.class_names, strict=True), reverse=True
    )
    st.vega_lite_chart(
        probabilities_chart(
            prediction.probabilities,
            prediction.class_names,
            LARGE_BARS,
            text_colour=text_colour(),
        ),
        key=key,
        alt=", ".join(f"{name} {p:.1%}" for p, name in by_probability[:MAX_BARS]),
    )
    with st.expander("Details", key=f"{key}_details"):
        st.caption(
            f"Fingerprint of the numbers that it got: `{prediction.fingerprint}`. The command "
            "line prints the same one for the same picture and network."
        )


def _verdict(predicted: str, truth: str) -> str:
    """Say in words and with a mark whether a prediction is right."""
    if predicted == truth:
        return f":green[:material/check_circle: **Right: it is {with_article(truth)}.**]"
    return f":red[:material/cancel: **Wrong: it is {with_article(truth)}.**]"


def show_ood_warnings(run: Run, prediction: Prediction, features: np.ndarray) -> None:
    """Warn if "none of these" may be the truth; say by which rule, and what that is worth.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
        What the network was given.
    """
    rule = open_classifier(run).ood_rule
    if rule is None or prediction.unlike is None:
        _show_old_warnings(run, prediction, features)
        return
    thresholds = load_ood_thresholds(folder_of(run).ood_thresholds)
    unsure = thresholds.unsure(prediction.probability) if thresholds is not None else ""
    if prediction.unlike:
        st.warning(f"**None of these?** {UNLIKE}", icon=":material/help:")
    else:
        names = [plain(short(name)) for name in prediction.class_names]
        st.markdown(f"{describe_silence(names)} {unsure}", width=MEASURE)
    with st.expander("How good this check is", key="check_details"):
        st.caption(describe_rule(rule), width=MEASURE)


def _show_old_warnings(run: Run, prediction: Prediction, features: np.ndarray) -> None:
    """As above, for a run of an older Flatland."""
    thresholds = load_ood_thresholds(folder_of(run).ood_thresholds)
    if thresholds is None:
        st.caption(
            "This network was trained by an older Flatland: how confident it should be, and how "
            "far a picture may lie from its training pictures, was not measured."
        )
        return
    distance, known = _beyond(run, prediction, features, limit=thresholds.distance_limit)
    warnings = thresholds.warnings(prediction.probability, distance)
    if warnings:
        st.warning(f"**None of these?** {' '.join(warnings)}", icon=":material/help:")
        st.caption(OLD_RULE, width=MEASURE)
    else:
        words = thresholds.no_warning(distance_known=known)
        st.caption(f"{words} {OLD_RULE}", width=MEASURE)


def _beyond(
    run: Run, prediction: Prediction, features: np.ndarray, *, limit: float
) -> tuple[float | None, bool]:
    """Distance of an image that lies outside of what was learned, and whether that is known."""
    key = {"run_id": run.id, "fingerprint": prediction.fingerprint}
    try:
        return _measured(run, features, limit=limit, **key), True
    except RunError:  # without training images the other rule remains
        return None, False


@st.cache_data(max_entries=256, show_spinner=False)
def _measured(
    _run: Run, _features: np.ndarray, *, limit: float, run_id: str, fingerprint: str
) -> float | None:
    inputs = run_inputs_of(_run)
    if inputs is None:
        raise RunError("The training pictures of this network are not here.")
    return distance_beyond_training(_features, inputs, report_of(_run).predictions, limit=limit)
