"""Opened networks, as many as memory allows: the one that was not used for longest goes first."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ann_core.errors import NotTrainedError
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder

MAX_OPEN = 3
MAX_BYTES = 270_000_000
"""Of model files: three networks of the article, 88 MB each."""


@dataclass(frozen=True)
class _FileVersion:
    """A model file as it was when it was opened: another one in its place is opened anew."""

    path: Path
    changed: int
    n_bytes: int


class ModelCache:
    """Networks that stay open between predictions. Safe to share between threads.

    The first prediction costs 10 ms more than the others, for then the weights are read; what
    is let go comes back for that.

    Parameters
    ----------
    max_open, max_bytes : int
        What is kept; the network that was used last stays, however large.
    """

    def __init__(self, max_open: int = MAX_OPEN, max_bytes: int = MAX_BYTES) -> None:
        self._max_open, self._max_bytes = max_open, max_bytes
        self._open: OrderedDict[_FileVersion, Classifier] = OrderedDict()
        self._lock = threading.Lock()
        self._one_batch = threading.Lock()

    @property
    def opened(self) -> list[Path]:
        """Folders of the runs whose networks are open, the one used last at the end."""
        with self._lock:
            return [version.path.parent for version in self._open]

    def open(self, folder: RunFolder) -> Classifier:
        """Open the network of a run, or take it as it is.

        Raises
        ------
        RunError
            If its files are gone or damaged.
        """
        version = _file_version(folder)
        with self._lock:
            classifier = self._open.get(version) or Classifier(folder)
            self._open[version] = classifier
            self._open.move_to_end(version)
            while self._too_many():
                self._open.popitem(last=False)
        return classifier

    @contextlib.contextmanager
    def for_batch(self, folder: RunFolder) -> Iterator[Classifier]:
        """Open a network for a thousand images, and let it go afterwards.

        It takes twice the memory, so all others make room, and there is one at a time.

        Raises
        ------
        RunError
            As `open`.
        """
        with self._one_batch:
            with self._lock:
                self._open.clear()
            yield Classifier(folder, for_batch=True)

    def _too_many(self) -> bool:
        n_bytes = sum(version.n_bytes for version in self._open)
        return len(self._open) > 1 and (
            len(self._open) > self._max_open or n_bytes > self._max_bytes
        )


def _file_version(folder: RunFolder) -> _FileVersion:
    try:
        status = folder.litert_model.stat()
    except OSError as error:
        raise NotTrainedError() from error
    return _FileVersion(folder.litert_model, status.st_mtime_ns, status.st_size)
