"""Wait for a run, say how it goes, and pass a Ctrl-C on as a wish to stop."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ann_core.cli.app import say, stderr
from ann_core.jobs.dispatcher import Dispatcher
from ann_core.runs.owners import OPERATOR
from ann_core.runs.progress import ordinal
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run
from ann_core.settings import get_settings
from ann_core.training.history import EpochMetrics

LOOK_SECONDS = 0.2


def wait(runs: Registry, run: Run) -> Run:
    """Dispatch until `run` has ended or rests, and return it as it is then.

    The first Ctrl-C asks it to stop; a second one leaves it alone.
    """
    dispatcher = Dispatcher.local(runs, get_settings())
    dispatcher.run_in_background()
    history: list[EpochMetrics] = []
    try:
        with _display(run) as display:
            while True:
                try:
                    if run.epoch < len(history):  # gone back to its last checkpoint
                        del history[run.epoch :]
                    history += runs.metrics(run.id, after=len(history))
                    display.show(_standing(runs, run), history)
                    if not run.live:
                        return run
                    time.sleep(LOOK_SECONDS)
                    run = runs.get(run.id)
                except KeyboardInterrupt:
                    say("Stopping after this batch; what was learned is kept.")
                    runs.commands.stop(run.id, by=OPERATOR)
    finally:
        dispatcher.close()


def _standing(runs: Registry, run: Run) -> str:
    """Say what the run is doing, such as "waiting, 3rd in line"."""
    if run.status == "queued":
        position = runs.queue_position(run.id)
        standing = f"waiting, {ordinal(position)} in line" if position > 1 else "waiting"
    else:
        standing = run.phase.partition(":")[0] or run.status
    if run.interrupted:
        standing += f" (interrupted, continuing: {ordinal(run.losses + 1)} try)"
    return standing


class _Display(Protocol):
    def show(self, standing: str, history: list[EpochMetrics]) -> None: ...


class _Bar:
    """One line that moves, for a terminal."""

    def __init__(self, bar: Progress, n_epochs: int) -> None:
        self._bar = bar
        self._task = bar.add_task("waiting", total=n_epochs, score="")

    def show(self, standing: str, history: list[EpochMetrics]) -> None:
        score = f"validation accuracy {history[-1].val_accuracy:.4f}" if history else ""
        done = len(history)
        self._bar.update(self._task, completed=done, description=standing, score=score)


class _Lines:
    """A line for each epoch, for a pipe or a file."""

    def __init__(self, n_epochs: int) -> None:
        self._n_epochs = n_epochs
        self._standing = ""
        self._n_shown = 0

    def show(self, standing: str, history: list[EpochMetrics]) -> None:
        self._n_shown = min(self._n_shown, len(history))
        for epoch in history[self._n_shown :]:
            score = f"validation accuracy {epoch.val_accuracy:.4f}"
            say(f"epoch {epoch.epoch}/{self._n_epochs}: {score}")
        self._n_shown = len(history)
        if standing != self._standing:
            self._standing = standing
            say(standing)


@contextlib.contextmanager
def _display(run: Run) -> Iterator[_Display]:
    if not stderr.is_terminal:
        yield _Lines(run.config.network.epochs)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("epochs"),
        TextColumn("{task.fields[score]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr) as bar:
        yield _Bar(bar, run.config.network.epochs)
