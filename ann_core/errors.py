"""What can go wrong, in words for people.

Every message says what was expected, what came and what to do next. Modules
check at their doors and raise one of these; ``ui.base.errors`` and the command line
show them. Anything else that is raised is a bug and surfaces as one.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path


class FlatlandError(Exception):
    """Base of all errors that a person can act upon."""


class ConfigError(FlatlandError):
    """Settings outside their bounds; `problems` lists every one of them."""

    def __init__(self, what: str, problems: list[str]) -> None:
        self.what = what
        self.problems = problems
        super().__init__(f"{what}: " + "; ".join(problems) + ".")


class ShapeError(FlatlandError):
    """An array whose axes are not the ones documented."""


class ImageError(FlatlandError):
    """A file that is no readable image; `reason` fits in a table cell."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"This picture cannot be used: {reason}.")


class ArchiveError(FlatlandError):
    """A zip file that is damaged, locked, too large or unsafe to unpack."""


class ArrayFileError(FlatlandError):
    """A file of arrays that is missing, damaged, or holds what it should not; it says which."""


class DatasetError(FlatlandError):
    """Images that cannot become a data set, or a data set that is not there."""


class RunError(FlatlandError):
    """A run that is not there, or cannot do what was asked of it."""


class NotTrainedError(RunError):
    """A network is asked for something that only a finished training leaves."""

    def __init__(self) -> None:
        super().__init__("This network is not trained yet. Choose one that has finished.")


class DamagedFileError(RunError):
    """A file of a run that cannot be used; `reason` says why, to whoever brought it."""

    def __init__(self, message: str, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


class DiskFullError(FlatlandError):
    """No space left; nothing half written remains."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            f"The disk that holds '{folder}' is full. Nothing that existed was changed; "
            "free some space (delete networks on Compare, erase data sets on Explore), then try "
            "again."
        )


_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn "no space left on device" under `folder` into `DiskFullError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise DiskFullError(folder) from error
        raise


class TargetError(FlatlandError):
    """The name of a file to write under which nothing of its kind can be written."""


class LimitError(FlatlandError):
    """More than this installation allows; `problems` lists every limit that would be broken."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))
