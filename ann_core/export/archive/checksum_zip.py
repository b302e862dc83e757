"""Zip files that tell whether one bit of them is another one than it was.

The zip comment ends in the SHA-256 of all bytes before that hash. It does not say who
wrote the file: whoever changes it can seal it again, so nothing inside is believed either.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from ann_core.errors import ArchiveError
from ann_core.export.archive.archive_format import (
    MANIFEST,
    MAX_MEMBERS,
    MAX_TEXT,
    MODEL,
    REQUIRED,
    SCALING,
    Manifest,
    Member,
    is_known,
)

_MARK = b"flatland run 1, sha256 "
_DIGITS = 64
_CHUNK = 1 << 20

Content = bytes | Path


def write_with_checksum(members: Mapping[str, Content], target: BinaryIO) -> None:
    """Write members, their manifest and the seal into an empty file that can be read back.

    Raises
    ------
    OSError
        If a member cannot be read, or the file not be written.
    """
    manifest = Manifest(members={name: _describe(content) for name, content in members.items()})
    text = manifest.model_dump_json(indent=2).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.comment = _MARK + b"0" * _DIGITS
        for name, content in {MANIFEST: text, **members}.items():
            entry = zipfile.ZipInfo(name)  # of 1980: the same run gives the same bytes
            entry.file_size = _size(content)
            with archive.open(entry, "w") as file:
                if isinstance(content, Path):
                    with content.open("rb") as source:
                        while chunk := source.read(_CHUNK):
                            file.write(chunk)
                else:
                    file.write(content)
    digest = _digest(target, _length(target) - _DIGITS)
    target.seek(-_DIGITS, os.SEEK_END)
    target.write(digest)


def unpack_checked(archive: Path, folder: Path) -> None:
    """Copy the members of an archive into an empty folder, if all of it is as it was written.

    Nothing of it is opened.

    Raises
    ------
    ArchiveError
        If the file is damaged, was packed again, or holds anything but the members of a run.
    """
    with archive.open("rb") as file:
        _check_checksum(file)
        try:
            with zipfile.ZipFile(file) as bundle:
                _unpack(bundle, folder)
        except ArchiveError:
            raise
        except OSError:
            raise
        except Exception as error:  # of strange bytes, zipfile raises nearly everything
            raise refused("its table of contents cannot be read") from error


def refused(why: str) -> ArchiveError:
    """Make the error for an archive that is not what it says."""
    return ArchiveError(
        f"This is no run archive as Flatland writes them: {why}. Export the run again, and bring "
        "the file as it comes, not unpacked and packed again."
    )


def _check_checksum(file: BinaryIO) -> None:
    length = _length(file)
    start = length - len(_MARK) - _DIGITS
    if start < 0:
        raise refused("the file is too short")
    file.seek(start)
    if file.read(len(_MARK)) != _MARK:
        raise refused("its seal is missing at the end")
    told = file.read(_DIGITS)
    if told != _digest(file, length - _DIGITS):
        raise refused("it is damaged, for its bytes are not those of its seal")


def _unpack(bundle: zipfile.ZipFile, folder: Path) -> None:
    entries = bundle.infolist()
    manifest = _read_manifest(bundle, entries)
    for entry in entries[1:]:
        told = manifest.members[entry.filename]
        target = folder / entry.filename  # one of the names that we know
        target.parent.mkdir(exist_ok=True)
        digest = hashlib.sha256()
        with bundle.open(entry) as source, target.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if (entry.file_size, digest.hexdigest()) != (told.size, told.sha256):
            raise refused(f"{entry.filename} is not what the manifest says")


def _read_manifest(bundle: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Manifest:
    """Check the table of contents, entry by entry; return the manifest."""
    names = [entry.filename for entry in entries]
    if len(names) > MAX_MEMBERS or len(set(names)) != len(names):
        raise refused("it holds too many files, or one of them twice")
    for entry in entries:
        _check_entry(entry)
    if not names or names[0] != MANIFEST:
        raise refused("its manifest is missing")
    manifest = Manifest.model_validate_json(bundle.read(entries[0]))
    if set(manifest.members) != set(names[1:]):
        raise refused("it holds other files than its manifest lists")
    if missing := sorted(REQUIRED - set(names)):
        raise refused(f"{missing[0]} is missing")
    return manifest


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse what `write_with_checksum` never writes; what is stored takes its bytes."""
    name = entry.filename
    if name != MANIFEST and not is_known(name):
        raise refused(f"it holds {name[:80]!r}, which belongs to no run")
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
    if not stored or entry.flag_bits & 0x1:
        raise refused(f"{name} is packed or locked")
    if (entry.external_attr >> 16) & 0o170000 not in (0, 0o100000):
        raise refused(f"{name} is a link, or something else that is no file")
    if not name.endswith(".npz") and name not in (MODEL, SCALING) and entry.file_size > MAX_TEXT:
        raise refused(f"{name} is too large")


def _describe(content: Content) -> Member:
    if isinstance(content, bytes):
        return Member(size=len(content), sha256=hashlib.sha256(content).hexdigest())
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Member(size=_size(content), sha256=digest)


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _digest(file: BinaryIO, n_bytes: int) -> bytes:
    digest = hashlib.sha256()
    file.seek(0)
    while n_bytes and (chunk := file.read(min(_CHUNK, n_bytes))):
        digest.update(chunk)
        n_bytes -= len(chunk)
    return digest.hexdigest().encode()


def _length(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)
