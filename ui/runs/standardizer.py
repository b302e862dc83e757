"""What standardising needs, if it has been computed."""

from __future__ import annotations

import streamlit as st

from ann_core.datasets.dataset import Dataset, display_name
from ann_core.datasets.standardizing import load_standardiser
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.standardizer import Standardiser
from ann_core.runs.run import Run
from ui.base import services
from ui.base.text import plain
from ui.runs.run_cache import dataset_of


def find_standardiser(config: PreprocessConfig, dataset: Dataset | None) -> Standardiser | None:
    """Find the standardiser of a data set, where the settings ask for one."""
    if config.scaling == "unit" or dataset is None:
        return None
    return load_standardiser(dataset.fingerprint, config, services.settings().features_dir)


def run_standardiser(run: Run) -> Standardiser | None:
    """Find the one that a run was trained with, as long as its data set is the same."""
    return find_standardiser(run.config.preprocess, dataset_of(run))


def explain_missing(dataset: Dataset | None) -> None:
    """Say what is missing, and how to get it."""
    which = f"of {plain(display_name(dataset.name))}" if dataset else "of a data set"
    st.info(
        "Standardising needs mean and standard deviation of each pixel over the training pictures "
        f"{which}. The first training with these settings computes and keeps them; until then you "
        "see 0 to 1.",
        icon=":material/info:",
    )
