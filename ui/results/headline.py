"""The test accuracy, and what it must be compared with before it means anything."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation.interpretation import (
    compare_with_guessing,
    describe_accuracies,
    describe_gap,
    describe_interval,
)
from ann_core.evaluation.report import RunReport
from ann_core.plots import results_plots
from ann_core.runs.run import Run
from ui.base.page import MEASURE
from ui.base.text import plain, short, text_colour
from ui.runs.shift_curve import TITLE, show_shift_test
from ui.runs.test_looks import test_use_text


def show_headline(run: Run, report: RunReport) -> None:
    """Show the accuracy on all splits beside guessing, and say what it is worth."""
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        test = report.test
        st.metric(
            f"Right on {test.n_images:,} test pictures",
            f"{test.accuracy:.1%}",
            help=test_use_text(run),
        )
        st.markdown(
            describe_interval(report),
            help="Wilson's 95% interval of the true share. The test pictures are a sample of all "
            "such pictures; the more of them, the narrower the interval. It is no forecast for "
            "a few other pictures: chance plays a part in those too.",
        )
    right.vega_lite_chart(
        results_plots.accuracy_chart(report, text_colour=text_colour()),
        key="accuracy_chart",
        alt=describe_accuracies(report),
    )
    largest = max(report.test.classes, key=lambda scores: scores.n_images).class_name
    guessing = compare_with_guessing(report, plain(short(largest)))
    st.markdown(f"{guessing} {describe_gap(report)}", width=MEASURE)
    st.header(TITLE, anchor=False)
    show_shift_test(run, "test")
