"""How sure the network is, and whether it may be."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation.curves import Curve
from ann_core.evaluation.explanations import describe_mistakes
from ann_core.evaluation.interpretation import describe_answered, describe_calibration
from ann_core.evaluation.report import RunReport, least_confident, most_confident_mistakes
from ann_core.plots import results_plots
from ann_core.runs.run import Run
from ui.base import keys
from ui.base.folds import fold
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.results.prediction_gallery import PREDICTIONS, show_predictions

_MISTAKES, _UNSURE = "Most confident mistakes", "Least confident predictions"


def show_images(run: Run, report: RunReport) -> None:
    """Show the surest mistakes, or the answers that could as well have been others."""
    kinds = {_MISTAKES: most_confident_mistakes, _UNSURE: least_confident}
    which = st.segmented_control(
        "Pictures",
        list(kinds),
        default=_MISTAKES,
        required=True,
        key=keys.CONFIDENCE_PART,
        bind="query-params",
        on_change=PREDICTIONS.start_over,
    )
    chosen = kinds[which or _MISTAKES](report.predictions.of("test"))
    show_predictions(run, report, chosen=chosen, words=(which or _MISTAKES).lower())
    st.markdown(describe_mistakes(report), width=MEASURE)


def show_confidence(report: RunReport) -> None:
    """Draw calibration, what silence gains, and for two classes curves over all thresholds."""
    _show_calibration(report)
    _show_answered(report)
    if report.roc is not None and report.precision_recall is not None:
        experts = fold("For experts: ROC, precision and recall", keys.THRESHOLDS)
        if experts.open:
            with experts:
                _show_thresholds(report, report.roc, report.precision_recall)


def _show_calibration(report: RunReport) -> None:
    st.subheader("Is its confidence justified?", anchor=False)
    chart, words = st.columns(2, gap="large", vertical_alignment="center")
    chart.vega_lite_chart(
        results_plots.calibration_chart(report.calibration),
        key="calibration_chart",
        alt="Share of right answers by their confidence; expected calibration error "
        f"{report.calibration.error:.1%}",
    )
    words.markdown(describe_calibration(report))
    words.markdown(
        "Predictions are sorted into tenths by their confidence; the larger a dot, the more "
        "pictures. On the dashed line, 80% confident means right in 80 of 100 cases. Below it, "
        "the network is too confident. The expected calibration error is the mean distance from "
        "the line."
    )


def _show_answered(report: RunReport) -> None:
    st.subheader("What if it answered only when it is confident?", anchor=False)
    chart, words = st.columns(2, gap="large", vertical_alignment="center")
    curve, accuracy = report.answered, report.test.accuracy
    chart.vega_lite_chart(
        results_plots.curve_chart(curve, "pictures answered", "right", chance=accuracy),
        key="answered_chart",
        alt=f"Share right against share answered, most confident first; {accuracy:.1%} of all",
    )
    words.markdown(describe_answered(report))
    words.markdown(
        "The most confident predictions come first, from the left; the dashed line is the accuracy "
        "on all test pictures. If the curve does not fall towards the right, the network is wrong "
        "as often when it is confident, and keeping silent gains nothing."
    )


def _show_thresholds(report: RunReport, roc: Curve, precision_recall: Curve) -> None:
    """Draw what happens if the second class is answered more readily, or less."""
    scores = report.test.classes[-1]
    name, share = plain(short(scores.class_name)), scores.n_images / report.test.n_images
    st.subheader(f"What if {name} were accepted at a lower probability?", anchor=False)
    if not 0 < share < 1:
        st.info("All test pictures are of one class, so there is no threshold to look for.")
        return
    label = short(scores.class_name)
    left, right = st.columns(2, gap="large")
    left.vega_lite_chart(
        results_plots.curve_chart(roc, f"others predicted as {label}", f"{label} found"),
        key="roc_chart",
        alt=f"ROC curve, area {roc.area:.3f}",
    )
    left.markdown(
        f"**ROC, area {roc.area:.3f}.** Each point is a threshold: further right, more pictures "
        f"are predicted as {name}. The area tells how often, of one picture of each class, the "
        "right one gets the higher probability. 0.5 is guessing, the dashed line."
    )
    area = precision_recall.area
    right.vega_lite_chart(
        results_plots.curve_chart(
            precision_recall, f"{label} found (recall)", "right (precision)", chance=share
        ),
        key="precision_recall_chart",
        alt=f"Precision against recall, average precision {area:.3f}",
    )
    right.markdown(
        f"**Precision and recall, average precision {area:.3f}.** To find more of {name}, the "
        f"network will also predict {name} for more of the others. Guessing is right in "
        f"{share:.0%}, the dashed line."
    )
