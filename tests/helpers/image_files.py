"""Small images in folders and zip files, and ways to import them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder, import_zip

Files = dict[str, bytes]


def image(shade: int = 0, kind: str = "PNG", size: tuple[int, int] = (6, 5)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(content, kind)
    return content.getvalue()


def images(counts: dict[str, int], pattern: str = "{name}/{number}.png") -> Files:
    return {
        pattern.format(name=name, number=number): image(number)
        for name, n_images in counts.items()
        for number in range(n_images)
    }


PETS = {"Cat": 5, "Dog": 6}


def from_folder(files: Files, catalog: Catalog, tmp_path: Path, name: str = "pets") -> Dataset:
    folder = tmp_path / "to-import"
    folder.mkdir(exist_ok=True)
    for file_name, content in files.items():
        path = folder / file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return import_folder(folder, name, catalog)


def zipped(files: Files) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    content.seek(0)
    return content


def from_zip(files: Files, catalog: Catalog, tmp_path: Path, name: str = "pets") -> Dataset:
    return import_zip(zipped(files), name, catalog)


every_source = pytest.mark.parametrize("import_files", [from_folder, from_zip])
ImportFiles = Callable[..., Dataset]


def png_header(width: int, height: int) -> bytes:
    """A PNG that is whole but for its pixels: written by hand, 8 bit RGB."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    start = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", start), chunk(b"IDAT", zlib.compress(b"")), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
