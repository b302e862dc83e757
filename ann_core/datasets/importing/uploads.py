"""What visitors upload, until it is imported: one folder an upload."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from ann_core.datasets.importing.file_listing import FilesByClass
from ann_core.errors import DatasetError
from ann_core.files import staged_folder
from ann_core.stored_names import UPLOADED_IMAGES_FILE

_TOKEN = re.compile(r"[0-9a-f]{32}")
_ZIP, _INDEX = "upload.zip", UPLOADED_IMAGES_FILE
_CHUNK = 1 << 20


def store_zip(archive: BinaryIO, root: Path) -> str:
    """Keep a zip file as it came; return the token of the upload.

    Parameters
    ----------
    root : Path
        ``Settings.uploads_dir``.

    Raises
    ------
    DiskFullError
    """
    with staged_folder(root) as staging:
        folder = staging / "upload"
        folder.mkdir()
        archive.seek(0)
        with (folder / _ZIP).open("wb") as file:
            shutil.copyfileobj(archive, file, _CHUNK)
        return _publish(folder, root)


def store_images(images: Mapping[str, Sequence[tuple[str, bytes]]], root: Path) -> str:
    """Keep images that were given class by class, as (name, content); return the token.

    Raises
    ------
    DiskFullError
    """
    with staged_folder(root) as staging:
        folder = staging / "upload"
        folder.mkdir()
        index: dict[str, list[tuple[str, str]]] = {}
        number = 0
        for class_name, files in images.items():
            for name, content in files:
                (folder / f"{number:06d}").write_bytes(content)
                index.setdefault(class_name, []).append((name, f"{number:06d}"))
                number += 1
        (folder / _INDEX).write_text(json.dumps(index), encoding="utf-8")
        return _publish(folder, root)


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


def _publish(folder: Path, root: Path) -> str:
    token = secrets.token_hex(16)
    folder.rename(root / token)
    return token


def _existing(root: Path, token: str, name: str) -> Path:
    path = root / token / name
    if not _TOKEN.fullmatch(token) or not path.is_file():
        raise DatasetError("The upload is not here any more. Upload it again.")
    return path
