"""Errors for people, shown where they happen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError
from streamlit.errors import StreamlitValueAboveMaxError, StreamlitValueBelowMinError

from ann_core.errors import FlatlandError
from ann_core.runs.database import reason
from ui.base import keys
from ui.base.text import plain

P = ParamSpec("P")


@dataclass
class Failure:
    """Why a callback failed; `page` is where that was shown, None before it was."""

    sentence: str
    page: str | None = None


def show(sentence: str) -> None:
    """Show an error as a sentence of ours, in its place on the page."""
    st.error(plain(sentence), icon=":material/error:")


@contextlib.contextmanager
def guard(tell: Callable[[str], None] = show) -> Iterator[None]:
    """Tell an error of ours as a sentence and go on below the block.

    A registry that cannot be reached, and a value that no slider gives, are such
    errors too. Anything else surfaces: Streamlit logs it and shows visitors no details.
    """
    try:
        yield
    except FlatlandError as error:
        tell(str(error))
    except SQLAlchemyError as error:
        tell(
            f"The run registry cannot be used: {reason(error)}. Check that the data folder is "
            "still there and the disk not full, then start Flatland again."
        )
    except (StreamlitValueAboveMaxError, StreamlitValueBelowMinError) as error:
        tell(f"A setting is out of range: {error} Reload the page to start again.")
    except OverflowError:  # Streamlit 1.67 takes "inf" in an address for a number
        tell("A number in the address of this page is infinite. Open the page anew from the top.")


def guarded(action: Callable[P, object]) -> Callable[P, None]:
    """Make a callback of `action`; its error is kept for `show_failure`.

    What a callback itself draws is gone with the next run of the script, and that may
    begin at once: by a key of the same gesture, or by a component that answers.
    """

    @wraps(action)
    def callback(*args: P.args, **kwargs: P.kwargs) -> None:
        st.session_state.pop(keys.FAILURE, None)
        with guard(_keep):
            action(*args, **kwargs)

    return callback


def show_failure(page: str) -> None:
    """Show why the last callback failed, until another one runs or another page is opened."""
    failure: Failure | None = st.session_state.get(keys.FAILURE)
    if failure is None:
        return
    if failure.page not in (None, page):
        del st.session_state[keys.FAILURE]
        return
    failure.page = page
    show(failure.sentence)


def surface_failure() -> None:
    """Run the whole script where a callback of a fragment failed: fragments see no other part."""
    failure: Failure | None = st.session_state.get(keys.FAILURE)
    if failure is not None and failure.page is None:
        st.rerun()


def _keep(sentence: str) -> None:
    st.session_state[keys.FAILURE] = Failure(sentence)
