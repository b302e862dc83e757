"""Two on the same test images: how much of the difference between them is luck."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ann_core.evaluation.compared_model import ComparableModels, ComparedModel
from ann_core.evaluation.comparison import PairedComparison, compare_pair
from ann_core.evaluation.significance import frequency_text
from ui.base import keys
from ui.base.choices import hold_choice
from ui.base.page import MEASURE
from ui.base.text import plain
from ui.compare.disagreements import show_disagreement, start_over
from ui.runs.test_looks import look_at_test, looks_text


def show_significance(models: ComparableModels, chosen: Sequence[str]) -> None:
    """Say whether two differ by more than luck, and show the images that tell them apart."""
    titles = models.titles(chosen)
    if len(titles) < 2:
        st.caption(
            "Mark two tested rows of the same data set in the table, networks or baselines, to see "
            "whether they differ by more than chance explains."
        )
        return
    first_id, second_id = _choose_pair(titles)
    first, second = (models.open(row_id, titles[row_id]) for row_id in (first_id, second_id))
    look_at_test(each.run for each in (first, second) if each.is_network)
    start_over(f"{first_id},{second_id}")
    comparison = compare_pair(first.test_predictions, second.test_predictions)
    _tell(first, second, comparison)
    network = next((each.run for each in (first, second) if each.is_network), None)
    if network is not None:
        st.caption(looks_text(network), width=MEASURE)
    show_disagreement(first, second, comparison)


def _choose_pair(titles: dict[str, str]) -> tuple[str, str]:
    """Ask which two to compare, where there are more than two."""
    ids = list(titles)
    if len(ids) == 2:
        return ids[0], ids[1]
    left, right = st.columns(2)
    hold_choice(keys.SIDE_FIRST, ids)
    first = left.selectbox("First", ids, format_func=titles.__getitem__, key=keys.SIDE_FIRST)
    others = [row_id for row_id in ids if row_id != first]
    hold_choice(keys.SIDE_SECOND, others)
    second = right.selectbox("Second", others, format_func=titles.__getitem__, key=keys.SIDE_SECOND)
    return first, second


def _tell(first: ComparedModel, second: ComparedModel, comparison: PairedComparison) -> None:
    test = comparison.test
    accuracies = [f"**{plain(each.title)}** {each.accuracy:.1%}" for each in (first, second)]
    verdict = "larger than chance explains" if test.is_significant else "small enough to be chance"
    st.markdown(
        f"Right on the test pictures: {accuracies[0]}, {accuracies[1]}. Of "
        f"{comparison.n_images:,} pictures, the first alone is right on {test.only_first:,}, the "
        f"second alone on {test.only_second:,}. If both were equally good, a difference this large "
        "would happen by chance "
        f"{frequency_text(test.p_value)}. **This difference is {verdict}.**",
        width=MEASURE,
    )
    st.caption(
        f"McNemar's exact test, two-sided: p = {test.p_value:.3g}. A difference that would "
        "happen by chance in more than 5 of 100 cases could be chance. If you compare many pairs, "
        "you will find a large one sooner or later.",
        width=MEASURE,
    )
