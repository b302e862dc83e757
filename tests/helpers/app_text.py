"""What a page says."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page_text(page: AppTest) -> list[str]:
    """The errors that a page shows in words; Streamlit's own box must not be there."""
    assert not page.exception, page.exception[0].message
    return [error.value.replace("\\", "") for error in page.error]


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)
