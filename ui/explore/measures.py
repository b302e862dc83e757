"""Sizes, brightness, contrast and kinds of file, as charts."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.measures import class_averages, summarise_sizes
from ann_core.datasets.profile.profile import DatasetProfile
from ann_core.plots import dataset_plots
from ui.base.page import MEASURE
from ui.components.small_table import show_rows

_CHART = {"displayModeBar": False}
_PIXELS = {"L": "gray", "RGB": "colour", "RGBA": "colour, see-through", "P": "colour, of a palette"}


@st.fragment
def show_measures(dataset: Dataset, profile: DatasetProfile) -> None:
    """Draw sizes, brightness and contrast, and count kinds of file, each by class."""
    _show_sizes(dataset, profile)
    _show_light(dataset, profile)
    _show_kinds(dataset)


def _show_sizes(dataset: Dataset, profile: DatasetProfile) -> None:
    sizes = summarise_sizes(profile.measures)
    usual = f"{sizes.median_width:,.0f} × {sizes.median_height:,.0f} pixels"
    st.subheader("Sizes and shapes", anchor=False)
    if sizes.n_sizes == 1:
        st.markdown(f"All pictures have the same size, {usual}.", width=MEASURE)
        return
    st.markdown(
        f"{sizes.n_sizes:,} different sizes, usually about {usual}; {sizes.wide_share:.0%} of the "
        f"pictures are wider than high, {sizes.tall_share:.0%} higher than wide. A network takes "
        "one size only: the farther from the line 1:1, the more a picture is squashed when it "
        "becomes a square: circles become ovals.",
        width=MEASURE,
    )
    st.plotly_chart(
        dataset_plots.sizes_figure(profile.measures, dataset.class_names),
        key="sizes_chart",
        config=_CHART,
        alt="Width and height of the pictures; the larger a bubble, the more pictures",
    )


def _show_light(dataset: Dataset, profile: DatasetProfile) -> None:
    st.subheader("Brightness and contrast", anchor=False)
    st.markdown(
        "Brightness is the mean of all values of a picture, from 0 (black) to 255 (white); "
        "contrast is their standard deviation. Where the lines of two classes lie apart, a "
        "network can tell these classes by the light alone, without having seen what is in them.",
        width=MEASURE,
    )
    for column, measure in zip(st.columns(2), ("brightness", "contrast"), strict=True):
        column.plotly_chart(
            dataset_plots.histogram_figure(profile.measures, measure, dataset.class_names),
            key=f"{measure}_chart",
            config=_CHART,
            alt=f"Share of each class's pictures by {measure}; {_means(profile, measure)}",
        )


def _means(profile: DatasetProfile, measure: str) -> str:
    averages = class_averages(profile.measures, measure)
    shown = [f"{name} {mean:.0f} on average" for name, mean in averages.items()]
    return ", ".join(shown[: dataset_plots.MAX_LINES])


def _show_kinds(dataset: Dataset) -> None:
    kinds = dataset_plots.file_kinds(dataset.images, dataset.class_names)
    st.subheader("Kinds of file", anchor=False)
    st.markdown(
        "Does one class come in another kind of file, or in gray? Then the way it was stored "
        "gives it away: JPEG leaves blocks in the pixels, and a network may learn those.",
        width=MEASURE,
    )
    kinds = kinds.assign(
        pixels=[_PIXELS.get(mode, mode) for mode in kinds["pixels"]],
        kilobytes=kinds["kilobytes"].map("{:,.1f}".format),
    )
    records = kinds.rename(columns={"kilobytes": "usual kB"}).to_dict("records")
    rows = [{str(column): value for column, value in record.items()} for record in records]
    show_rows(rows, alt="Pictures by kind of file and of pixel")
