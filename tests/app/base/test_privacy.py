"""A picture that somebody only looks at is in memory as long as a session shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from ui.base import services
from ui.base.privacy import HeldImage, clear_image_caches


@pytest.fixture
def decoded(data_dir: Path) -> str:
    """Name of an image that was decoded."""
    services.decoded_images().get("abc", lambda: Image.new("L", (10, 10)))
    services.decoded_images().get("abc 12 bits", lambda: Image.new("L", (10, 10)))
    assert services.decoded_images().n_bytes == 200
    return "abc"


def _page() -> None:
    import streamlit as st

    from ui.base.privacy import hold, release, release_others

    release_others(st.session_state["page"])
    content = st.session_state["content"]
    if content:
        hold("predict", content)
    else:
        release("predict")


@pytest.mark.parametrize("how", ["taken away", "another one", "another page"])
def test_a_picture_is_forgotten_when_its_session_is_done_with_it(decoded: str, how: str) -> None:
    page = AppTest.from_function(_page)
    page.session_state["page"], page.session_state["content"] = "Predict", decoded
    page.run().run()
    assert services.decoded_images().n_bytes == 200
    if how == "another page":
        page.session_state["page"] = "Train"
    page.session_state["content"] = "def" if how == "another one" else ""
    page.run()
    assert not page.exception
    assert services.decoded_images().n_bytes == 0


def test_it_stays_while_another_session_shows_it(decoded: str) -> None:
    first, second = HeldImage(decoded), HeldImage(decoded)
    del first
    assert services.decoded_images().n_bytes == 200
    del second
    assert services.decoded_images().n_bytes == 0


def test_erasing_clears_what_is_kept_to_be_quicker(decoded: str) -> None:
    clear_image_caches()
    assert services.decoded_images().n_bytes == 0
