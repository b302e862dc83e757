"""Mean images: what the images of a class have in common, pixel by pixel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.class_means import MeanDifference, describe_difference
from ann_core.datasets.profile.profile import DatasetProfile
from ann_core.plots.heat_maps import colour_bar, diverging_colours, even_span, heat_map, span_of
from ann_core.plots.images import to_png
from ann_core.plots.theme import heat_colours
from ui.base import keys
from ui.base.folds import fold
from ui.base.page import MEASURE, ROW
from ui.base.text import plain, short

SIDE = 288  # of a picture, in pixels of the page: three for each of the 96
_FACTOR = 6  # of the PNG: two for each pixel of the page, so that edges stay sharp everywhere
_GRAY = np.repeat(np.arange(256, dtype=np.uint8)[:, np.newaxis], 3, axis=1)
_NO_IMAGE = "No picture of this class can be read any more."


@st.fragment
def show_means(dataset: Dataset, profile: DatasetProfile) -> None:
    """Show mean and standard deviation of two classes, and how their means differ."""
    st.markdown(
        "All pictures of a class, gray and squashed to 96 × 96, laid on top of each other: the "
        "mean of each pixel, and how far pictures are spread around it (standard deviation). "
        "A pixel that differs between two means is one that a network without hidden layers "
        "can use.",
        width=MEASURE,
    )
    first, second = _choose(dataset.class_names)
    labels = [profile.class_names.index(name) for name in dict.fromkeys((first, second))]
    _show_row("Mean", profile, labels, images=profile.class_means, colours=_GRAY)
    _show_difference(profile, first, second)
    with fold("How far pictures are spread around the mean", keys.DEVIATIONS):
        _show_row("Deviation", profile, labels, images=profile.class_stds)
    st.markdown(
        "A visible shape means that the animal is usually in the same "
        "place, and a dense network may rely on that place. Mean pictures without any shape "
        "mean that no single pixel tells much. Where the deviation is large, pictures differ; "
        "where it is small, such as in a frame or a plain background, they all look the same.",
        width=MEASURE,
    )


def _choose(class_names: tuple[str, ...]) -> tuple[str, str]:
    """Ask which two classes to compare, where there are more than two."""
    if len(class_names) == 2:
        return class_names[0], class_names[1]
    with st.container(horizontal=True):
        chosen = [
            st.selectbox(label, class_names, index, key=key, bind="query-params", width=240)
            for index, (label, key) in enumerate(
                [("Class", keys.CLASS_MEAN), ("Compare with", keys.CLASS_MEAN_LESS)]
            )
        ]
    return chosen[0], chosen[1]


def _show_row(
    kind: str,
    profile: DatasetProfile,
    labels: Sequence[int],
    *,
    images: np.ndarray,
    colours: np.ndarray | None = None,
) -> None:
    """Show an image of each of these classes, all on one scale."""
    span = span_of(*(images[label] for label in labels))
    with st.container(horizontal=True, gap="medium", key=f"{ROW}{kind.lower()}"):
        for label in labels:
            name = plain(short(profile.class_names[label]))
            _show(f"{kind}, {name}", images[label], span, colours=colours)


def _show_difference(profile: DatasetProfile, first: str, second: str) -> None:
    if first == second:
        st.caption("Choose another class to compare with, to see how the two differ.")
        return
    names = plain(short(first)), plain(short(second))
    values = profile.mean_difference(first, second)
    st.subheader(f"Difference: average {names[0]} minus average {names[1]}", anchor=False)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        title = f"{names[0]} − {names[1]}"
        _show(title, values, even_span(values), colours=diverging_colours())
        difference = describe_difference(values)
        if difference is not None:
            st.markdown(_about(difference, names), width=440)


def _about(difference: MeanDifference, names: tuple[str, str]) -> str:
    (top, left), (bottom, right) = difference.brightest, difference.darkest
    return (
        f"Blue: {names[0]} is brighter on average; orange: {names[1]} is. The means differ most "
        f"by {_signed(difference.highest)} (row {top}, column {left}) and "
        f"{_signed(difference.lowest)} (row {bottom}, column {right}) of 255, "
        f"by {difference.mean_absolute:.1f} on average over all pixels. Compare that with "
        "how far the pictures of one class are spread around their own mean, below."
    )


def _signed(value: float, sign: str = "+") -> str:
    return f"{value:{sign}.1f}".replace("-", "−")


def _show(
    title: str,
    values: np.ndarray,
    span: tuple[float, float],
    *,
    colours: np.ndarray | None = None,
) -> None:
    """Show one heat map with its scale."""
    colours = heat_colours() if colours is None else colours
    with st.container(width=SIDE, gap="xsmall"):
        st.markdown(f"**{title}**")
        if not np.isfinite(values).all():
            st.caption(_NO_IMAGE)
            return
        png = to_png(heat_map(values, span, colours), factor=_FACTOR)
        low, high = (_signed(end, sign="-") for end in span)
        alt = f"{title.replace(chr(92), '')}: 96 by 96 pixels, from {low} to {high}"
        st.image(png, output_format="PNG", width="stretch", alt=alt)
        st.image(
            to_png(colour_bar(colours, width=2 * SIDE)),
            output_format="PNG",
            width="stretch",
            alt=f"Scale of the colours, from {low} to {high}",
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption(low, width="content")
            st.caption(high, width="content")
