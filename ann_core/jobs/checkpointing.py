"""When a worker saves its training, and from which file the next one goes on."""

from __future__ import annotations

import logging
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ann_core.errors import FlatlandError, disk_errors
from ann_core.files import remove_unfinished
from ann_core.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from ann_core.training.loop import TrainingState

if TYPE_CHECKING:
    import keras

MAX_OVERHEAD = 0.05
"""Share of the training time that saving may take."""

_KEPT = 2

log = logging.getLogger("ann_core.worker")


class NothingToKeepError(FlatlandError):
    """A run that is to be stopped, of which nothing learned is left."""

    def __init__(self) -> None:
        super().__init__(
            "The training was to be stopped, but none of its checkpoints can be read any more: of "
            "what it learned, nothing is left to keep. Delete it, or let it continue from the "
            "beginning."
        )


class CheckpointManager:
    """Checkpoints of one run: the last two, by time.

    Parameters
    ----------
    folder : Path
        ``RunFolder.checkpoints``.
    attempt : int
        Part of the names, so that two workers never write the same file.
    seconds : float
        Time between two checkpoints, unless saving takes so long that it must be more.
    """

    def __init__(self, folder: Path, attempt: int, *, seconds: float) -> None:
        self._folder = folder
        self._attempt = attempt
        self._seconds = seconds
        self._started = self._last = time.monotonic()
        self._cost = 0.0
        self._named: list[str] = []

    @property
    def due(self) -> bool:
        """Whether enough time has gone by since the last checkpoint."""
        return time.monotonic() - self._last >= max(self._seconds, self._cost / MAX_OVERHEAD)

    def save(self, model: keras.Model, state: TrainingState) -> str:
        """Write a checkpoint and return its name; `keep` it once the registry names it.

        Raises
        ------
        DiskFullError
            If there is no space; the checkpoints before it stay.
        """
        self._started = time.monotonic()
        name = f"attempt{self._attempt}-epoch{state.epoch}-batch{state.batch}.npz"
        with disk_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
        save_checkpoint(self._folder / name, model, state)
        return name

    def keep(self, name: str) -> None:
        """Remove what was written before the last checkpoint: only this one counts now."""
        self._named = [*(other for other in self._named if other != name), name][-_KEPT:]
        for file in self._folder.iterdir():
            if file.name not in self._named:
                file.unlink(missing_ok=True)
        self._last = time.monotonic()
        self._cost = self._last - self._started

    def restore(self, model: keras.Model, named: str | None) -> TrainingState:
        """Bring `model` to the last checkpoint that can be read; a fresh state without any.

        Parameters
        ----------
        named : str or None
            The one that the registry names.
        """
        remove_unfinished(self._folder)
        if named is None:
            return TrainingState()
        others = sorted(self._folder.glob("*.npz"), key=lambda file: -file.stat().st_mtime)
        names = [named, *(file.name for file in others if file.name != named)]
        for name in names:
            try:
                state = load_checkpoint(self._folder / name, model)
            except CheckpointError as error:
                log.warning("%s", error)
                continue
            self._named = [name]
            return state
        return TrainingState()

    def clear(self) -> None:
        """Remove all checkpoints: the run has its model."""
        shutil.rmtree(self._folder, ignore_errors=True)
