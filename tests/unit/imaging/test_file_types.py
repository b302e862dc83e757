"""Files are known by their first bytes, and what is said of them is true and of use."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, TiffImagePlugin

from ann_core.errors import ImageError
from ann_core.imaging.file_types import (
    HEAD_BYTES,
    file_type,
    file_type_of,
    why_no_image,
    why_no_zip,
)
from ann_core.imaging.images import SUFFIXES, open_image, why_not_taken


def tar(format: int = tarfile.GNU_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as bundle:
        info = tarfile.TarInfo("pets/cat/1.jpg")
        info.size = 4
        bundle.addfile(info, io.BytesIO(b"meow"))
    return file.getvalue()


def tar_of_old() -> bytes:
    """One without the signature of today, known by the sum of its header only."""
    head = tar()[:257] + bytes(255)
    total = sum(head[:148]) + 8 * 32 + sum(head[156:])
    return head[:148] + f"{total:06o}\0 ".encode() + head[156:] + tar()[512:]


def zipped(*names: str, content: bytes = b"x") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as bundle:
        for name in names:
            bundle.writestr(name, content)
    return file.getvalue()


def media(brand: bytes, *others: bytes) -> bytes:
    inside = b"ftyp" + brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 4 + len(inside)) + inside + bytes(100)


def saved(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind)
    return file.getvalue()


def raw_of_a_camera() -> bytes:
    """A TIFF that begins with a small preview, as NEF and ARW files do."""
    entries = [(254, 4, 1, 1), (256, 4, 1, 160), (330, 4, 2, 90)]
    directory = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + directory + bytes(200)


def table() -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"pixel": [1, 2]}).to_parquet(file)
    return file.getvalue()


def arrays() -> bytes:
    file = io.BytesIO()
    np.savez(file, x=np.zeros(3))
    return file.getvalue()


KINDS = {
    "a JPEG picture": saved("JPEG"),
    "a PNG picture": saved("PNG"),
    "a WebP picture": saved("WEBP"),
    "an AVIF picture": saved("AVIF"),
    "a GIF picture": saved("GIF"),
    "a TIFF picture": saved("TIFF"),
    "a BMP picture": saved("BMP"),
    "a picture of Netpbm": saved("PPM"),
    "an icon": saved("ICO"),
    "a zip file": zipped("cat/1.jpg"),
    "a zip file with nothing in it": zipped(),
    "a tar archive": tar(),
    "a tar archive | of old": tar_of_old(),
    "a tar archive packed by gzip": gzip.compress(tar()),
    "a tar archive packed by bzip2": bz2.compress(tar()),
    "a tar archive packed by xz": lzma.compress(tar()),
    "a gzip file": gzip.compress(b"\0\0\x08\3images"),
    "a bzip2 file": bz2.compress(b"cat"),
    "an xz file": lzma.compress(b"cat"),
    "a zstd file": b"\x28\xb5\x2f\xfd" + bytes(range(100)),
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100),
    "a RAR archive": b"Rar!\x1a\7\0" + bytes(100),
    "a RAR archive (RAR 5)": b"Rar!\x1a\7\1\0" + bytes(100),
    "a HEIC photograph": media(b"heic", b"mif1", b"heic"),
    "a HEIC photograph | of another camera": media(b"mif1", b"mif1", b"heic"),
    "a HEIF picture": media(b"mif1", b"mif1"),
    "a video": media(b"isom", b"mp42"),
    "a video | of a phone": media(b"qt  "),
    "a RAW file of a camera": raw_of_a_camera(),
    "a RAW file of a camera | Canon's": media(b"crx "),
    "a JPEG XL picture": b"\xff\x0a" + bytes(range(50)),
    "a Photoshop document": b"8BPS\0\1" + bytes(50),
    "a PDF document": b"%PDF-1.7\n",
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a web page": b"\n<!DOCTYPE html><html><title>Sign in</title></html>",
    "a web page | with a mark": b"\xef\xbb\xbf<HTML>",
    "a web page | after a note": b"<!-- served by 3 --> <html>",
    "text (XML)": b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
    "text (JSON)": json.dumps({"error": "not found"}).encode(),
    "a table as text": b"label,pixel0,pixel1\n0,12,13\n1,14,15\n",
    "a table as text | of a spreadsheet": "\ufefffile;class\n1.jpg;cat\n".encode("utf-16"),
    "text": "Ein Hündchen.\n".encode(),
    "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 3\n",
    "a Parquet table": table(),
    "NumPy arrays": arrays(),
    "a NumPy array": b"\x93NUMPY\1\0" + bytes(50),
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(50),
    "an Office document": zipped("[Content_Types].xml", "word/document.xml"),
    "a model for Keras": zipped("metadata.json", content=b'{"keras_version": "3.8"}'),
    "an empty file": b"",
    "nothing but zero bytes": bytes(9000),
}
OPENED = {f"a {kind} picture" for kind in ("JPEG", "PNG", "WebP", "GIF", "TIFF", "BMP")}
OPENED |= {"an AVIF picture"}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_known_by_its_first_bytes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "cat.jpg"
    path.write_bytes(KINDS[name])
    what = file_type_of(path).what
    assert what.startswith(name.partition(" | ")[0])
    assert file_type(KINDS[name][:HEAD_BYTES]).what == what


@pytest.mark.parametrize("name", sorted(set(KINDS) - OPENED))
def test_what_is_no_image_is_refused_by_its_name(name: str) -> None:
    content = KINDS[name]
    with pytest.raises(ImageError) as caught:
        open_image(content)
    assert caught.value.reason == why_no_image(content, "cat.jpg")
    assert "damaged" not in caught.value.reason
    assert len(caught.value.reason) < 130
    assert name == "a zip file" or why_no_zip(content).startswith("this is ")


def test_a_preview_is_not_taken_for_the_picture_of_a_camera() -> None:
    file = io.BytesIO()
    preview = TiffImagePlugin.ImageFileDirectory_v2()
    preview[50706] = b"\1\4\0\0"  # DNGVersion
    Image.new("RGB", (8, 8)).save(file, "TIFF", tiffinfo=preview)
    with pytest.raises(ImageError, match="it is a RAW file of a camera; develop it"):
        open_image(file.getvalue())


def test_what_to_do_is_said() -> None:
    assert "Most Compatible" in why_no_image(KINDS["a HEIC photograph"])
    assert "unpack it" in why_no_zip(KINDS["a RAR archive"])
    assert "folder for each class" in why_no_zip(KINDS["a table as text"])
    assert "git lfs pull" in why_no_image(KINDS["a Git LFS pointer"])
    assert "browser" in why_no_image(KINDS["a web page"])
    assert why_no_zip(KINDS["a zip file"]) == "" == why_no_zip(b"\1\2\3")


@pytest.mark.parametrize(
    "name", ["IMG_1", "cat.2", "photo.jpg_large", "a.pjp", "a.pjpeg", "a.JFIF"]
)
def test_a_picture_under_any_name_is_taken(name: str, tmp_path: Path) -> None:
    path = tmp_path / "000001"
    path.write_bytes(saved("PNG"))
    assert why_not_taken(path, name) == ""


def test_others_are_left_out_with_a_true_reason(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, name, reason in (
        (b"Cats and dogs.", "readme.txt", "its name does not end like a picture's"),
        (KINDS["a HEIC photograph"], "IMG_1.HEIC", "it is a HEIC photograph; on an iPhone"),
        (saved("TIFF"), "IMG_1.nef", "it is a RAW file of a camera; develop it"),
        (KINDS["a table as text"], "labels.csv", "it is a table as text (CSV); labels in a table"),
        (b"", "notes", "the file is empty"),
    ):
        path.write_bytes(content)
        assert why_not_taken(path, name).startswith(reason)
    path.unlink()
    assert why_not_taken(path, "IMG_1") == "it cannot be read (No such file or directory)"
    assert {".jpg", ".avif", ".pjp", ".pjpeg"} <= SUFFIXES
