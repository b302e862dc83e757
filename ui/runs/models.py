"""Trained networks, opened once and kept while they are asked."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ann_core.prediction.classifier import Classifier
from ann_core.prediction.model_cache import ModelCache
from ann_core.runs.run import Run
from ui.runs.run_files import folder_of

_model_cache = ModelCache()  # not a cache of Streamlit's, which any visitor can clear


def open_classifier(run: Run) -> Classifier:
    """Open the network of a run.

    Raises
    ------
    RunError
        If its files are gone or damaged.
    """
    return _model_cache.open(folder_of(run))


def open_for_batch(run: Run) -> AbstractContextManager[Classifier]:
    """Open the network of a run for a thousand images.

    Raises
    ------
    RunError
        If its files are gone or damaged.
    """
    return _model_cache.for_batch(folder_of(run))
