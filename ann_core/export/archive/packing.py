"""Zip files of a run, which are packed in one way only: whatever is not, is found out.

The same members always give the same bytes, for nothing is compressed and no time stands in
them. So an archive is whole if its members, packed again, give it again: one bit that
changed shows, wherever it is. That does not say who wrote the file: whoever changes it can pack
it as we do, so nothing inside is believed either.
"""

from __future__ import annotations

import filecmp
import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ann_core.datasets.zip_directory import open_zip
from ann_core.errors import ArchiveError, FlatlandError, disk_errors
from ann_core.export.archive.archive_format import (
    CODE_FILE,
    FORMAT,
    MANIFEST,
    MAX_MEMBERS,
    MAX_TEXT,
    MODEL,
    REQUIRED,
    is_known,
)
from ann_core.imaging.file_signatures import UNKNOWN, ZIP
from ann_core.imaging.file_types import HEAD_BYTES, file_type
from ann_core.imaging.images import SUFFIXES

_UNIX = 3  # said of archives from all systems
_COMMENT = re.compile(rb"(flatland run 1, sha256 [0-9a-f]{64})?")
"""The first version wrote a hash of the whole file there; it proved what packing again does."""

Content = bytes | Path


def pack(
    members: Mapping[str, Content],
    target: BinaryIO,
    *,
    comment: bytes = b"",
    system: int = _UNIX,
) -> None:
    """Write members, behind a manifest of them, into an empty file that can be read back.

    Raises
    ------
    OSError
        If a member cannot be read, or the file not be written.
    """
    about = {name: _describe(content) for name, content in members.items()}
    manifest = json.dumps({"format": FORMAT, "members": about}, indent=2).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        bundle.comment = comment
        for name, content in {MANIFEST: manifest, **members}.items():
            entry = zipfile.ZipInfo(name)  # of 1980
            entry.create_system = system
            with _opened(content) as source:
                entry.file_size = source.seek(0, os.SEEK_END)
                source.seek(0)
                with bundle.open(entry, "w") as file:
                    shutil.copyfileobj(source, file)


def unpack(archive: Path, folder: Path) -> None:
    """Copy the members of an archive into an empty folder, if all of it is as it was packed.

    Nothing of it is opened.

    Raises
    ------
    ArchiveError
        If the file is damaged, was packed in another way, or holds anything but the members
        of a run.
    DiskFullError
    """
    again = folder / "again.zip"
    try:
        with (
            disk_errors(folder),
            archive.open("rb") as packed,
            _open(packed) as bundle,
        ):
            entries = bundle.infolist()
            _check_contents([entry.filename for entry in entries])
            _check_entries(entries, archive.stat().st_size)
            if not _COMMENT.fullmatch(bundle.comment):
                raise refused("something is written behind it")
            members: dict[str, Content] = {}
            for entry in entries[1:]:
                path = folder / entry.filename  # one of the names that we know
                path.parent.mkdir(exist_ok=True)
                with bundle.open(entry) as source, path.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                members[entry.filename] = path
            with again.open("w+b") as target:
                pack(members, target, comment=bundle.comment, system=entries[0].create_system)
    except FlatlandError:
        raise
    except Exception as error:  # of strange bytes, zipfile raises nearly everything
        raise refused("it is damaged, or no zip file at all") from error
    if not filecmp.cmp(archive, again, shallow=False):
        raise refused("it is damaged, for its members are not those of its manifest")
    again.unlink()


def refused(why: str) -> ArchiveError:
    """Make the error for an archive that is not what it says."""
    return ArchiveError(
        f"This is no saved network as Flatland writes them: {why}. Export it again, and use the "
        "file as it comes, not unpacked and packed again."
    )


def _open(packed: BinaryIO) -> zipfile.ZipFile:
    kind = file_type(packed.read(HEAD_BYTES))
    packed.seek(0)
    if kind not in (ZIP, UNKNOWN):
        raise ArchiveError(
            f"This is no saved network but {kind.what}. Choose the zip file that "
            "Everything (.zip) on the Results page, or the command 'export', has written."
        )
    try:
        return open_zip(packed, MAX_MEMBERS)
    except ArchiveError as error:
        raise refused(
            f"it holds more than {MAX_MEMBERS} files (pictures are imported on the Explore page)"
        ) from error


def _check_contents(names: Sequence[str]) -> None:
    """Refuse zip files of pictures, and of programs, by what they are."""
    files = [name for name in names if not name.endswith("/")]
    n_images = sum(PurePosixPath(name).suffix.lower() in SUFFIXES for name in files)
    if 2 * n_images > len(files):
        raise ArchiveError(
            f"This is no saved network but a zip file of pictures ({files[0][:80]!r} "
            "...). Import it on the Explore page, or with the command 'import'."
        )
    if CODE_FILE in names:
        raise ArchiveError(
            "This is no saved network but the code of one, which is started by itself. Choose "
            "the file that Everything (.zip) on the Results page, or the command 'export' without "
            "--code, has written."
        )


def _check_entries(entries: list[zipfile.ZipInfo], n_bytes: int) -> None:
    """Refuse what `pack` never writes, and what would take more than its bytes to unpack."""
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise refused("it holds one of its files twice")
    for entry in entries:
        _check_entry(entry)
    if missing := sorted({MANIFEST, *REQUIRED} - set(names)):
        raise refused(f"{missing[0]} is missing")
    if names[0] != MANIFEST:
        raise refused("its manifest is not at its beginning")
    if sum(entry.file_size for entry in entries) > n_bytes:
        raise refused("its files claim to be larger than it is")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    if name != MANIFEST and not is_known(name):
        raise refused(f"it holds {name[:80]!r}, which belongs to no network")
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
    if not stored or entry.flag_bits & 0x1:
        raise refused(f"{name} is packed or locked")
    if (entry.external_attr >> 16) & 0o170000 not in (0, 0o100000):
        raise refused(f"{name} is a link, or something else that is no file")
    if not name.endswith(".npz") and name != MODEL and entry.file_size > MAX_TEXT:
        raise refused(f"{name} is too large")


def _describe(content: Content) -> dict[str, int | str]:
    with _opened(content) as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        return {"size": source.seek(0, os.SEEK_END), "sha256": digest}


def _opened(content: Content) -> io.BufferedIOBase:
    return io.BytesIO(content) if isinstance(content, bytes) else content.open("rb")
