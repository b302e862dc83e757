"""Unpack a stranger's zip file without harm.

Names inside are never used as paths: each entry becomes a numbered file. Names
that try to leave the folder mark the archive as hostile, and it is refused
whole. Sizes are counted while unpacking, for the headers may lie.
"""

from __future__ import annotations

import contextlib
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from ann_core.datasets.importing.layouts import SourceFile
from ann_core.datasets.validation import LeftOut
from ann_core.datasets.zip_directory import open_zip
from ann_core.errors import ArchiveError, ImageError
from ann_core.file_names import is_ignored
from ann_core.files import ProgressCallback, megabytes, no_progress
from ann_core.settings import Settings

_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1
_MAX_NAME = 1_000
# The others are rare, and LZMA lets the archive say how much memory it takes.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


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

    def without(self, n_bytes: int) -> ArchiveLimits:
        """Return what is left of the limits for the next zip file, behind one of so many bytes."""
        why = "which is what the files before it have left of the limit" if n_bytes else self.why
        return ArchiveLimits(self.max_entries, self.max_bytes - n_bytes, why)


def unpack(
    archive: str | Path | BinaryIO,
    folder: Path,
    limits: ArchiveLimits,
    *,
    progress: ProgressCallback = no_progress,
) -> tuple[list[SourceFile], list[LeftOut]]:
    """Unpack all files of a zip archive into `folder`, under numbers.

    Parameters
    ----------
    archive : path or binary file
    folder : Path
        Empty; the caller removes it, also after an error.

    Returns
    -------
    files : list of SourceFile
        `name` is the entry's name in the archive.
    damaged : list of LeftOut
        Entries whose bytes are broken while the others are fine.

    Raises
    ------
    ArchiveError
        If the archive is no zip, cut off, encrypted, hostile or too large.
    """
    with contextlib.ExitStack() as opened:
        if isinstance(archive, str | Path):
            archive = opened.enter_context(Path(archive).open("rb"))
        bundle = opened.enter_context(_open(archive, limits))
        _check(bundle.infolist(), limits)
        return _unpack_all(bundle, folder, limits, progress=progress)


def _open(archive: BinaryIO, limits: ArchiveLimits) -> zipfile.ZipFile:
    try:
        return open_zip(archive, limits.max_entries)
    except ArchiveError:
        raise
    except Exception as error:  # of damaged bytes, zipfile raises nearly everything
        raise ArchiveError(
            f"Expected a whole zip file, but this one is damaged or cut off ({error}). "
            "Copy or download it again."
        ) from error


def _check(entries: list[zipfile.ZipInfo], limits: ArchiveLimits) -> None:
    """Refuse archives that must not be unpacked, from their table of contents."""
    if sum(e.file_size for e in entries) > limits.max_bytes:
        raise _too_large(limits)
    for entry in entries:
        _check_name(entry.filename)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ArchiveError(
                f"This zip file holds a link ({entry.filename!r}), and links are never followed. "
                "Pack the pictures themselves."
            )
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveError(
                "This zip file is locked with a password. Unpack it on your computer and pack it "
                "again without one."
            )


def _check_name(name: str) -> None:
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    absolute = posix.is_absolute() or windows.drive or windows.root
    if len(name) > _MAX_NAME:
        raise ArchiveError(
            f"This zip file holds a name of {len(name):,} letters ({name[:40]!r} ...); at most "
            f"{_MAX_NAME:,} are taken. Pack the folder of pictures again, under a shorter name."
        )
    if absolute or ".." in posix.parts or ".." in windows.parts:
        raise ArchiveError(
            f"This zip file holds {name[:120]!r}, a path that leads out of its folder; such files "
            "are refused whole. Pack the folder of pictures again."
        )


def _unpack_all(
    bundle: zipfile.ZipFile, folder: Path, limits: ArchiveLimits, *, progress: ProgressCallback
) -> tuple[list[SourceFile], list[LeftOut]]:
    entries = [entry for entry in bundle.infolist() if not entry.is_dir()]
    files: list[SourceFile] = []
    damaged: list[LeftOut] = []
    n_bytes = 0
    for number, entry in enumerate(entries):
        progress(number, len(entries))
        name = entry.filename.replace("\\", "/")  # some Windows programs pack them so
        if is_ignored(name):
            continue
        target = folder / f"{number:06d}"
        try:
            with target.open("wb") as file:
                for chunk in _chunks(bundle, entry):
                    n_bytes += len(chunk)
                    if n_bytes > limits.max_bytes:
                        raise _too_large(limits)
                    file.write(chunk)
        except ImageError as error:
            target.unlink()
            damaged.append(LeftOut(name, error.reason))
        else:
            files.append(SourceFile(name, target))
    progress(len(entries), len(entries))
    return files, damaged


def _chunks(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Read one entry; what its bytes do to the decoder is no fault of the disk."""
    if entry.compress_type not in _METHODS:
        raise ImageError(f"the zip file packs it by method {entry.compress_type}, not known here")
    try:
        with bundle.open(entry) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except Exception as error:  # as in _open
        raise ImageError("its bytes in the zip file are damaged") from error


def _too_large(limits: ArchiveLimits) -> ArchiveError:
    small = limits.max_bytes < 1024**3
    limit = megabytes(limits.max_bytes) if small else f"{limits.max_bytes / 1024**3:.3g} GB"
    return ArchiveError(
        f"This zip file unpacks to more than {limit}, {limits.why}. "
        "Put fewer or smaller pictures into it."
    )
