"""Pictures that show what came out of an experiment."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.experiments.conclusion import Example, Map
from ann_core.experiments.examples import mirrored_pair, pushed_strip
from ann_core.experiments.push import PUSH, STRENGTHS
from ann_core.experiments.standing import Standing
from ann_core.experiments.you import YOU
from ann_core.files import counted
from ann_core.plots.heat_maps import overlay
from ui.base.datasets import catalog
from ui.base.errors import guard
from ui.base.page import MEASURE
from ui.base.text import plain
from ui.base.turns import SHORT_WORK
from ui.runs.models import open_classifier

_ZOOM = 6  # a pixel of the network becomes a square of so many


def show_gallery(standing: Standing) -> None:
    """Show the pictures that it is about, to whoever may see the data set."""
    record, conclusion = standing.record, standing.conclusion
    if conclusion is None:
        return
    info = catalog().find(record.dataset, record.fingerprint)
    if info is None or record.name == YOU.key:  # that one asks, see `ui.experiments.quiz`
        return
    if conclusion.maps:
        _maps(conclusion.maps)
    if not conclusion.examples:
        return
    dataset = catalog().load(info.name)
    if record.name == PUSH.key:
        _push(standing, dataset, conclusion.examples)
        return
    preprocess = record.plan[0].config.preprocess
    st.subheader("Pictures that change their class in the mirror", anchor=False)
    st.caption("Each as the dense network was given it, and beside it its mirror image.")
    with st.grid(4, min_column_width=150, key="mirrored"):
        for example in conclusion.examples:
            pair = mirrored_pair(dataset, example.row, preprocess)
            st.image(pair, caption=plain(example.text()), width="stretch")


def _maps(maps: tuple[Map, ...]) -> None:
    """Lay each map over the mean of the pictures that it is of."""
    st.subheader("Places that decide", anchor=False)
    st.caption(
        "Over the mean of all these test pictures: the more orange, the more a place decides. Each "
        "map is drawn by its own largest value."
    )
    # Three of a kind in a row: the picture in its middle, and in two corners.
    with st.container(width=MEASURE), st.grid(3, min_column_width=100, key="maps"):
        for each in maps:
            image = overlay(*each.arrays(), zoom=_ZOOM)
            st.image(image, caption=plain(each.name), width="stretch")


@st.fragment
def _push(standing: Standing, dataset: Dataset, examples: tuple[Example, ...]) -> None:
    """Push one picture as hard as a slider says."""
    networks = {
        planned.role: run
        for planned, run in zip(standing.record.plan, standing.runs, strict=True)
        if run is not None and run.has_model
    }
    if not networks:
        return  # deleted since then
    st.subheader("Push a picture yourself", anchor=False)
    texts = {each.row: f"number {each.row + 1:,}, a {each.truth}" for each in examples}
    row = st.selectbox(
        "Picture", list(texts), format_func=texts.__getitem__, key="pushed_row", width=320
    )
    role = st.segmented_control(
        "Network", list(networks), default=next(iter(networks)), required=True, key="pushed_network"
    )
    strength = st.slider(
        "How many of 255 levels brighter or darker", 0, STRENGTHS[-1], 0, key="push_strength"
    )
    example = next(each for each in examples if each.row == row)
    with guard(), SHORT_WORK:
        strip, predicted = pushed_strip(
            dataset, row, open_classifier(networks[role]), strength=strength
        )
        st.image(
            strip,
            caption="The picture; white where it becomes brighter, black where darker; the picture "
            "after the push.",
        )
        st.markdown(
            f"The {plain(role)} network now predicts **{plain(predicted.class_name)}** "
            f"({predicted.probability:.0%}). The smallest push that we tried and that changed the "
            f"answer of the dense network was {counted(example.strength, 'level')}: then it "
            f"predicted {plain(example.after)} and no longer {plain(example.before)}."
        )
