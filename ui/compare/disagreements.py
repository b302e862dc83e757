"""Images on which two disagree: a sheet of them, and one in full."""

from __future__ import annotations

import streamlit as st

from ann_core.evaluation.comparison import PairedComparison
from ann_core.plots.images import array_sheet, fit_png
from ui.base import keys, navigation, services
from ui.base.errors import guard
from ui.base.show_png import show_png
from ui.base.text import background, link_to, plain, short
from ui.compare.contenders import ComparedModel, places_of
from ui.components.contact_sheet import show_sheet
from ui.runs.run_cache import run_inputs_of

# Keys of the session, and of the address.

COLUMNS, ROWS = 8, 3
PER_PAGE = COLUMNS * ROWS
_LARGE = 384  # of the opened image, in pixels of the page


def start_over(pair: str) -> None:
    """Forget choices that were made about two others."""
    if st.session_state.get(keys.DISAGREEMENT_PAIR, pair) != pair:
        st.session_state.update({keys.DISAGREEMENT_PAGE: 1, keys.DISAGREEMENT_OPEN: None})
    st.session_state[keys.DISAGREEMENT_PAIR] = pair


def show_disagreement(first: ComparedModel, second: ComparedModel, found: PairedComparison) -> None:
    """Show what only one of the two has right, page by page, and an opened image in full."""
    sides = {
        f"Only the first is right ({len(found.only_first):,})": found.only_first,
        f"Only the second is right ({len(found.only_second):,})": found.only_second,
    }
    index = st.segmented_control(
        "Pictures",
        ["first", "second"],
        default="first",
        format_func=dict(zip(("first", "second"), sides, strict=True)).__getitem__,
        required=True,
        key=keys.DISAGREEMENT_SIDE,
        bind="query-params",
        on_change=_to_page_one,
    )
    rows = found.only_first if index == "first" else found.only_second
    if not len(rows):
        st.info("There is no such picture.")
        return
    opened = st.session_state.get(keys.DISAGREEMENT_OPEN)
    view = st.container(key=keys.DISAGREEMENT_VIEW, border=opened is not None)
    n_pages = -(-len(rows) // PER_PAGE)
    page = (
        st.pagination(n_pages, key=keys.DISAGREEMENT_PAGE, bind="query-params")
        if n_pages > 1
        else 1
    )
    start = (page - 1) * PER_PAGE
    part = [int(row) for row in rows[start : start + PER_PAGE]]
    if opened is not None and opened - 1 in found.labels:
        with view, guard():
            _show_one(first, second, found, opened - 1)
    _show_sheet(first, found, part)
    st.caption(f"{start + 1:,} to {start + len(part):,} of {len(rows):,}. Click one to open it.")


def _show_sheet(first: ComparedModel, found: PairedComparison, rows: list[int]) -> None:
    pixels, names = run_inputs_of(first.run), first.class_names
    words = [
        f"{short(names[found.labels[row]])}; first: {short(names[found.first_predicted[row]])}, "
        f"second: {short(names[found.second_predicted[row]])}"
        for row in rows
    ]
    if pixels is None:
        st.info("The pictures are no longer here, so the answers are listed.")
        st.table(
            {"number": [row + 1 for row in rows], "truth and answers": words},
            hide_index=True,
            alt="Pictures on which the two disagree",
        )
        return
    indices = places_of(first.predictions, rows)
    png, gap = array_sheet(pixels.images(indices), columns=COLUMNS, background=background())
    opened = st.session_state.get(keys.DISAGREEMENT_OPEN)
    show_sheet(
        png,
        dict(zip((row + 1 for row in rows), words, strict=True)),
        columns=COLUMNS,
        alt=f"Pictures on which the two disagree: {len(rows)}",
        opened=opened if opened in [row + 1 for row in rows] else None,
        view=keys.DISAGREEMENT_VIEW,
        on_pick=_open,
        key="side_sheet",
        gap=gap,
    )


def _show_one(
    first: ComparedModel, second: ComparedModel, found: PairedComparison, row: int
) -> None:
    names = [plain(short(name)) for name in first.class_names]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Close", key="side_close", icon=":material/close:", on_click=_close)
        st.markdown(f"**{names[found.labels[row]]}**, number {row + 1:,} in the data set")
    left, right = st.columns(2, gap="medium")
    with left:
        pixels = run_inputs_of(first.run)
        if pixels is not None:
            image = pixels.images(places_of(first.predictions, [row]))[0]
            png, width = fit_png(image, side=_LARGE)
            truth = first.class_names[found.labels[row]]
            show_png(png, width=width, alt=f"A picture of {truth}, as the network saw it")
    with right:
        for each, predicted in (
            (first, found.first_predicted[row]),
            (second, found.second_predicted[row]),
        ):
            verdict = "right" if predicted == found.labels[row] else "wrong"
            st.markdown(
                f"**{plain(each.title)}** says {names[predicted]}{each.confidence(row)}: {verdict}."
            )
        name = first.run.config.dataset
        if name in {info.name for info in services.catalog().infos()}:
            query = {keys.DATASET: name, keys.GALLERY_OPEN: str(row + 1)}
            link_to(
                navigation.EXPLORE, "See the original", icon=":material/photo_library:", query=query
            )


def _open(number: int) -> None:
    st.session_state[keys.DISAGREEMENT_OPEN] = number


def _close() -> None:
    st.session_state[keys.DISAGREEMENT_OPEN] = None


def _to_page_one() -> None:
    st.session_state.update({keys.DISAGREEMENT_PAGE: 1, keys.DISAGREEMENT_OPEN: None})
