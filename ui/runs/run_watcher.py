"""What everybody who watches a run sees: read once for all visitors of this process.

Twenty open pages ask once a second each. The registry is asked at most every
`FRESH_SECONDS` for all of them together, only rows that are new are read, and the
figures of an epoch are made once. Nothing here matters: all of it can be read again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ann_core.plots import training_curves
from ann_core.runs.progress import Progress, progress
from ann_core.runs.run import Run
from ann_core.training.curve_diagnosis import CurveDiagnosis, diagnose_curves
from ann_core.training.history import EpochMetrics, best_of
from ui.base import services

FRESH_SECONDS = 0.4  # with a look each second, an epoch is on the page within 1.5 s
MAX_WATCHED = 64


@dataclass(frozen=True)
class Curves:
    """The figures of a history, and what is said about them.

    Attributes
    ----------
    figures : dict of str to (table, dict)
        Data and Vega-Lite specification of "loss" and "accuracy"; empty axes before the
        first epoch. Streamlit sends Arrow tables, and would make one anew for each page.
    alt : str
        The latest numbers in a sentence.
    best_epoch : int or None
        The one with the lowest validation loss.
    diagnosis : CurveDiagnosis or None
        What the curves say; None while there are too few epochs.
    """

    figures: dict[str, tuple[pa.Table, dict[str, Any]]]
    alt: str
    best_epoch: int | None
    diagnosis: CurveDiagnosis | None


@dataclass(frozen=True)
class View:
    """A run at one moment.

    Attributes
    ----------
    queue_position : int
        In line; 0 unless it waits.
    """

    run: Run
    queue_position: int
    progress: Progress
    history: Sequence[EpochMetrics]
    curves: Curves


@dataclass
class _Watched:
    lock: threading.Lock = field(default_factory=threading.Lock)
    looked: float = -FRESH_SECONDS
    attempt: int = -1
    history: list[EpochMetrics] = field(default_factory=list)
    curves: Curves | None = None
    view: View | None = None


_POINTS = pa.schema([("epoch", pa.int64()), ("split", pa.string()), ("value", pa.float64())])
_watched: OrderedDict[str, _Watched] = OrderedDict()
_watching = threading.Lock()


def look(run_id: str) -> View:
    """Show a run as it is now, or was a moment ago.

    Raises
    ------
    RunError
        If there is no such run.
    """
    entry = _entry(run_id)
    with entry.lock:
        if entry.view is None or time.monotonic() - entry.looked >= FRESH_SECONDS:
            entry.view = None
            entry.view = _read(run_id, entry)
            entry.looked = time.monotonic()
        return entry.view


def look_again(run_id: str) -> None:
    """Let the next look read the registry: something was changed."""
    with _watching:
        entry = _watched.get(run_id)
    if entry is not None:
        with entry.lock:
            entry.view = None


def _entry(run_id: str) -> _Watched:
    with _watching:
        entry = _watched.setdefault(run_id, _Watched())
        _watched.move_to_end(run_id)
        while len(_watched) > MAX_WATCHED:
            _watched.popitem(last=False)
        return entry


def _read(run_id: str, entry: _Watched) -> View:
    registry = services.registry()
    run = registry.get(run_id)
    seen = entry.history[-1].epoch if entry.history else 0
    if run.attempt != entry.attempt or run.epoch < seen:
        # A run that goes on may have gone back to its checkpoint.
        entry.attempt, seen, entry.history, entry.curves = run.attempt, 0, [], None
    if run.epoch > seen:
        entry.history = [*entry.history, *registry.metrics(run_id, after=seen)]
        entry.curves = None
    if entry.curves is None:
        entry.curves = _draw(entry.history, run.config.network.epochs)
    queue_position = registry.queue_position(run_id) if run.status == "queued" else 0
    return View(run, queue_position, progress(run, entry.history), entry.history, entry.curves)


def _draw(history: list[EpochMetrics], n_epochs: int) -> Curves:
    return Curves(
        figures={
            "accuracy": _apart(training_curves.curves(history, "accuracy", n_epochs)),
            "loss": _apart(training_curves.curves(history, "loss", n_epochs)),
        },
        alt=training_curves.describe_curves(history),
        best_epoch=best_of(history) if history else None,
        diagnosis=diagnose_curves(history),
    )


def _apart(figure: dict[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    values = figure["data"]["values"]
    spec = {name: part for name, part in figure.items() if name != "data"}
    return pa.Table.from_pylist(values, schema=_POINTS), spec
