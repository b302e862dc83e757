"""The scores of a run on the test split, where its predictions are gone."""

from __future__ import annotations

import streamlit as st

from ann_core.plots import results_plots
from ann_core.runs.result import Evaluation


def show_evaluation(evaluation: Evaluation) -> None:
    """Show the result on the test split."""
    st.header("On pictures it never saw", anchor=False)
    left, right = st.columns([2, 3])
    left.metric("Test accuracy", f"{evaluation.accuracy:.1%}")
    left.caption(
        f"{evaluation.n_images:,} test pictures. Always answering the same class "
        f"would reach {evaluation.majority:.1%}."
    )
    percent = st.column_config.NumberColumn(format="%.0f%%")
    left.dataframe(
        [
            {
                "class": s.class_name,
                "precision": 100 * s.precision,
                "recall": 100 * s.recall if s.is_tested else None,
                "pictures": s.n_images,
            }
            for s in evaluation.classes
        ],
        hide_index=True,
        key="scores_table",
        placeholder="-",
        column_config={"precision": percent, "recall": percent},
        alt="Precision and recall of each class",
    )
    right.plotly_chart(
        results_plots.confusion_figure(evaluation),
        key="confusion",
        config={"displayModeBar": False},
        alt="Confusion matrix: true classes in rows, predicted classes in columns",
    )
