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
from ui.base.page import MEASURE
from ui.base.text import plain, short
from ui.results.prediction_gallery import PREDICTIONS, show_predictions

_MISTAKES, _UNSURE = "Surest mistakes", "Least sure answers"


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
    st.markdown(f"**What to notice:** {describe_mistakes(report)}", width=MEASURE)


def show_confidence(report: RunReport) -> None:
    """Draw calibration, what silence gains, and for two classes curves over all thresholds."""
    _show_calibration(report)
    _show_answered(report)
    if report.roc is not None and report.precision_recall is not None:
        _show_thresholds(report, report.roc, report.precision_recall)


def _show_calibration(report: RunReport) -> None:
    st.subheader("Is it as often right as it says?", anchor=False)
    chart, words = st.columns(2, gap="large", vertical_alignment="center")
    chart.vega_lite_chart(
        results_plots.calibration_chart(report.calibration),
        key="calibration_chart",
        alt="Share of right answers by how sure they were; expected calibration error "
        f"{report.calibration.error:.1%}",
    )
    words.markdown(describe_calibration(report))
    words.markdown(
        "Answers are sorted into tenths by how sure they were; the larger a dot, the more "
        "pictures. On the dashed line, 80 % sure means right in 80 of 100 cases. Below it, the "
        "network is too sure. The expected calibration error is the mean distance from the line."
    )


def _show_answered(report: RunReport) -> None:
    st.subheader("What if it answered only when it is sure?", anchor=False)
    chart, words = st.columns(2, gap="large", vertical_alignment="center")
    curve, accuracy = report.answered, report.test.accuracy
    chart.vega_lite_chart(
        results_plots.curve_chart(curve, "pictures answered", "right answers", chance=accuracy),
        key="answered_chart",
        alt=f"Right answers against pictures answered, the surest first; {accuracy:.1%} of all",
    )
    words.markdown(describe_answered(report))
    words.markdown(
        "The surest answers come first, from the left; the dashed line is its accuracy on all test "
        "pictures. A curve that does not fall towards the right is a network that is as often "
        "wrong when it is sure: then silence gains nothing."
    )


def _show_thresholds(report: RunReport, roc: Curve, precision_recall: Curve) -> None:
    """Draw what happens if the second class is answered more readily, or less."""
    scores = report.test.classes[-1]
    name, share = plain(short(scores.class_name)), scores.n_images / report.test.n_images
    st.subheader(f"What if it said {name} more readily?", anchor=False)
    if not 0 < share < 1:
        st.info("All test pictures are of one class, so there is no threshold to look for.")
        return
    label = short(scores.class_name)
    left, right = st.columns(2, gap="large")
    left.vega_lite_chart(
        results_plots.curve_chart(roc, f"others called {label}", f"{label} found"),
        key="roc_chart",
        alt=f"ROC curve, area {roc.area:.3f}",
    )
    left.markdown(
        f"**ROC, area {roc.area:.3f}.** Each point is a threshold: further right, more pictures "
        f"are called {name}. The area tells how often, of one picture of each class, the right "
        "one gets the higher probability. 0.5 is a coin, the dashed line."
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
        f"network must accept more that are none. Who guesses is right in {share:.0%}, the dashed "
        "line."
    )
