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
from ui.base.folds import fold
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.components.confusion_matrix import MAX_DRAWN, MAX_NAMED, show_matrix
from ui.components.small_table import show_rows
from ui.results.prediction_gallery import PREDICTIONS, show_predictions

_COUNTS, _SHARES = "Counts", "Shares"
_MAX_PAIRS = 10
_COLOURS = (
    "Blue cells are right, orange ones are mistakes; the stronger the colour, the larger the share "
    "of the true class."
)
_OF_A_CELL = (keys.CELL_TRUTH, keys.CELL_PREDICTED, keys.PREDICTION_OPEN)
"""Of an address that leads to the pictures of one."""


def show_confusion(run: Run, report: RunReport) -> None:
    """Show scores by class, the confusion matrix, and the images of the chosen cell."""
    test = report.test
    if any(name in st.query_params for name in _OF_A_CELL):
        st.session_state.setdefault(keys.CELL_PANEL, True)
    left, right = st.columns(2, gap="large")
    with left:
        truth, predicted = _choose(test)
        if len(test.class_names) <= MAX_DRAWN:
            shares = st.session_state[keys.CELLS_SHOWN] == _SHARES
            show_matrix(test, shares=shares, chosen=(truth, predicted), on_pick=_picker(test))
            st.caption("Click a cell to see its pictures.", help=_COLOURS)
    with right:
        with fold("The pictures of this cell", keys.CELL_PANEL, icon=":material/photo_library:"):
            _show_cell(run, report, truth=truth, predicted=predicted)
        with fold("Precision, recall and F1", keys.SCORES_PANEL, icon=":material/table_chart:"):
            _show_scores(test)
            _show_pairs(test)


def _show_cell(run: Run, report: RunReport, *, truth: int, predicted: int) -> None:
    names = [report.test.class_names[label] for label in (truth, predicted)]
    shown = [plain(short(name)) for name in names]
    st.subheader(f"{shown[0]}, predicted as {shown[1]}", anchor=False)
    chosen = cell(report.predictions.of("test"), truth, predicted)
    words = f"{names[0]} predicted as {names[1]}, the most confident first"
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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = [
            st.selectbox(
                label,
                names,
                index,
                key=key,
                bind="query-params",
                width=160,
                on_change=_open_cell,
            )
            for label, key, index in zip(
                ("True class", "Predicted class"),
                (keys.CELL_TRUTH, keys.CELL_PREDICTED),
                start_cell(test),
                strict=True,
            )
        ]
        _choose_cells()
    return names.index(chosen[0]), names.index(chosen[1])


def _open_cell() -> None:
    """Show the pictures of another cell; for callbacks."""
    PREDICTIONS.start_over()
    st.session_state[keys.CELL_PANEL] = True


def _choose_cells() -> None:
    st.segmented_control(
        "Cells show",
        [_COUNTS, _SHARES],
        default=_COUNTS,
        required=True,
        key=keys.CELLS_SHOWN,
        bind="query-params",
        help="How many pictures, or how many of 100 of the true class.",
    )


def _picker(test: Evaluation) -> Callable[[int, int], None]:
    """Make what sets both choices at once, before the page runs again."""

    def pick(truth: int, predicted: int) -> None:
        names = test.class_names
        st.session_state.update(
            {keys.CELL_TRUTH: names[truth], keys.CELL_PREDICTED: names[predicted]}
        )
        _open_cell()

    return pick


def _show_scores(test: Evaluation) -> None:
    show_rows(
        [
            {
                "class": scores.class_name,
                "precision": f"{scores.precision:.1%}",
                "recall": f"{scores.recall:.1%}" if scores.is_tested else None,
                "F1": f"{scores.f1:.1%}" if scores.is_tested else None,
                "pictures": scores.n_images,
                "times predicted": n_predicted,
            }
            for scores, n_predicted in zip(test.classes, prediction_counts(test), strict=True)
        ],
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
    st.caption("The most frequent mistakes")
    show_rows(
        [
            {
                "true class": test.class_names[mistakes.truth],
                "predicted": test.class_names[mistakes.predicted],
                "pictures": mistakes.n_images,
            }
            for mistakes in frequent_mistakes(test, _MAX_PAIRS)
        ],
        alt="The most frequent mistakes",
    )
