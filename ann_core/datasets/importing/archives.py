"""Unpack a stranger's archive without harm: a zip file here, a tar file by `tar_archives`.

Names inside are never used as paths: each entry becomes a numbered file. Names
that try to leave the folder mark the archive as hostile, and it is refused
whole. Sizes are counted while unpacking, for the headers may lie.
"""

from __future__ import annotations

import contextlib
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ann_core.datasets.importing.archive_limits import (
    CHUNK,
    ArchiveLimits,
    Unpacked,
    check_name,
    refuse_link,
)
from ann_core.datasets.importing.layouts import SourceFile
from ann_core.datasets.importing.name_encodings import Encoding, decoded, guess_encoding
from ann_core.datasets.importing.tar_archives import is_tar, tar_names, unpack_tar
from ann_core.datasets.validation import LeftOut
from ann_core.datasets.zip_directory import open_zip
from ann_core.errors import ArchiveError, ImageError
from ann_core.file_names import is_ignored
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.file_types import HEAD_BYTES, why_no_zip

__all__ = ["ArchiveLimits", "Names", "PackedFile", "Unpacked", "names_in", "packed_files", "unpack"]

_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags of an entry
# The others are rare, and LZMA lets the archive say how much memory it takes.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DEFLATE64 = 9
_UNICODE_PATH = 0x7075  # extra field of Info-ZIP: the name in UTF-8, and a checksum of the other
_FIELD = struct.Struct("<HH")


class Names(NamedTuple):
    """Names of the files in an archive, litter left out.

    Attributes
    ----------
    encoding : str or None
        What they were read in, if that had to be guessed.
    """

    names: list[str]
    encoding: Encoding | None


def unpack(
    archive: str | Path | BinaryIO,
    folder: Path,
    limits: ArchiveLimits,
    *,
    encoding: Encoding | None = None,
    progress: ProgressCallback = no_progress,
) -> Unpacked:
    """Unpack all files of a zip or tar archive into `folder`, under numbers.

    Parameters
    ----------
    archive : path or binary file
    folder : Path
        Empty; the caller removes it, also after an error.
    encoding : str, optional
        Of names that do not say theirs; guessed by default.

    Raises
    ------
    ArchiveError
        If it is no archive, cut off, encrypted, hostile or too large.
    """
    with contextlib.ExitStack() as opened:
        file = _opened(archive, opened)
        if is_tar(file):
            return unpack_tar(file, folder, limits, encoding=encoding, progress=progress)
        bundle = opened.enter_context(_open(file, limits))
        _check(bundle.infolist(), limits, encoding)
        return _unpack_all(bundle, folder, limits, encoding=encoding, progress=progress)


def names_in(
    archive: str | Path | BinaryIO,
    limits: ArchiveLimits,
    *,
    encoding: Encoding | None = None,
    max_tar_bytes: int,
) -> Names:
    """List the files in an archive; nothing is made of what is in them.

    Parameters
    ----------
    max_tar_bytes : int
        How much of a tar file is read at the most: it has no table of contents.

    Raises
    ------
    ArchiveError
        As `unpack`, as far as the table of contents tells.
    """
    with contextlib.ExitStack() as opened:
        file = _opened(archive, opened)
        if is_tar(file):
            limits = replace(limits, max_bytes=min(limits.max_bytes, max_tar_bytes))
            return Names(*tar_names(file, limits, encoding))
        bundle = opened.enter_context(_open(file, limits))
        entries = bundle.infolist()
        _check(entries, limits, encoding)
        names, guessed = _names(entries, encoding)
        listed = zip(entries, names, strict=True)
        return Names([n for e, n in listed if not e.is_dir() and not is_ignored(n)], guessed)


def _opened(archive: str | Path | BinaryIO, opened: contextlib.ExitStack) -> BinaryIO:
    if isinstance(archive, str | Path):
        return opened.enter_context(Path(archive).open("rb"))
    return archive


@dataclass(frozen=True)
class PackedFile:
    """A file that stays in its archive until it is read.

    Attributes
    ----------
    n_bytes : int
        Unpacked; no more are read.
    read : callable
        Gives its content; raises `ImageError` if its bytes are broken. Threads take turns.
    """

    name: str
    n_bytes: int
    read: Callable[[], bytes]


def packed_files(archive: BinaryIO, limits: ArchiveLimits) -> list[PackedFile]:
    """List the files of a zip archive that is in memory; nothing of it reaches the disk.

    Raises
    ------
    ArchiveError
        As `unpack`.
    """
    bundle, lock = _open(archive, limits), threading.Lock()
    entries = bundle.infolist()
    _check(entries, limits, None)

    def read(entry: zipfile.ZipInfo) -> bytes:
        with lock:
            return b"".join(_chunks(bundle, entry))

    return [
        PackedFile(name, entry.file_size, partial(read, entry))
        for entry, name in zip(entries, _names(entries, None)[0], strict=True)
        if not entry.is_dir() and not is_ignored(name)
    ]


def _open(archive: BinaryIO, limits: ArchiveLimits) -> zipfile.ZipFile:
    try:
        return open_zip(archive, limits.max_entries)
    except ArchiveError:
        raise
    except Exception as error:  # of damaged bytes, zipfile raises nearly everything
        archive.seek(0)
        if other := why_no_zip(archive.read(HEAD_BYTES)):
            raise ArchiveError(f"Expected a zip or tar file of pictures, but {other}.") from error
        raise ArchiveError(
            f"Expected a whole zip file, but this one is damaged or cut off ({error}). "
            "Copy or download it again."
        ) from error


def _check(
    entries: list[zipfile.ZipInfo], limits: ArchiveLimits, encoding: Encoding | None
) -> None:
    """Refuse archives that must not be unpacked, from their table of contents."""
    if sum(e.file_size for e in entries) > limits.max_bytes:
        raise limits.too_large("zip file")
    for entry, name in zip(entries, _names(entries, encoding)[0], strict=True):
        check_name(entry.filename, "zip file")
        check_name(name, "zip file")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise refuse_link(entry.filename, "zip file")
        if entry.flag_bits & _ENCRYPTED:
            raise ArchiveError(
                "This zip file is locked with a password. Unpack it on your computer and pack it "
                "again without one."
            )


def _names(
    entries: Sequence[zipfile.ZipInfo], encoding: Encoding | None
) -> tuple[list[str], Encoding | None]:
    """Read the name of each entry; say in what, if that had to be guessed."""
    raw = [_undeclared(entry) for entry in entries]
    doubtful = [name for name in raw if name]
    guessed = None if encoding or not doubtful else guess_encoding(doubtful)
    encoding = encoding or guessed or "utf-8"
    names = [
        decoded(name, encoding) if name else (_unicode_path(entry) or entry.filename)
        for entry, name in zip(entries, raw, strict=True)
    ]
    # Some Windows programs write backslashes.
    slashed = [name.partition("\0")[0].replace("\\", "/") for name in names]
    return slashed, None if guessed == "utf-8" else guessed


def _undeclared(entry: zipfile.ZipInfo) -> bytes:
    """Return the bytes of a name that is not plain and does not say its encoding; or b""."""
    if entry.flag_bits & _UTF8 or entry.orig_filename.isascii() or _unicode_path(entry):
        return b""
    return entry.orig_filename.encode("cp437")  # as which zipfile has read them


def _unicode_path(entry: zipfile.ZipInfo) -> str:
    extra = entry.extra
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(field) > 5 and not entry.flag_bits & _UTF8:
            checksum = zlib.crc32(entry.orig_filename.encode("cp437"))
            if int.from_bytes(field[1:5], "little") == checksum:
                return field[5:].decode(errors="replace")
    return ""


def _unpack_all(
    bundle: zipfile.ZipFile,
    folder: Path,
    limits: ArchiveLimits,
    *,
    encoding: Encoding | None = None,
    progress: ProgressCallback,
) -> Unpacked:
    names, guessed = _names(bundle.infolist(), encoding)
    entries = [e for e in zip(bundle.infolist(), names, strict=True) if not e[0].is_dir()]
    unpacked = Unpacked([], [], guessed)
    n_bytes = 0
    for number, (entry, name) in enumerate(entries):
        progress(number, len(entries))
        if is_ignored(name):
            continue
        target = folder / f"{number:06d}"
        try:
            with target.open("wb") as file:
                for chunk in _chunks(bundle, entry):
                    n_bytes += len(chunk)
                    if n_bytes > limits.max_bytes:
                        raise limits.too_large("zip file")
                    file.write(chunk)
        except ImageError as error:
            target.unlink()
            unpacked.damaged.append(LeftOut(name, error.reason))
        else:
            unpacked.files.append(SourceFile(name, target))
    progress(len(entries), len(entries))
    return unpacked


def _chunks(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Read one entry; what its bytes do to the decoder is no fault of the disk."""
    if entry.compress_type == _DEFLATE64:
        raise ImageError(
            "it is packed by Deflate64, as Windows does with large files; unpack the zip file and "
            "import the folder"
        )
    if entry.compress_type not in _METHODS:
        raise ImageError(f"the zip file packs it by method {entry.compress_type}, not known here")
    try:
        with bundle.open(entry) as source:
            while chunk := source.read(CHUNK):
                yield chunk
    except Exception as error:  # as in _open
        raise ImageError("its bytes in the zip file are damaged") from error
