"""The results of one run."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import streamlit as st

from ann_core.errors import RunError
from ann_core.evaluation.confusion import start_cell
from ann_core.evaluation.explanations import compare_training_accuracies, sum_up
from ann_core.evaluation.report import RunReport
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.errors import guard, show
from ui.base.page import MEASURE, notice
from ui.components.small_table import show_rows
from ui.results.confidence import show_confidence, show_images
from ui.results.confusion import show_confusion
from ui.results.evaluation import show_evaluation
from ui.results.first_layer import show_first_layer
from ui.results.headline import show_headline
from ui.results.prediction_gallery import PREDICTIONS
from ui.results.unit_view import UNITS
from ui.results.weight_histograms import show_weight_histograms
from ui.runs import run_watcher
from ui.runs.run_cache import report_of
from ui.runs.run_curves import settings_text, show_curves
from ui.runs.test_looks import look_at_test, test_use_text


def show_results(run: Run) -> None:
    """Show what one network learned: a headline, and the rest part by part."""
    st.caption(settings_text(run))
    report = _report(run)
    look_at_test([run])
    if report is not None:
        _start_over(run, report)
        show_headline(run, report)
    elif run.result is not None:
        st.caption(test_use_text(run))
        show_evaluation(run.result.test)
    st.header("A closer look", anchor=False)
    _show_parts(run, report)


def show_summary(run: Run) -> None:
    """End the page with what these figures show."""
    with contextlib.suppress(RunError):  # the head of the page has told what is missing
        notice(sum_up(report_of(run)))


def _report(run: Run) -> RunReport | None:
    try:
        return report_of(run)
    except RunError as error:
        show(str(error))
        return None


def _start_over(run: Run, report: RunReport) -> None:
    """Forget choices that were made about another run: it may have other classes."""
    if st.session_state.get(keys.RESULTS_RUN, run.id) != run.id:
        truth, predicted = (report.test.class_names[label] for label in start_cell(report.test))
        st.session_state.update({keys.CELL_TRUTH: truth, keys.CELL_PREDICTED: predicted})
        PREDICTIONS.start_over()
        UNITS.start_over()
        st.session_state.pop(keys.SNAPSHOT, None)
    st.session_state[keys.RESULTS_RUN] = run.id


@st.fragment
def _show_parts(run: Run, report: RunReport | None) -> None:
    parts: dict[str, Callable[[], None]] = {}
    if report is not None:
        parts |= {
            "Confusion": lambda: show_confusion(run, report),
            "Pictures": lambda: show_images(run, report),
            "Confidence": lambda: show_confidence(report),
        }
    names = report.test.class_names if report is not None else _class_names(run)
    parts["First layer"] = lambda: _show_weights(run, names)
    parts["Curves and settings"] = lambda: _show_training(run, report)
    tabs = st.tabs(list(parts), key=keys.RESULTS_PART, on_change="rerun", bind="query-params")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab, guard():
                draw()


def _show_weights(run: Run, names: tuple[str, ...]) -> None:
    show_first_layer(run, names)
    show_weight_histograms(run)


def _class_names(run: Run) -> tuple[str, ...]:
    return run.result.test.class_names if run.result is not None else ()


def _show_training(run: Run, report: RunReport | None) -> None:
    """Show the curves with the best epoch, and every setting."""
    view = run_watcher.look(run.id)
    if view.history:
        show_curves(view)
    else:
        st.info("The curves of this training are not here.")
    if run.result is not None:
        st.markdown(f"Its weights are those of {run.result.kept}.")
        if report is not None:
            kept = run.result.kept_epoch
            if words := compare_training_accuracies(report, view.history, kept):
                st.markdown(words, width=MEASURE)
    values = run.config.preprocess.model_dump(mode="json") | run.config.network.model_dump()
    rows = [
        {"setting": name.replace("_", " "), "value": _format_value(value)}
        for name, value in values.items()
    ]
    with st.expander("All settings", icon=":material/tune:", key="all_settings"):
        show_rows(rows, alt="All settings of this network", whole=True)


def _format_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " × ".join(str(part) for part in value) or "none"
    return str(value)
