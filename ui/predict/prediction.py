"""What a network says about one image, and what speaks against believing it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.knn import distance_beyond
from ann_core.evaluation.ood import OodThresholds, load_ood_thresholds
from ann_core.plots import prediction_plots, theme
from ann_core.prediction.classifier import Prediction
from ann_core.runs.run import Run
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.runs.run_cache import report_of, run_inputs_of
from ui.runs.run_files import folder_of


def show_prediction(prediction: Prediction, *, key: str = "probabilities") -> None:
    """Say the answer and draw a bar for each class."""
    name = plain(short(prediction.class_name))
    st.header(f"Its answer: {name} ({prediction.probability:.0%})", anchor=False)
    by_probability = sorted(
        zip(prediction.probabilities, prediction.class_names, strict=True), reverse=True
    )
    st.plotly_chart(
        prediction_plots.probabilities_figure(prediction),
        key=key,
        config={"displayModeBar": False},
        alt=", ".join(f"{name} {p:.1%}" for p, name in by_probability[: theme.MAX_BARS]),
    )
    st.caption(
        f"Fingerprint of the numbers it was given: `{prediction.fingerprint}`. The command line "
        "prints the same one for the same picture and network."
    )


def show_ood_warnings(run: Run, prediction: Prediction, features: np.ndarray) -> None:
    """Warn if "none of these" may be the truth; say by which rule.

    Parameters
    ----------
    features : uint8 array, shape (n_features,)
        What the network was given.
    """
    thresholds = load_ood_thresholds(folder_of(run).ood_thresholds)
    if thresholds is None:
        st.caption(
            "This network was trained by an older Flatland: how sure it should be, and how far "
            "from its training pictures one may lie, was not measured."
        )
        return
    distance, looked = _beyond(run, thresholds, prediction.fingerprint, features)
    warnings = thresholds.warnings(prediction.probability, distance)
    if warnings:
        st.warning(f"**None of these?** {' '.join(warnings)}", icon=":material/help:")
    else:
        st.caption(_no_warning(thresholds, looked), width=MEASURE)


def _beyond(
    run: Run, thresholds: OodThresholds, fingerprint: str, features: np.ndarray
) -> tuple[float | None, bool]:
    """Distance of an image that lies outside of what was learned, and whether that is known."""
    try:
        return _measured(run.id, fingerprint, thresholds.distance_limit, run, features), True
    except RunError:  # without training images the other rule remains
        return None, False


@st.cache_data(max_entries=256, show_spinner=False)
def _measured(
    run_id: str, fingerprint: str, limit: float, _run: Run, _features: np.ndarray
) -> float | None:
    pixels = run_inputs_of(_run)
    if pixels is None:
        raise RunError("The training pictures of this run are not here.")
    rows = pixels.rows_of(report_of(_run).predictions.of("train").feature_rows)
    return distance_beyond(_features, pixels.table, rows, limit=limit)


def _no_warning(thresholds: OodThresholds, looked: bool) -> str:
    told = (
        f"No warning: of 20 validation pictures, 19 got an answer with "
        f"{thresholds.confidence_floor:.0%} or more, and so did this one"
    )
    if not looked:
        return f"{told}. How unlike the training pictures it is cannot be told: they are not here."
    return (
        f"{told}; of 100, 99 lie within {thresholds.distance_limit:,.0f} of a training picture "
        "(root of the sum of squared differences), and so does this one."
    )
