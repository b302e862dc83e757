"""Pixel space: each image a point, and which images are near each other."""

from __future__ import annotations

import numpy as np
import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.profile import DatasetProfile
from ann_core.datasets.profile.scan import SIDE
from ann_core.plots.heat_maps import diverging_colours, even_span, heat_map
from ann_core.plots.images import TILE, contact_sheet, to_png
from ann_core.plots.scatter import LabelledPoints, pack_scatter
from ui.base import keys
from ui.base.page import MEASURE
from ui.base.text import background, plain, short
from ui.components.scatter import mark_chosen, picked, show_scatter
from ui.components.small_table import show_rows

_COLUMNS = 4  # of the sheet of neighbours
_DISTANCE = (
    "Distance: the root of the sum of 9,216 squared differences. Per pixel: the distance divided "
    "by 96, which is how much a pixel differs (root mean square), of 255."
)


@st.fragment
def show_pixel_space(dataset: Dataset, profile: DatasetProfile) -> None:
    """Draw the images as points; of the chosen one, show who its neighbours are."""
    n_points = len(profile.pixel_space.rows)
    sample = "" if n_points == len(dataset) else f", here {n_points:,} of {len(dataset):,},"
    st.markdown(
        f"To a dense network a picture{sample} is a point: 96 × 96 gray pixels are 9,216 "
        "coordinates. This is that space seen from the side where the pictures differ most "
        "(principal component analysis). Point at one to see it; click it to see its nearest "
        "neighbours.",
        width=MEASURE,
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        show_scatter(
            _packed(dataset, profile, drawing=_drawing(dataset)),
            key=keys.PIXEL_SPACE_DRAWING,
            on_picked=_pick,
        )
        st.caption(_explained(profile))
        _show_axes(profile)
    with right:
        _show_neighbours(dataset, profile, _choose(n_points))
    st.markdown(_notice(dataset, profile), width=MEASURE)


def _choose(n_points: int) -> int:
    """Ask for a point by its number, for those who cannot click."""
    if not 1 <= st.session_state.get(keys.PIXEL_SPACE_POINT, 1) <= n_points:
        st.session_state[keys.PIXEL_SPACE_POINT] = 1  # of another data set
    number = st.number_input(
        f"Picture, 1 to {n_points:,}", 1, n_points, key=keys.PIXEL_SPACE_POINT, bind="query-params"
    )
    return int(number) - 1


def _pick() -> None:
    number = picked(keys.PIXEL_SPACE_DRAWING)
    if number is not None:
        st.session_state[keys.PIXEL_SPACE_POINT] = number


def _show_neighbours(dataset: Dataset, profile: DatasetProfile, index: int) -> None:
    """Show an image, those nearest to it, and how many of them share its class."""
    space = profile.pixel_space
    row, neighbours = int(space.rows[index]), tuple(space.neighbours[index].tolist())
    ringed = np.searchsorted(space.rows, neighbours).tolist()
    mark_chosen(_drawing(dataset), index, ringed, key="pixel_space_chosen")
    name, class_name = _name(dataset, row), _class_name(dataset, row)
    with st.container(horizontal=True, vertical_alignment="center"):
        alt = f"{name}, {class_name}: the chosen picture"
        st.image(_sheet_of(dataset, (row,)), width=TILE, alt=alt)
        st.markdown(f"**{plain(name)}**  \nclass {plain(class_name)}", width="content")
    if not neighbours:
        return
    n_same = space.n_same_class(dataset.labels, index)
    st.markdown(
        f"Its {len(neighbours)} nearest, in reading order: **{n_same} of {len(neighbours)} share "
        "its class.**"
    )
    alt = f"The {len(neighbours)} nearest pictures to {name}"
    st.image(_sheet_of(dataset, neighbours), width="stretch", alt=alt)
    _show_distances(dataset, profile, index)


def _show_distances(dataset: Dataset, profile: DatasetProfile, index: int) -> None:
    space = profile.pixel_space
    neighbours = space.neighbours[index]
    show_rows(
        [
            {
                "picture": _name(dataset, row),
                "class": _class_name(dataset, row),
                "distance": round(float(distance)),
                "a pixel": round(float(a_pixel)),
            }
            for row, distance, a_pixel in zip(
                neighbours, space.distances[index], space.rms_distances[index], strict=True
            )
        ],
        alt=f"The nearest pictures to {_name(dataset, int(space.rows[index]))}, with class and "
        "distance",
    )
    st.caption(_DISTANCE)


def _show_axes(profile: DatasetProfile) -> None:
    """Show in which pixels the images differ along each axis of the drawing."""
    colours = diverging_colours()
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        for number, direction in enumerate(("right", "up"), 1):
            axis = profile.pixel_space.axes[number - 1].reshape(SIDE, SIDE)
            png = to_png(heat_map(axis, even_span(axis), colours), factor=2)
            with st.container(width=SIDE, gap="xsmall"):
                st.image(png, output_format="PNG", width="stretch", alt=f"Axis {number} as pixels")
                st.caption(f"farther {direction}")
        st.caption(
            "What the two axes look at: the farther right, or up, a picture lies, the brighter "
            "it is where this is blue, and the darker where it is orange.",
            width=300,
        )


def _explained(profile: DatasetProfile) -> str:
    shares = profile.pixel_space.explained
    first, second, ten = shares[0], shares[1], shares.sum()
    return (
        f"Across: axis 1, with {first:.1%} of all variance. Up: axis 2, with {second:.1%}. "
        f"Together {first + second:.1%}; ten axes would reach {ten:.1%}. The rest lies along "
        "axes that no drawing on paper can show: two points that touch here may be far apart."
    )


def _notice(dataset: Dataset, profile: DatasetProfile) -> str:
    space, labels = profile.pixel_space, dataset.labels
    verdict = (
        "Here, distance alone already tells the classes apart."
        if space.separates_classes(labels)
        else "So distance alone does not separate the classes: a network has to do more than "
        "measure distances."
    )
    return (
        "Neighbours are bright and dark in the same places, for instance "
        "because of the same background and light, whatever they show. Of all points, "
        f"{space.agreement(labels):.0%} have a nearest neighbour of their own class; by chance it "
        f"would be {space.chance_agreement(labels):.0%}. {verdict}"
    )


def _name(dataset: Dataset, row: int) -> str:
    return short(str(dataset.images["source"].iat[row]))


def _class_name(dataset: Dataset, row: int) -> str:
    return str(dataset.images["class_name"].iat[row])


def _drawing(dataset: Dataset) -> str:
    """Name the drawing of a data set: a name may be used again."""
    return f"{dataset.name} {dataset.info.created}"


@st.cache_data(max_entries=4, show_spinner=False)
def _packed(_dataset: Dataset, _profile: DatasetProfile, *, drawing: str) -> bytes:
    space = _profile.pixel_space
    labels = _dataset.labels[space.rows]
    names = [_name(_dataset, row) for row in space.rows]
    return pack_scatter(
        LabelledPoints(space, labels, names, _profile.sprite),
        [short(name) for name in _dataset.class_names],
        name=drawing,
        description=f"{len(space.rows):,} pictures as points, coloured by class. The number beside "
        "it chooses one and lists its neighbours.",
    )


def _sheet_of(dataset: Dataset, rows: tuple[int, ...]) -> bytes:
    return _sheet(dataset, rows, fingerprint=dataset.fingerprint, background=background())


@st.cache_data(max_entries=128, show_spinner=False)
def _sheet(_dataset: Dataset, rows: tuple[int, ...], *, fingerprint: str, background: str) -> bytes:
    columns = min(_COLUMNS, len(rows))
    paths = [_dataset.path(row) for row in rows]
    bits_used = _dataset.info.bits_used
    return contact_sheet(paths, columns=columns, background=background, bits_used=bits_used)
