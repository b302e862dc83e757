"""Two on the same test images: how much of the difference between them is luck."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.evaluation.comparison import PairedComparison, compare_pair
from ann_core.runs.run import Run
from ui.base.page import MEASURE
from ui.base.text import plain
from ui.compare.contenders import ComparedModel, compared_model, titles_of
from ui.compare.disagreements import show_disagreement, start_over
from ui.compare.run_table import BaselinesOf


def show_significance(
    chosen: Sequence[str], runs: Sequence[Run], baselines: Sequence[BaselinesOf]
) -> None:
    """Say whether two differ by more than luck, and show the images that tell them apart."""
    titles = titles_of(chosen, runs, baselines)
    if len(titles) < 2:
        st.caption(
            "Mark two tested rows of the same data set in the table, networks or baselines, to see "
            "whether they differ by more than luck."
        )
        return
    ids = list(titles)
    first_id, second_id = ids[:2]
    if len(ids) > 2:
        left, right = st.columns(2)
        first_id = left.selectbox("First", ids, format_func=titles.__getitem__, key="side_first")
        others = [row_id for row_id in ids if row_id != first_id]
        second_id = right.selectbox(
            "Second", others, format_func=titles.__getitem__, key="side_second"
        )
    first = compared_model(first_id, titles[first_id], runs, baselines)
    second = compared_model(second_id, titles[second_id], runs, baselines)
    start_over(f"{first_id},{second_id}")
    found = compare_pair(first.test_predictions, second.test_predictions)
    _tell(first, second, found)
    show_disagreement(first, second, found)


def _tell(first: ComparedModel, second: ComparedModel, found: PairedComparison) -> None:
    test = found.test
    accuracies = [f"**{plain(each.title)}** {each.accuracy:.1%}" for each in (first, second)]
    verdict = (
        "**This difference is more than luck.**"
        if test.is_significant
        else "**This difference is within luck.**"
    )
    st.markdown(
        f"Right on the test pictures: {accuracies[0]}, {accuracies[1]}. Of {found.n_images:,} "
        f"pictures, the first alone is right on {test.only_first:,}, the second alone on "
        f"{test.only_second:,}. If both were equally good, each of these would fall to either like "
        f"a coin, and a difference as large would come about {_frequency(test.p_value)}. {verdict}",
        width=MEASURE,
    )
    st.caption(
        f"McNemar's exact test, two-sided: p = {test.p_value:.3g}. Within luck is what would "
        "happen in more than 5 of 100 cases. Who compares many pairs will find such a difference "
        "sooner or later.",
        width=MEASURE,
    )


def _frequency(p_value: float) -> str:
    if p_value >= 0.995:
        return "nearly always"
    if p_value >= 0.01:
        return f"in {100 * p_value:.0f} of 100 cases"
    return f"in {1000 * p_value:.0f} of 1,000 cases" if p_value >= 0.001 else "hardly ever"
