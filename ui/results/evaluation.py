"""The scores of a run on the test split, where its predictions are gone."""

from __future__ import annotations

import streamlit as st

from ann_core.runs.result import Evaluation
from ui.components.confusion_matrix import MAX_DRAWN, show_matrix
from ui.components.small_table import show_rows


def show_evaluation(evaluation: Evaluation) -> None:
    """Show the result on the test split."""
    st.header("On pictures it never saw", anchor=False)
    left, right = st.columns([2, 3])
    left.metric("Test accuracy", f"{evaluation.accuracy:.1%}")
    left.caption(
        f"{evaluation.n_images:,} test pictures. Always answering the same class "
        f"would reach {evaluation.majority:.1%}."
    )
    with left:
        show_rows(
            [
                {
                    "class": scores.class_name,
                    "precision": f"{scores.precision:.0%}",
                    "recall": f"{scores.recall:.0%}" if scores.is_tested else None,
                    "pictures": scores.n_images,
                }
                for scores in evaluation.classes
            ],
            alt="Precision and recall of each class",
        )
    if len(evaluation.class_names) <= MAX_DRAWN:
        with right:
            show_matrix(evaluation, shares=False)
