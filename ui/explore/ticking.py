"""Tick images, in the gallery or in Health, then leave them out or move them to another class."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import Edit, LeaveOut, MoveImages
from ann_core.files import counted
from ui.base import keys
from ui.base.page import MEASURE
from ui.components.paged_images import Ticks
from ui.explore.import_form import WIDTH
from ui.explore.new_version import ask_for_version

MAKE = "Make the version"

_OUT, _MOVE = "Leave them out", "Move them to a class"
_MOVE_EACH = "Move each to the class it looks like"


def choose_ticks(dataset: Dataset, rows: Sequence[int]) -> Ticks | None:
    """Let people say that a click ticks; return what is ticked, or None where a click opens.

    Parameters
    ----------
    rows : sequence of int
        Images of this page, which can be ticked together.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        ticking = st.toggle(
            "Select pictures",
            key=keys.GALLERY_TICKS,
            help="A click selects a picture instead of opening it. What is selected stays so on "
            "other pages of the gallery, until you make a version of it.",
        )
        if not ticking:
            return None
        ticked = _ticked(dataset)
        select_buttons("ticks", lambda: ticked.update(rows), ticked.clear, any_ticked=bool(ticked))

    def flip(number: int) -> None:
        ticked.symmetric_difference_update({number - 1})

    return Ticks(frozenset(row + 1 for row in ticked), flip)


def select_buttons(
    key: str,
    select_page: Callable[[], None],
    select_none: Callable[[], None],
    *,
    any_ticked: bool,
) -> None:
    """Offer to tick all images of a page, or none at all.

    Parameters
    ----------
    key : str
        That the keys of the buttons begin with.
    select_page, select_none : callable
        What the buttons do.
    """
    st.button(
        "Select this page",
        icon=":material/select_all:",
        key=f"{key}_all",
        on_click=select_page,
        type="tertiary",
    )
    st.button(
        "Select none",
        icon=":material/deselect:",
        key=f"{key}_none",
        on_click=select_none,
        disabled=not any_ticked,
        type="tertiary",
    )


def show_ticked(dataset: Dataset) -> None:
    """Say how many are ticked, and ask what becomes of them."""
    rows = tuple(sorted(_ticked(dataset)))
    verb = "are" if len(rows) != 1 else "is"
    st.markdown(f"**{counted(len(rows))} {verb} selected.**", width=MEASURE)
    edits = ask_for_edits(dataset, rows, key="ticks")
    ask_for_version(dataset, edits, key="ticks_go", label=MAKE)


def ask_for_edits(
    dataset: Dataset,
    rows: tuple[int, ...],
    *,
    key: str,
    looks_like: Mapping[int, str] | None = None,
) -> list[Edit]:
    """Ask what becomes of some images; none are no edits.

    Parameters
    ----------
    key : str
        That the keys of the controls begin with.
    looks_like : dict of row to class, optional
        Classes that they could be moved to, each to its own.
    """
    actions = (_OUT, _MOVE) if looks_like is None else (_MOVE_EACH, _MOVE, _OUT)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        action = st.selectbox(
            *("What to do with them", actions), key=f"{key}_action", width=WIDTH * 2 // 3
        )
        to = None
        if action == _MOVE:
            to = st.selectbox(
                "Class, or type the name of a new one",
                dataset.class_names,
                index=None,
                key=f"{key}_class_{dataset.name}",
                accept_new_options=True,
                width=WIDTH // 2,
            )
    if rows and action == _OUT:
        return [LeaveOut(rows=rows)]
    if rows and to:
        return [MoveImages.parse({"rows": rows, "to": to})]
    if rows and looks_like is not None and action == _MOVE_EACH:
        by_class: dict[str, list[int]] = {}
        for row in rows:
            by_class.setdefault(looks_like[row], []).append(row)
        return [MoveImages(rows=tuple(some), to=name) for name, some in by_class.items()]
    return []


def _ticked(dataset: Dataset) -> set[int]:
    """Rows that are ticked in this session."""
    key = keys.ticked_images(dataset.fingerprint)
    ticked: set[int] = st.session_state.setdefault(key, set())
    return ticked
