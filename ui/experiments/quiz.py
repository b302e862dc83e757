"""A person labels the pictures that the networks were tested on; the session alone keeps score."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.experiments.conclusion import Conclusion, Figure, bar
from ann_core.experiments.examples import one_image
from ann_core.experiments.standing import Standing
from ann_core.experiments.you import KINDS, YOU, chosen_rows, judge
from ann_core.plots.experiment_plots import describe_result, result_figure
from ui.base import keys
from ui.base.datasets import catalog
from ui.base.page import MEASURE
from ui.base.text import plain

_SIDE = 256  # of a picture, in pixels of the page
_SHORTCUTS = "1234567890"


def show_quiz(standing: Standing) -> None:
    """Let whoever may see the data set label its pictures, also while the networks train."""
    record = standing.record
    if record.name != YOU.key:
        return
    info = catalog().find(record.dataset, record.fingerprint)
    if info is None:
        st.info("The pictures of this experiment are not here, or not yours to see.")
        return
    st.subheader("You", anchor=False)
    _quiz(standing, catalog().load(info.name))


@st.fragment
def _quiz(standing: Standing, dataset: Dataset) -> None:
    key = keys.quiz_answers(standing.record.id)
    chosen: list[str] = st.session_state.setdefault(key, [])
    rows = chosen_rows(dataset.indices("test"))
    if len(chosen) < rows.size:
        _ask(standing, dataset, chosen, n_each=rows.shape[1])
    elif standing.conclusion is None:
        st.info(
            f"You have labelled all {rows.size} pictures. Your score comes with the networks'.",
            icon=":material/hourglass:",
        )
    else:
        _show_score(chosen, standing.conclusion)
    if chosen:
        st.button("Start again", icon=":material/restart_alt:", key="again", on_click=chosen.clear)


def _ask(standing: Standing, dataset: Dataset, chosen: list[str], *, n_each: int) -> None:
    """Show the next picture, and a button and a key for each class."""
    part, number = divmod(len(chosen), n_each)
    row = int(chosen_rows(dataset.indices("test"))[part, number])
    names = dataset.info.class_names
    st.progress(len(chosen) / (2 * n_each), text=f"Picture {number + 1} of {n_each}, {KINDS[part]}")
    config = standing.record.plan[part].config.preprocess
    st.image(one_image(dataset, row, config), width=_SIDE, caption="Which class is it?")
    with st.container(horizontal=True, key="classes"):
        for index, name in enumerate(names):
            st.button(
                plain(name),
                key=f"class_{index}",
                on_click=chosen.append,
                args=(name,),
                shortcut=_SHORTCUTS[index] if index < len(_SHORTCUTS) else None,
            )
    st.caption("The keys 1, 2 and so on do the same.")


def _show_score(chosen: list[str], conclusion: Conclusion) -> None:
    duels = judge(chosen, conclusion.examples)
    for duel in duels:
        st.markdown(duel.text(), width=MEASURE)
    numbers = [number for duel in duels for number in (duel.you, duel.network)]
    figure = Figure(
        kind="bars",
        y_title=f"right of {len(chosen) // 2} pictures",
        chance=conclusion.figure.chance,
        lines=tuple(bar(number) for number in numbers),
    )
    st.vega_lite_chart(result_figure(figure), key="your_score", alt=describe_result(figure))
    st.caption("Lines on the bars are 95% intervals. Only this browser tab knows your score.")
