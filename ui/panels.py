"""Parts of pages that show things."""

from __future__ import annotations

import streamlit as st

from ann_core import plots
from ann_core.evaluation import Evaluation
from ann_core.prediction import Prediction
from ui.prose import plain, short


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
    st.caption(
        f"Fingerprint of the numbers it was given: `{prediction.fingerprint}`. The command line "
        "prints the same one for the same picture and network."
    )
