"""What pages know of finished runs: read once from their files, and kept while it is in use."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError
from ann_core.evaluation.report import RunReport, report
from ann_core.evaluation.run_inputs import RunInputs, load_run_inputs
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.runs.run import Run
from ui.base import services
from ui.base.datasets import images_of
from ui.base.pickers import load_dataset
from ui.runs.run_files import folder_of

MAX_KEPT = 16


def report_of(run: Run) -> RunReport:
    """Read all figures of a finished run.

    Raises
    ------
    RunError
        If its answers are not there; they are not for a run of an older Flatland.
    """
    return _report(run.id, folder_of(run).path.as_posix(), run)


def dataset_of(run: Run) -> Dataset | None:
    """Open the data set of a run, if they may see it; None if not, or it is gone or another."""
    try:
        info = images_of(run)
        return None if info is None else load_dataset(info)
    except DatasetError:
        return None


def run_inputs_of(run: Run) -> RunInputs | None:
    """Find the images of a run as its network saw them; None if they are gone.

    For what is shown, `may_see_images_of` is asked first.

    Raises
    ------
    RunError
        If a file that was brought along is damaged.
    """
    settings = services.settings()
    # A run from an archive only says which images it is about: that opens nobody else's.
    own_only = settings.profile == "hosted" and not run.attempt and images_of(run) is None
    return load_run_inputs(folder_of(run), run.config, settings.features_dir, own_only=own_only)


@st.cache_resource(max_entries=MAX_KEPT, show_spinner="Reading the results")
def _report(run_id: str, path: str, _run: Run) -> RunReport:
    folder = folder_of(_run)
    class_names = tuple(folder.read_class_names())
    return report(load_predictions(folder.predictions, len(class_names)), class_names)
