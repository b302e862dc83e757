"""What visitors upload, until it is imported: one folder an upload."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ann_core.config import content_key
from ann_core.datasets.importing.file_listing import FilesByClass
from ann_core.errors import DatasetError
from ann_core.files import publish_folder, staged_folder
from ann_core.stored_names import UPLOADED_IMAGES_FILE

_TOKEN = re.compile(r"[0-9a-f]{32}")
_ZIP, _INDEX = "upload.zip", UPLOADED_IMAGES_FILE
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Upload:
    """Files that a visitor holds ready; nothing is on the disk yet.

    Attributes
    ----------
    identity : str
        The same for the same files, so that a second click is known.
    n_bytes : int
        Of all files together.
    write : callable
        Writes them into an empty folder.
    """

    identity: str
    n_bytes: int
    write: Callable[[Path], object]


def zip_upload(archive: BinaryIO, identity: str) -> Upload:
    """Describe an uploaded zip file, which is kept as it came."""

    def write(folder: Path) -> None:
        archive.seek(0)
        with (folder / _ZIP).open("wb") as file:
            shutil.copyfileobj(archive, file, _CHUNK)

    return Upload(identity, archive.seek(0, os.SEEK_END), write)


def images_upload(images: Mapping[str, Sequence[tuple[str, bytes]]]) -> Upload:
    """Describe images that were given class by class, as (name, content)."""
    files = [(c, name, content) for c, given in images.items() for name, content in given]

    def write(folder: Path) -> None:
        index: dict[str, list[tuple[str, str]]] = {}
        for number, (class_name, name, content) in enumerate(files):
            (folder / f"{number:06d}").write_bytes(content)
            index.setdefault(class_name, []).append((name, f"{number:06d}"))
        (folder / _INDEX).write_text(json.dumps(index), encoding="utf-8")

    listed = [(c, name, hashlib.sha256(content).hexdigest()) for c, name, content in files]
    return Upload(content_key(listed), sum(len(content) for *_, content in files), write)


def upload_token(*parts: str) -> str:
    """Make the name under which an upload is stored: equal parts, equal name."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def store_upload(upload: Upload, root: Path, token: str) -> None:
    """Write an upload, whole or not at all; once, if it is there already.

    Parameters
    ----------
    root : Path
        ``Settings.uploads_dir``.
    token : str
        Of `upload_token`.

    Raises
    ------
    DiskFullError
    """
    if (root / token).is_dir():
        return
    with staged_folder(root) as staging:
        folder = staging / "upload"
        folder.mkdir()
        upload.write(folder)
        publish_folder(folder, root / token, is_whole=lambda: True)


def stored_zip(root: Path, token: str) -> Path:
    """Find an uploaded zip file.

    Raises
    ------
    DatasetError
        If it is not there any more.
    """
    return _existing(root, token, _ZIP)


def stored_images(root: Path, token: str) -> FilesByClass:
    """Find images that were uploaded class by class.

    Raises
    ------
    DatasetError
        If they are not there any more.
    """
    index = _existing(root, token, _INDEX)
    listed = json.loads(index.read_text(encoding="utf-8"))
    return {
        class_name: [(name, index.parent / file) for name, file in files]
        for class_name, files in listed.items()
    }


def remove_upload(root: Path, token: str) -> None:
    """Let go of an upload, if it is still there."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(root / token, ignore_errors=True)


def _existing(root: Path, token: str, name: str) -> Path:
    path = root / token / name
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise DatasetError("The upload is not here any more. Upload it again.")
    return path
