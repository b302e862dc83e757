"""Trained networks, opened once and kept while they are asked."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ann_core.prediction.classifier import Classifier
from ann_core.prediction.model_cache import ModelShelf
from ann_core.runs.run import Run
from ui.runs.run_files import folder_of

_shelf = ModelShelf()  # not a cache of Streamlit's, which any visitor can clear


def open_classifier(run: Run) -> Classifier:
    """Open the network of a run.

    Raises
    ------
    RunError
        If its files are gone or damaged.
    """
    return _shelf.open(folder_of(run))


def open_for_many(run: Run) -> AbstractContextManager[Classifier]:
    """Open the network of a run for a thousand pictures.

    Raises
    ------
    RunError
        If its files are gone or damaged.
    """
    return _shelf.for_many(folder_of(run))
