"""Noting whose test result a page shows, and saying what many looks do to the number."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ann_core.evaluation.interpretation import describe_looks
from ann_core.runs.run import Run
from ui.base import keys, services


def look_at_test(runs: Iterable[Run]) -> None:
    """Note that the test results of these runs are on the page; once a session each."""
    noted: set[str] = st.session_state.setdefault(keys.TEST_LOOKS, set())
    new = [run for run in runs if run.result is not None and run.id not in noted]
    services.registry().looks.add(new)
    noted.update(run.id for run in new)


def looks_sentence(run: Run) -> str:
    """Say how often the test images of a tested run have been looked at, and what that does.

    On a host the runs of its owner count, for nobody else's are seen there; else all.
    """
    owners = [run.owner] if services.settings().profile == "hosted" else None
    test = run.learned.test
    n_looks = services.registry().looks.count(run.config.fingerprint, owners)
    return describe_looks(n_looks, test.accuracy, test.n_images)
