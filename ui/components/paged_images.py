"""Many images on a contact sheet, page by page; a click opens one of them, in full, above it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.components.contact_sheet import ContactSheet, show_sheet


@dataclass(frozen=True)
class Ticks:
    """Which images are ticked, by number, and what a click on one of them does."""

    numbers: frozenset[int]
    flip: Callable[[int], None]


@dataclass(frozen=True)
class PagedImages:
    """Where a gallery keeps its page and its opened image, and how large its pages are.

    Images go by numbers, counted from 1, that stay theirs on whatever page they are.

    Attributes
    ----------
    page_key, open_key : str
        In the session: the page, and the number of the image that is open, or None.
    view_key, sheet_key : str
        Of the container of the opened image, and of the contact sheet.
    columns, rows : int
        Of a full page.
    noun : str
        What there is to open.
    ticks : Ticks or None
        Given where a click ticks an image instead of opening it.
    """

    page_key: str
    open_key: str
    view_key: str
    sheet_key: str
    columns: int = 8
    rows: int = 3
    noun: str = "picture"
    ticks: Ticks | None = None

    @property
    def per_page(self) -> int:
        """Images of a full page."""
        return self.columns * self.rows

    @property
    def opened(self) -> int | None:
        """Number of the image that is open."""
        number: int | None = st.session_state.get(self.open_key)
        return number

    def open(self, number: int | None) -> None:
        """Open an image, or close the one that is open; for callbacks."""
        st.session_state[self.open_key] = number

    def close(self) -> None:
        """Close the image that is open; for callbacks."""
        self.open(None)

    def to_first_page(self) -> None:
        """Begin with the first page, as other images are chosen; for callbacks."""
        st.session_state[self.page_key] = 1

    def start_over(self) -> None:
        """Show the first page, and no image open; for callbacks."""
        self.to_first_page()
        self.close()

    def turn_to(self, index: int) -> None:
        """Turn to the page of an image, by its place among those that are shown."""
        st.session_state[self.page_key] = index // self.per_page + 1

    def choose_number(
        self,
        highest: int,
        *,
        label: str | None = None,
        placeholder: str | None = None,
        width: int = 200,
    ) -> int | None:
        """Let people open an image by its number, which stands in the address."""
        number = st.number_input(
            label or f"Open {self.noun} number",
            1,
            highest,
            value=None,
            key=self.open_key,
            bind="query-params",
            placeholder=placeholder or f"1 to {highest:,}",
            width=width,
        )
        return None if number is None else int(number)

    def view(self, *, border: bool) -> DeltaGenerator:
        """Make the place for the opened image."""
        return st.container(key=self.view_key, border=border)

    def show_heading(self, markdown: str, *, close_key: str) -> None:
        """Begin the view of the opened image: a way to close it, and what it is."""
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Close", key=close_key, icon=":material/close:", on_click=self.close)
            st.markdown(markdown, width="stretch")

    def choose_page(self, n_images: int) -> slice:
        """Let people turn pages, if there is more than one; return which images are on this."""
        n_pages = -(-n_images // self.per_page)
        page = 1
        if n_pages > 1:
            page = st.pagination(n_pages, key=self.page_key, bind="query-params")
        return slice((page - 1) * self.per_page, min(page * self.per_page, n_images))

    def show_page(
        self,
        sheet: bytes,
        words: Mapping[int, str],
        *,
        alt: str,
        columns: int | None = None,
        gap: float | None = None,
        opened: int | None = None,
    ) -> None:
        """Show the images of a page; a click opens one.

        Parameters
        ----------
        sheet : bytes
            JPEG or PNG with the images, `columns` in a row.
        words : dict of int to str
            Number and words of each image, in reading order.
        columns : int, optional
            If not those of a full page.
        gap : float, optional
            As `ann_core.plots.images.array_sheet` returned it.
        opened : int, optional
            What is open, also if it is on another page; without it, what is open of this one.
        """
        show_sheet(
            ContactSheet(
                *(sheet, words, alt, columns or self.columns, gap, self.noun),
                ticked=None if self.ticks is None else self.ticks.numbers,
            ),
            key=self.sheet_key,
            view=self.view_key,
            opened=opened or (self.opened if self.opened in words else None),
            on_pick=self.open if self.ticks is None else self.ticks.flip,
        )
