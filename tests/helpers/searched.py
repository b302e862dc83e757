"""A search for pixels and names in all files of a folder, packed ones included."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError


def files_with(folder: Path, traces: Sequence[bytes]) -> set[str]:
    """Files below `folder` that hold any of the bytes, whatever they are packed in."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and _holds(path, traces)
    }


def _holds(path: Path, traces: Sequence[bytes]) -> bool:
    return any(part in content for content in _contents(path) for part in traces)


def _contents(path: Path) -> Iterator[bytes]:
    """Give a file as it is, and what can be unpacked or decoded of it."""
    content = path.read_bytes()
    yield path.name.encode()
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    if content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content)).to_pandas()
        yield (table.drop(columns="class").to_numpy() * 255).round().astype(np.uint8).tobytes()
    try:
        yield np.asarray(Image.open(io.BytesIO(content))).tobytes()
    except (UnidentifiedImageError, OSError):
        return
