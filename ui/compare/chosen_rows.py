"""Which rows of the table of runs are chosen: in the address, and in the session."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.base import keys


def chosen_ids() -> list[str]:
    """List the ids of the chosen rows, as the address asks, else as they were.

    Navigation drops the address' parameters, so they are set again. And an address may lag
    behind its session: what the session wrote there itself is no news.
    """
    address = st.query_params.get(keys.COMPARED_RUNS)
    written: list[str] = st.session_state.setdefault(keys.COMPARED_WRITTEN, [])
    if address is not None and address not in written:
        written.append(address)
        st.session_state[keys.COMPARED_ROWS] = [part for part in address.split(",") if part]
    chosen: list[str] = st.session_state.setdefault(keys.COMPARED_ROWS, [])
    choose(chosen)
    return chosen


def choose(ids: Sequence[str]) -> None:
    """Make these the chosen rows."""
    st.session_state[keys.COMPARED_ROWS] = list(dict.fromkeys(ids))
    address = ",".join(st.session_state[keys.COMPARED_ROWS])
    written: list[str] = st.session_state.setdefault(keys.COMPARED_WRITTEN, [])
    if address not in written:
        written.append(address)
    if not address:
        st.query_params.pop(keys.COMPARED_RUNS, None)
    elif st.query_params.get(keys.COMPARED_RUNS) != address:
        st.query_params[keys.COMPARED_RUNS] = address


def clear_choice(left: Sequence[str] = ()) -> None:
    """Choose no row any more, or only those that are left; for callbacks."""
    choose(left)
    st.session_state[keys.COMPARED_CLEARED] = n_cleared() + 1


def n_cleared() -> int:
    """Count the choices that were made elsewhere than in the table."""
    return int(st.session_state.get(keys.COMPARED_CLEARED, 0))
