"""What becomes of people's pictures: said where they come in, and let go when they are done."""

from __future__ import annotations

import weakref

import streamlit as st

from ann_core.runs.privacy import Way, privacy_note
from ui.base import keys, services


def show_privacy_note(way: Way) -> None:
    """Say beside the control that takes pictures where they go, who sees them and how long."""
    st.caption(f":material/lock: {privacy_note(way, services.settings())}")


class HeldImage:
    """The decoded image of an upload, forgotten as soon as no session holds it any more.

    Parameters
    ----------
    content : str
        Names the content of the file, as `DecodedImages.get` takes it.
    """

    def __init__(self, content: str) -> None:
        self.content = content
        _held_images.add(self)
        weakref.finalize(self, _forget, content)


_held_images: weakref.WeakSet[HeldImage] = weakref.WeakSet()


def _forget(content: str) -> None:
    if not any(held.content == content for held in _held_images):
        services.decoded_images().forget(content)


def hold(where: str, content: str) -> None:
    """Keep the decoded image of an upload while it is shown; another one is let go."""
    held: HeldImage | None = st.session_state.get(keys.held_image(where))
    if held is None or held.content != content:
        release(where)
        st.session_state[keys.held_image(where)] = HeldImage(content)


def release(where: str) -> None:
    """Forget the upload that was shown."""
    st.session_state.pop(keys.held_image(where), None)


def release_others(page: str) -> None:
    """Forget what was brought to the page before, once another one is opened."""
    if st.session_state.get(keys.OPEN_PAGE) not in (None, page):
        st.session_state.pop(keys.MANY_PREDICTIONS, None)
        for key in [key for key in st.session_state if str(key).endswith(keys.HELD)]:
            del st.session_state[key]
    st.session_state[keys.OPEN_PAGE] = page


def clear_image_caches() -> None:
    """Clear what this process keeps of pictures to be quicker; pages read it again."""
    services.decoded_images().clear()
    st.cache_data.clear()
    st.cache_resource.clear()
