"""Unpack a stranger's tar file, plain or packed by gzip, bzip2 or xz, in one pass without harm.

The limits are those of zip files. A tar file has no table of contents, so entries, bytes and
headers are counted as they come; `tarfile` gets a reader that gives it no more than a header
may take, for a header can claim any length.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, BinaryIO, TypeVar, cast

from ann_core.datasets.importing.archive_limits import (
    CHUNK,
    ArchiveLimits,
    Unpacked,
    check_name,
    refuse_link,
)
from ann_core.datasets.importing.layouts import SourceFile
from ann_core.datasets.importing.name_encodings import Encoding, decoded, guess_encoding
from ann_core.datasets.validation import LeftOut
from ann_core.errors import ArchiveError
from ann_core.file_names import is_ignored
from ann_core.files import ProgressCallback

T = TypeVar("T")

_WHAT = "tar file"
_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"
_BLOCK = tarfile.BLOCKSIZE
_HEADER_BYTES = 256 * 1024  # of one entry, with all that its long names take
_PADDING = 4 * _BLOCK  # bytes an entry beside what is in it
_XZ_MEMORY = 128 * 1024**2  # xz -9 takes 65 MB


def is_tar(file: BinaryIO) -> bool:
    """Whether a file begins like a tar file or one that is packed; it is wound back."""
    file.seek(0)
    start = file.read(_BLOCK)
    file.seek(0)
    if start.startswith((_GZIP, _BZIP2, _XZ)):
        return True
    try:
        tarfile.TarInfo.frombuf(start, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def unpack_tar(
    file: BinaryIO,
    folder: Path,
    limits: ArchiveLimits,
    *,
    encoding: Encoding | None,
    progress: ProgressCallback,
) -> Unpacked:
    """Unpack all files of a tar file into `folder`, under numbers; see `archives.unpack`."""
    files: list[SourceFile] = []
    damaged: list[LeftOut] = []
    n_bytes, total = 0, file.seek(0, io.SEEK_END)
    file.seek(0)
    reader = _Reader(file, limits)
    for number, (member, content) in enumerate(_entries(reader, limits)):
        progress(min(file.tell(), total) // CHUNK, total // CHUNK)
        if not member.isreg() or is_ignored(member.name):
            continue
        if member.issparse():
            damaged.append(LeftOut(member.name, "it is stored with holes, which is not known here"))
            continue
        target = folder / f"{number:06d}"
        with target.open("wb") as out:
            for chunk in _chunks(content):
                n_bytes += len(chunk)
                if n_bytes > limits.max_bytes:
                    raise limits.too_large(_WHAT)
                out.write(chunk)
        files.append(SourceFile(member.name, target))
    progress(total // CHUNK, total // CHUNK)
    names, guessed = _read_names([f.name for f in files], encoding)
    files = [SourceFile(name, f.path) for name, f in zip(names, files, strict=True)]
    damaged = [LeftOut(_read_names([d.name], "utf-8")[0][0], d.reason) for d in damaged]
    return Unpacked(files, damaged, guessed)


def tar_names(
    file: BinaryIO, limits: ArchiveLimits, encoding: Encoding | None
) -> tuple[list[str], Encoding | None]:
    """List the files of a tar file; see `archives.names_in`."""
    entries = _entries(_Reader(file, limits), limits)
    names = [m.name for m, _ in entries if m.isreg() and not is_ignored(m.name)]
    return _read_names(names, encoding)


def _entries(
    reader: _Reader, limits: ArchiveLimits
) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Go through the entries of a tar file; refuse it at the first that must not be unpacked."""
    stream = cast("BinaryIO", reader)
    reader.allow(_HEADER_BYTES)
    bundle = _guarded(
        lambda: tarfile.TarFile(fileobj=stream, encoding="utf-8", errors="surrogateescape")
    )
    n_entries = 0
    while True:
        reader.allow(_HEADER_BYTES)
        member = _guarded(bundle.next)
        if member is None:
            reader.seek(bundle.offset)
            if reader.read(_BLOCK).strip(b"\0"):  # `tarfile` takes it for the end
                raise _damaged("a header is damaged")
            return
        bundle.members = []  # type: ignore[attr-defined]  # else a hundred thousand of them stay in memory
        n_entries += 1
        if n_entries > limits.max_entries:
            raise ArchiveError(
                f"This tar file has more than {limits.max_entries:,} entries, and at most "
                f"{limits.max_entries:,} are taken. Put fewer files into it."
            )
        _check(member)
        reader.allow(None)
        yield member, bundle.extractfile(member) if member.isreg() else None


def _check(member: tarfile.TarInfo) -> None:
    name = member.name.encode(errors="surrogateescape").decode(errors="replace")
    check_name(name, _WHAT)
    if member.issym() or member.islnk():
        raise refuse_link(name, _WHAT)
    if not member.isreg() and not member.isdir():
        raise ArchiveError(
            f"This tar file holds {name[:120]!r}, which is no plain file (a pipe or a device); "
            "such files are refused whole. Pack the folder of pictures again."
        )


def _chunks(content: IO[bytes] | None) -> Iterator[bytes]:
    assert content is not None
    while chunk := _guarded(lambda: content.read(CHUNK)):
        yield chunk


def _read_names(names: list[str], encoding: Encoding | None) -> tuple[list[str], Encoding | None]:
    raw = [name.removeprefix("./").encode(errors="surrogateescape") for name in names]
    guessed = encoding or guess_encoding(raw)
    read = [_utf8_or(name, guessed) for name in raw]
    for name in read:
        check_name(name, _WHAT)
    return read, None if encoding or guessed == "utf-8" else guessed


def _utf8_or(name: bytes, encoding: Encoding) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return decoded(name, encoding)


def _guarded(read: Callable[[], T]) -> T:
    """Read on; what damaged bytes do to the decoders is told in one sentence."""
    try:
        return read()
    except ArchiveError:
        raise
    except Exception as error:  # of damaged bytes, they raise nearly everything
        raise _damaged(str(error)) from error


def _damaged(why: str) -> ArchiveError:
    return ArchiveError(
        f"Expected a whole tar file, but this one is damaged, cut off or no tar file ({why}). "
        "Copy or download it again, or pack the folder as a zip file."
    )


class _Reader:
    """What is in a tar file, read forward; it goes back by a block at most, as `tarfile` does."""

    def __init__(self, file: BinaryIO, limits: ArchiveLimits) -> None:
        self._source = _unpacked(file)
        self._limits = limits
        self._max_bytes = limits.max_bytes + _PADDING * (limits.max_entries + 1)
        self._end = 0  # of what was read
        self._at = 0
        self._kept = b""  # the last block that was read
        self._allowed: int | None = None

    def allow(self, n_bytes: int | None) -> None:
        """Let so many bytes be read from now on; skipping does not count."""
        self._allowed = n_bytes

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, target: int) -> int:
        """Go there, forward by any length, back by a block."""
        if target < self._end - len(self._kept):
            raise tarfile.ReadError("it leads backwards")
        self._at = min(target, self._end)
        while self._end < target:
            if not self._next(min(CHUNK, target - self._end)):
                break
        self._at = target
        return target

    def read(self, size: int = -1) -> bytes:
        """Read as a file does; refuse what is asked for if it is too much."""
        if size < 0 or size > CHUNK or (self._allowed is not None and size > self._allowed):
            raise ArchiveError(
                "This tar file has a header larger than any name needs; such files are refused "
                "whole. Pack the folder of pictures again."
            )
        if self._allowed is not None:
            self._allowed -= size
        behind = self._end - self._at
        again = self._kept[len(self._kept) - behind :][:size] if behind > 0 else b""
        self._at += len(again)
        content = again
        while len(content) < size and (more := self._next(size - len(content))):
            content += more
            self._at += len(more)
        return content

    def _next(self, size: int) -> bytes:
        content = self._source.read(size)
        self._end += len(content)
        if self._end > self._max_bytes:
            raise self._limits.too_large(_WHAT)
        self._kept = (self._kept + content)[-_BLOCK:]
        return content


def _unpacked(file: BinaryIO) -> io.BufferedIOBase | BinaryIO:
    start = file.read(6)
    file.seek(0)
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(_BZIP2):
        return bz2.BZ2File(file)
    return io.BufferedReader(_Xz(file), CHUNK) if start.startswith(_XZ) else file


class _Xz(io.RawIOBase):
    """Reads an xz file with so much memory and no more: the file says how much it takes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = _xz_decoder()

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, or a part of it."""
        while True:
            if self._decoder.eof:
                rest = (self._decoder.unused_data or self._file.read(CHUNK)).lstrip(b"\0")
                if not rest:
                    return 0
                self._decoder, packed = _xz_decoder(), rest
            else:
                packed = self._file.read(CHUNK) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not packed:
                    raise EOFError("it ends in the middle")
            content = self._decoder.decompress(packed, len(buffer))
            if content:
                buffer[: len(content)] = content
                return len(content)


def _xz_decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
