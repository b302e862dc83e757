"""Which run the pages are about, and the key under which a form files the next one."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence

import streamlit as st

from ann_core.errors import RunError
from ann_core.runs.owners import EXAMPLE_OWNER
from ann_core.runs.run import Run
from ui.base import keys, services
from ui.base.choices import SetChoice
from ui.base.link_keys import leave_address

MAX_SEEN = 20  # runs of others that a session lists


def current_run() -> Run | None:
    """Find the run this page is about: by the address, else the session's last.

    Navigation drops the address' parameters, so they are set again.

    Raises
    ------
    RunError
        If the address names no run.
    """
    run_id = st.query_params.get(keys.RUN) or st.session_state.get(keys.LAST_RUN)
    if run_id is None:
        return None
    try:
        run = services.registry().get(run_id)
    except RunError:
        st.session_state.pop(keys.LAST_RUN, None)
        raise
    remember(run.id)
    return run


def remember(run_id: str) -> None:
    """Make this run the one that pages are about."""
    st.session_state[keys.LAST_RUN] = run_id
    seen = [each for each in st.session_state.get(keys.SEEN_RUNS, []) if each != run_id]
    st.session_state[keys.SEEN_RUNS] = [run_id, *seen][:MAX_SEEN]
    if st.query_params.get(keys.RUN) != run_id:
        st.query_params[keys.RUN] = run_id


def seen_runs(known: Sequence[str]) -> list[Run]:
    """Read the runs that pages were about in this session, but those that are known already.

    Examples are left out: they are there for everybody.
    """
    runs = []
    last = st.session_state.get(keys.LAST_RUN)
    seen = dict.fromkeys([*([last] if last else []), *st.session_state.get(keys.SEEN_RUNS, [])])
    for run_id in seen:
        with contextlib.suppress(RunError):  # deleted since
            run = services.registry().get(run_id)
            if run_id not in known and run.owner != EXAMPLE_OWNER:
                runs.append(run)
    return runs


def forget() -> None:
    """Let pages be about no run."""
    st.session_state.pop(keys.LAST_RUN, None)
    st.query_params.pop(keys.RUN, None)


def run_made(choice: SetChoice) -> None:
    """Follow the picker of runs."""
    if not choice.was_made():
        return
    leave_address()
    if choice.value:
        remember(choice.value)
    else:
        forget()


def second_made(choice: SetChoice) -> None:
    """Follow the picker of a second run."""
    if not choice.was_made():
        return
    if choice.value:
        st.query_params[keys.SECOND_RUN] = choice.value
    else:
        st.query_params.pop(keys.SECOND_RUN, None)


def requested_dataset() -> str | None:
    """Name the data set that pages are about: by the address, else the session's last."""
    return st.query_params.get(keys.DATASET) or st.session_state.get(keys.LAST_DATASET)


def remember_dataset(name: str) -> None:
    """Make this data set the one that pages are about."""
    st.session_state[keys.LAST_DATASET] = name
    if st.query_params.get(keys.DATASET) != name:
        st.query_params[keys.DATASET] = name


def forget_dataset() -> None:
    """Let pages be about no data set that anybody chose."""
    st.session_state.pop(keys.LAST_DATASET, None)
    st.query_params.pop(keys.DATASET, None)


def dataset_made(choice: SetChoice) -> None:
    """Follow the picker of data sets."""
    if choice.value and choice.was_made():
        leave_address()
        remember_dataset(choice.value)


def submit_key() -> str:
    """Return the key under which this form files its run; a double click reuses it."""
    if keys.SUBMIT_KEY not in st.session_state:
        st.session_state[keys.SUBMIT_KEY] = secrets.token_urlsafe(16)
    return str(st.session_state[keys.SUBMIT_KEY])


def renew_submit_key() -> None:
    """Let the form file another run."""
    st.session_state.pop(keys.SUBMIT_KEY, None)
