"""Trained networks, opened once and kept while they are asked."""

from __future__ import annotations

import streamlit as st

from ann_core.prediction import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ui import services

MAX_OPEN = 3  # an article-sized network holds 88 MB


def open_classifier(run: Run) -> Classifier:
    """Open the network of a run.

    Raises
    ------
    RunError
        If its files are gone or damaged.
    """
    return _open(run.id)


@st.cache_resource(max_entries=MAX_OPEN, show_spinner="Opening the network")
def _open(run_id: str) -> Classifier:
    return Classifier(RunFolder.of(services.settings().runs_dir, run_id))
