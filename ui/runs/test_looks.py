"""Noting whose test result a page shows, and saying what many looks do to the number."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ann_core.evaluation.interpretation import describe_looks, describe_test_use
from ann_core.runs.run import Run
from ui.base import keys, services


def look_at_test(runs: Iterable[Run]) -> None:
    """Note that the test results of these runs are on the page; once a session each."""
    noted: set[str] = st.session_state.setdefault(keys.TEST_LOOKS, set())
    new = [run for run in runs if run.result is not None and run.id not in noted]
    services.registry().looks.add(new)
    noted.update(run.id for run in new)


def looks_text(run: Run) -> str:
    """Say how often the test images of a finished run have been looked at, and what that does."""
    return describe_looks(_n_looks(run), run.learned)


def test_use_text(run: Run) -> str:
    """Say what the test images decided about a run whose test result is on the page."""
    return describe_test_use(_n_looks(run), run.learned)


def _n_looks(run: Run) -> int:
    """Count the looks; on a host those at its owner's runs, for nobody else's are seen there."""
    owners = [run.owner] if services.settings().profile == "hosted" else None
    return services.registry().looks.count(run.config.fingerprint, owners)
