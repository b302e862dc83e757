"""Which class was taken for which, and the images behind every cell."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ann_core.evaluation.confusion import frequent_mistakes, prediction_counts, start_cell
from ann_core.evaluation.interpretation import describe_untested
from ann_core.evaluation.report import RunReport, cell
from ann_core.runs.result import Evaluation
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.components.confusion_matrix import MAX_DRAWN, MAX_NAMED, show_matrix
from ui.results.prediction_gallery import PREDICTIONS, show_predictions

_COUNTS, _SHARES = "Counts", "Shares"
_MAX_PAIRS = 10


def show_confusion(run: Run, report: RunReport) -> None:
    """Show scores by class, the confusion matrix, and the images of the chosen cell."""
    test = report.test
    left, right = st.columns([3, 2], gap="large")
    with right:
        _show_scores(test)
        _show_pairs(test)
    with left:
        truth, predicted = _choose(test)
        shares = _choose_cells() == _SHARES
        if len(test.class_names) <= MAX_DRAWN:
            show_matrix(test, shares=shares, chosen=(truth, predicted), on_pick=_picker(test))
        st.caption(
            "Blue cells are right, orange ones are mistakes; the stronger the colour, the "
            "larger the share of the true class. Click a cell to see its pictures."
        )
    names = [plain(short(test.class_names[label])) for label in (truth, predicted)]
    st.subheader(f"{names[0]}, predicted as {names[1]}", anchor=False)
    chosen = cell(report.predictions.of("test"), truth, predicted)
    pair = f"{test.class_names[truth]} predicted as {test.class_names[predicted]}"
    words = f"{pair}, the most confident first"
    show_predictions(run, report, chosen=chosen, words=words)
    st.markdown(
        "Do the pictures of one cell share a background, a light, a place in "
        "the frame? A dense network sees all pixels and no shapes; it errs where the pixels of one "
        "class look like those of another.",
        width=MEASURE,
    )


def _choose(test: Evaluation) -> tuple[int, int]:
    """Let people choose a cell by its two names; both stand in the address."""
    names = test.class_names
    with st.container(horizontal=True):
        chosen = [
            st.selectbox(
                label,
                names,
                index,
                key=key,
                bind="query-params",
                width=200,
                on_change=PREDICTIONS.start_over,
            )
            for label, key, index in zip(
                ("True class", "Predicted class"),
                (keys.CELL_TRUTH, keys.CELL_PREDICTED),
                start_cell(test),
                strict=True,
            )
        ]
    return names.index(chosen[0]), names.index(chosen[1])


def _choose_cells() -> str:
    chosen: str | None = st.segmented_control(
        "Cells show",
        [_COUNTS, _SHARES],
        default=_COUNTS,
        required=True,
        key=keys.CELLS_SHOWN,
        bind="query-params",
        help="How many pictures, or how many of 100 of the true class.",
    )
    return chosen or _COUNTS


def _picker(test: Evaluation) -> Callable[[int, int], None]:
    """Make what sets both choices at once, before the page runs again."""

    def pick(truth: int, predicted: int) -> None:
        names = test.class_names
        st.session_state.update(
            {keys.CELL_TRUTH: names[truth], keys.CELL_PREDICTED: names[predicted]}
        )
        PREDICTIONS.start_over()

    return pick


def _show_scores(test: Evaluation) -> None:
    percent = st.column_config.NumberColumn(format="%.1f%%")
    table = [
        {
            "class": scores.class_name,
            "precision": 100 * scores.precision,
            "recall": 100 * scores.recall if scores.is_tested else None,
            "F1": 100 * scores.f1 if scores.is_tested else None,
            "pictures": scores.n_images,
            "times predicted": n_answers,
        }
        for scores, n_answers in zip(test.classes, prediction_counts(test), strict=True)
    ]
    st.dataframe(
        table,
        hide_index=True,
        key="class_scores",
        placeholder="-",
        column_config=dict.fromkeys(("precision", "recall", "F1"), percent),
        alt="Precision, recall, F1, pictures and predictions of each class",
    )
    if untested := describe_untested(test):
        st.caption(plain(untested))
    st.caption(
        "Precision: of the pictures predicted as this class, how many are right. Recall: of the "
        "pictures of this class, how many were found. F1 is high only if both are."
    )


def _show_pairs(test: Evaluation) -> None:
    """List the most frequent mistakes, where the matrix is too large to be read."""
    if len(test.class_names) <= MAX_NAMED:
        return
    st.dataframe(
        [
            {
                "true class": test.class_names[mistakes.truth],
                "predicted": test.class_names[mistakes.predicted],
                "pictures": mistakes.n_images,
            }
            for mistakes in frequent_mistakes(test, _MAX_PAIRS)
        ],
        hide_index=True,
        key="frequent_mistakes",
        alt="The most frequent mistakes",
    )
    st.caption("The most frequent mistakes")
