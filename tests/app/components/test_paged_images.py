"""A gallery turns its pages, and keeps the image that is open by its number."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def gallery() -> None:
    """A gallery of 50 images, 24 a page."""
    import streamlit as st

    from ui.components.paged_images import PagedImages

    images = PagedImages("page", "opened", "view", "images", noun="neuron")
    number = images.choose_number(50)
    with images.view(border=number is not None):
        if number is not None:
            images.show_heading(f"Node {number}", close_key="close")
    st.button("Turn to the 50th", key="turn", on_click=images.turn_to, args=(49,))
    st.button("Start over", key="over", on_click=images.start_over)
    page = images.choose_page(50)
    st.caption(f"{page.start} to {page.stop}, {images.opened} is open")


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(gallery, default_timeout=30).run()


def caption(page: AppTest) -> str:
    assert not page.exception
    return page.caption[0].value


def test_the_last_page_ends_with_the_last_image(page: AppTest) -> None:
    assert caption(page) == "0 to 24, None is open"
    assert caption(page.button(key="turn").click().run()) == "48 to 50, None is open"
    assert caption(page.button(key="over").click().run()) == "0 to 24, None is open"


def test_what_is_open_stays_open_on_any_page_until_it_is_closed(page: AppTest) -> None:
    page.number_input(key="opened").set_value(7).run()
    assert page.number_input(key="opened").label == "Open neuron number"
    assert page.markdown[0].value == "Node 7"
    assert caption(page.button(key="turn").click().run()) == "48 to 50, 7 is open"
    assert caption(page.button(key="close").click().run()) == "48 to 50, None is open"
    page.number_input(key="opened").set_value(50).run()
    assert caption(page.button(key="over").click().run()) == "0 to 24, None is open"
    assert not page.markdown
