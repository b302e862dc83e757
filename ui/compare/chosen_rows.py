"""Which rows of the table of runs are chosen: in the address, and in the session."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

RUNS = "runs"  # in the address: ids, in the order in which they were chosen
_CHOSEN = "compared_rows"
_WRITTEN = "compared_written"  # what this session has put into the address
_CLEARED = "compared_cleared"


def chosen_ids() -> list[str]:
    """List the ids of the chosen rows, as the address asks, else as they were.

    Navigation drops the address' parameters, so they are set again. And an address may lag
    behind its session: what the session wrote there itself is no news.
    """
    asked = st.query_params.get(RUNS)
    written: list[str] = st.session_state.setdefault(_WRITTEN, [])
    if asked is not None and asked not in written:
        written.append(asked)
        st.session_state[_CHOSEN] = [part for part in asked.split(",") if part]
    chosen: list[str] = st.session_state.setdefault(_CHOSEN, [])
    choose(chosen)
    return chosen


def choose(ids: Sequence[str]) -> None:
    """Make these the chosen rows."""
    st.session_state[_CHOSEN] = list(dict.fromkeys(ids))
    asked = ",".join(st.session_state[_CHOSEN])
    written: list[str] = st.session_state.setdefault(_WRITTEN, [])
    if asked not in written:
        written.append(asked)
    if not asked:
        st.query_params.pop(RUNS, None)
    elif st.query_params.get(RUNS) != asked:
        st.query_params[RUNS] = asked


def clear_choice(left: Sequence[str] = ()) -> None:
    """Choose no row any more, or only those that are left; for callbacks."""
    choose(left)
    st.session_state[_CLEARED] = n_cleared() + 1


def n_cleared() -> int:
    """Count the choices that were made elsewhere than in the table."""
    return int(st.session_state.get(_CLEARED, 0))
