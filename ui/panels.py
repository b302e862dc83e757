"""Parts of pages that show things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ann_core import plots
from ann_core.evaluation import Evaluation
from ann_core.pixels import STRIP_VALUES, fit_png, heat_strip, to_png
from ann_core.prediction import Prediction
from ann_core.preprocessing import Step
from ui.prose import ground, plain, short

_PICTURE_SIDE = 260  # pixels on the page; three stand beside each other
_TITLES = {
    "original": "Original",
    "gray": "Gray",
    "resized": "Resized",
    "flattened": "Flattened",
    "scaled": "Scaled to 0..1",
}
_ALTS = {
    "original": "The picture as it came",
    "gray": "The picture in shades of gray",
    "resized": "The picture at the size that the network takes",
    "flattened": "All intensities of the picture as one row of colours",
    "scaled": "The same row, divided by 255",
}


def show_steps(steps: Sequence[Step]) -> None:
    """Show a picture on its way to the network, with shape and count at each step."""
    pictures = [step for step in steps if step.values.ndim > 1]
    for column, step in zip(st.columns(3), pictures, strict=False):
        with column:
            show_picture(step)
    for step in steps:
        if step.values.ndim == 1:
            _show_row(step)


def show_picture(step: Step) -> None:
    """Show one step that still has height and width."""
    st.markdown(f"**{_TITLES[step.name]}**")
    png, width = fit_png(step.values, side=_PICTURE_SIDE)
    # Streamlit would resample a picture that is wider than the width it is given.
    with st.container(width=width):
        st.image(png, output_format="PNG", width="stretch", alt=_alt(step))
    shape = " × ".join(f"{n:,}" for n in step.shape)
    st.caption(f"{shape} = **{step.n_values:,} values**  \n{_first_values(step)}")


def _show_row(step: Step) -> None:
    """Show a step that is one row of values."""
    levels = step.values * 255 if step.values.dtype == np.float64 else step.values
    strip = heat_strip(np.rint(levels).astype(np.uint8), ground=ground())
    st.markdown(f"**{_TITLES[step.name]}**")
    st.image(to_png(strip), output_format="PNG", alt=_alt(step))
    broken = f", here in lines of {STRIP_VALUES}" if step.n_values > STRIP_VALUES else ""
    scale = "0 is dark blue, 255 yellow" if step.name == "flattened" else "0 is dark blue, 1 yellow"
    st.caption(f"**{step.n_values:,} values** in one row{broken}; {scale}  \n{_first_values(step)}")


def _alt(step: Step) -> str:
    return f"{_ALTS[step.name]}: {step.n_values:,} values"


def _first_values(step: Step) -> str:
    values = step.values.ravel()
    shown = [f"{v:.3g}" for v in (*values[:3], *values[-3:])]
    return f"{', '.join(shown[:3])}, … {', '.join(shown[3:])}"


def show_evaluation(evaluation: Evaluation) -> None:
    """Show the result on the test split."""
    st.header("On pictures it never saw", anchor=False)
    left, right = st.columns([2, 3])
    left.metric("Test accuracy", f"{evaluation.accuracy:.1%}")
    left.caption(
        f"{evaluation.n_images:,} test pictures, looked at once. Always answering the same class "
        f"would reach {evaluation.majority:.1%}."
    )
    percent = st.column_config.NumberColumn(format="%.0f %%")
    left.dataframe(
        [
            {
                "class": s.class_name,
                "precision": 100 * s.precision,
                "recall": 100 * s.recall,
                "pictures": s.n_images,
            }
            for s in evaluation.classes
        ],
        hide_index=True,
        key="scores_table",
        column_config={"precision": percent, "recall": percent},
        alt="Precision and recall of each class",
    )
    right.plotly_chart(
        plots.confusion_figure(evaluation),
        key="confusion",
        config={"displayModeBar": False},
        alt="Confusion matrix: true classes down, answers across",
    )


def show_prediction(prediction: Prediction) -> None:
    """Say the answer and draw a bar for each class."""
    name = plain(short(prediction.class_name))
    st.header(f"Its answer: {name} ({prediction.probability:.0%})", anchor=False)
    by_probability = sorted(
        zip(prediction.probabilities, prediction.class_names, strict=True), reverse=True
    )
    st.plotly_chart(
        plots.probabilities_figure(prediction),
        key="probabilities",
        config={"displayModeBar": False},
        alt=", ".join(f"{name} {p:.1%}" for p, name in by_probability[: plots.MAX_BARS]),
    )
