"""Errors for people, shown where they happen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitValueAboveMaxError, StreamlitValueBelowMinError

from ann_core.errors import FlatlandError
from ann_core.runs.database import reason
from ui.prose import plain

P = ParamSpec("P")


@contextlib.contextmanager
def guard() -> Iterator[None]:
    """Show an error of ours as a sentence and go on with the page below the block.

    A registry that cannot be reached, and a value that no slider gives, are such
    errors too. Anything else surfaces: Streamlit logs it and shows visitors no details.
    """
    try:
        yield
    except FlatlandError as error:
        _show(str(error))
    except SQLAlchemyError as error:
        _show(
            f"The run registry cannot be used: {reason(error)}. Check that the data folder is "
            "still there and the disk not full, then start Flatland again."
        )
    except (StreamlitValueAboveMaxError, StreamlitValueBelowMinError) as error:
        _show(f"A setting lies outside its bounds: {error} Reload the page to begin anew.")


def guarded(action: Callable[P, object]) -> Callable[P, None]:
    """Make a callback of `action` that shows its errors at the top of the page."""

    @wraps(action)
    def callback(*args: P.args, **kwargs: P.kwargs) -> None:
        with guard():
            action(*args, **kwargs)

    return callback


def _show(text: str) -> None:
    st.error(plain(text), icon=":material/error:")
