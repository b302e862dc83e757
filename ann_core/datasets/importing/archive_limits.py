"""What an archive may hold: how many files, how many bytes, and under which names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import NamedTuple

from ann_core.datasets.importing.layouts import SourceFile
from ann_core.datasets.importing.name_encodings import Encoding
from ann_core.datasets.validation import LeftOut
from ann_core.errors import ArchiveError
from ann_core.files import data_size
from ann_core.settings import Settings

CHUNK = 1024 * 1024
"""Bytes that are read at once."""

_MAX_NAME = 1_000
_PLAIN_NAME = re.compile(r"(?!/)(?!.*\.\.)[^:\\]*", re.DOTALL)  # needs no closer look


class TooLargeError(ArchiveError):
    """More bytes or files than are taken, or looked through."""


@dataclass(frozen=True)
class ArchiveLimits:
    """How much one archive may hold.

    Attributes
    ----------
    why : str
        Where the bound on its bytes comes from, for who meets it.
    """

    max_entries: int = 100_000
    max_bytes: int = 2 * 1024**3
    why: str = "which is the limit"

    @classmethod
    def of(cls, settings: Settings) -> ArchiveLimits:
        """Read the limits of this installation."""
        return cls(settings.max_archive_entries, settings.max_unpacked_bytes)

    def within(self, room: int) -> ArchiveLimits:
        """Return the limits for a disk that has only so many bytes left for us."""
        if room >= self.max_bytes:
            return self
        return ArchiveLimits(self.max_entries, room, "which is all the room there is left here")

    def without(self, n_bytes: int, n_entries: int = 0) -> ArchiveLimits:
        """Return what is left of the limits for the next archive, behind one of so many bytes."""
        why = "which is what the files before it have left of the limit" if n_bytes else self.why
        return ArchiveLimits(self.max_entries - n_entries, self.max_bytes - n_bytes, why)

    def too_large(self, what: str) -> TooLargeError:
        """Say that an archive unpacks to too many bytes."""
        small = self.max_bytes < 1024**3
        limit = data_size(self.max_bytes) if small else f"{self.max_bytes / 1024**3:.3g} GB"
        return TooLargeError(
            f"This {what} unpacks to more than {limit}, {self.why}. "
            "Put fewer or smaller pictures into it."
        )


class Unpacked(NamedTuple):
    """What came out of an archive.

    Attributes
    ----------
    files : list of SourceFile
        `name` is the entry's name in the archive.
    damaged : list of LeftOut
        Entries that cannot be used while the others are fine.
    encoding : str or None
        What the names were read in, if that had to be guessed.
    """

    files: list[SourceFile]
    damaged: list[LeftOut]
    encoding: Encoding | None = None


def check_name(name: str, what: str) -> None:
    """Refuse a name that would lead out of the archive's own folder, or that never ends.

    One letter and a colon are a drive only if a slash or the file itself follows: macOS writes
    the slash of "M/F old" as a colon, and "M:F old/1.jpg" leads nowhere.

    Raises
    ------
    ArchiveError
    """
    if len(name) <= _MAX_NAME and _PLAIN_NAME.fullmatch(name):
        return
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    drive = windows.drive and not (len(windows.drive) == 2 and "/" in name and not windows.root)
    absolute = posix.is_absolute() or drive or windows.root
    if len(name) > _MAX_NAME:
        raise ArchiveError(
            f"This {what} holds a name of {len(name):,} letters ({name[:40]!r} ...); at most "
            f"{_MAX_NAME:,} are taken. Pack the folder of pictures again, under a shorter name."
        )
    if absolute or ".." in posix.parts or ".." in windows.parts:
        raise ArchiveError(
            f"This {what} holds {name[:120]!r}, a path that leads out of its folder; such files "
            "are refused whole. Pack the folder of pictures again."
        )


def refuse_link(name: str, what: str) -> ArchiveError:
    """Say that an archive holds a link."""
    return ArchiveError(
        f"This {what} holds a link ({name!r}), and links are never followed. "
        "Pack the pictures themselves."
    )
