"""The test accuracy, and what it must be compared with before it means anything."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation.report import RunReport
from ann_core.plots import results_plots
from ui.base.page import MEASURE
from ui.base.text import plain, short, text_colour

RARE = 1e-6  # how often guessing does as well, below which the number says no more
USED_ONCE = (
    "The test pictures were used once, at the end. They decided nothing: not the weights, not "
    "when to stop."
)


def show_headline(report: RunReport) -> None:
    """Show the accuracy on all splits beside guessing, and say what it is worth."""
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        test = report.test
        low, high = report.interval
        st.metric(f"Right on {test.n_images:,} test pictures", f"{test.accuracy:.1%}")
        st.markdown(
            f"With other pictures of the same kind, between {low:.1%} and {high:.1%} would be "
            "right, in 95 of 100 cases.",
            help="Wilson's interval: it depends on the number of test pictures and on how many "
            "of them are right.",
        )
        st.caption(USED_ONCE)
    right.vega_lite_chart(
        results_plots.accuracy_chart(report, text_colour=text_colour()),
        key="accuracy_chart",
        alt=_in_words(report),
    )
    st.markdown(f"{compared_with_guessing(report)} {gap_in_words(report)}", width=MEASURE)


def compared_with_guessing(report: RunReport) -> str:
    """Say in Markdown how often guessing does as well, and what the largest class gives."""
    n_classes, majority = len(report.test.class_names), report.test.majority
    guesser = "A coin" if n_classes == 2 else f"A die with {n_classes:,} sides"
    largest = max(report.test.classes, key=lambda scores: scores.n_images).class_name
    words = f"**{guesser} would do this well {tries(report.chance_p_value)}.** "
    words += f"Always answering {plain(short(largest))} would be right in {majority:.1%}"
    if majority >= report.test.accuracy:
        return f"{words}: this network is no better than that."
    return f"{words}."


def tries(share: float) -> str:
    """Say how often something happens, in numbers that can be imagined."""
    if share > 0.995:
        return "practically every time"
    if share >= 0.01:
        return f"in {100 * share:.0f} of 100 tries"
    if share >= RARE:
        return f"in about 1 of {float(f'{1 / share:.1g}'):,.0f} tries"
    return "in fewer than 1 of a million tries"


def gap_in_words(report: RunReport) -> str:
    """Name the gap between training and test images, and what it tells."""
    train, points = report.splits["train"].accuracy, 100 * report.gap
    low, high = report.interval
    if abs(report.gap) <= (high - low) / 2:
        return (
            f"On its training pictures it is right in {train:.1%}; the gap of "
            f"{abs(points):.1f} points to the test pictures is within luck."
        )
    if report.gap < 0:
        return (
            f"On its training pictures it is right in {train:.1%}, which is {-points:.1f} points "
            "less: the test pictures are easier."
        )
    return (
        f"On its training pictures it is right in {train:.1%}: a **gap of {points:.1f} points**. "
        "That much it learned by heart; it does not hold for new pictures."
    )


def _in_words(report: RunReport) -> str:
    on = {name: f"{scores.accuracy:.1%}" for name, scores in report.splits.items()}
    low, high = report.interval
    return (
        f"Right answers: training {on['train']}, validation {on['validation']}, test "
        f"{on['test']} (95 % interval {low:.1%} to {high:.1%}); guessing {report.chance:.1%}, "
        f"always the same class {report.test.majority:.1%}."
    )
