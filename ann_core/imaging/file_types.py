"""Tell what a file is by its first bytes, so that it can be refused by its true name."""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from pathlib import Path

from ann_core.imaging import file_signatures as known
from ann_core.imaging.file_signatures import FileType
from ann_core.imaging.file_structure import tiff_tags

HEAD_BYTES = 4096
"""Of a file, from its beginning: so many bytes are enough for `file_type`."""

RAW_SUFFIXES = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos"}
    | {".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf"}
    | {".srw", ".x3f"}
)
"""Endings of cameras' RAW files, many of which begin like a TIFF and show a preview as one."""

_DNG_VERSION, _SUB_FILE, _SUB_IMAGES = 50706, 254, 330
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body|title|script|meta|div|style)\b", re.I)
_SVG = re.compile(rb"<svg\b|<!doctype\s+svg", re.I)
_NETPBM = re.compile(rb"P[1-7]\s[\s\d#]|P[Ff]\n")
_MP3 = re.compile(rb"\xff[\xfb\xf3\xf2\xe3]")
_OFFICE_PARTS = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis")
_APP_PARTS = (b"META-INF/", b"AndroidManifest.xml")


def file_type(head: bytes, name: str = "") -> FileType:
    """Tell what a file is.

    Parameters
    ----------
    head : bytes
        Its first `HEAD_BYTES`, or more.
    name : str
        Its name, which tells RAW files of cameras from TIFF files; all else is told by bytes.

    Returns
    -------
    FileType
        `ann_core.imaging.file_signatures.UNKNOWN` if it is none of those that are known.
    """
    if not head:
        return known.EMPTY
    if not head.strip(b"\0"):
        return known.ZEROS
    return (
        _container(head)
        or _tiff(head, name)
        or next((kind for at, start, kind in known.SIGNATURES if head.startswith(start, at)), None)
        or _other(head)
        or _text(head)
        or known.UNKNOWN
    )


def file_type_of(path: Path, name: str = "") -> FileType:
    """As `file_type`, of a file on the disk.

    Raises
    ------
    OSError
    """
    with path.open("rb") as file:
        return file_type(file.read(HEAD_BYTES), name or path.name)


def why_no_image(head: bytes, name: str = "") -> str:
    """Say in a table cell why a file is not opened as an image."""
    kind = file_type(head, name)
    if kind is known.EMPTY:
        return "the file is empty (0 bytes)"
    if kind is known.UNKNOWN:
        return "it is no JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF, whatever its name says"
    if kind.group == "image":
        return "it is damaged or cut off (its header cannot be read)"
    return f"it is {kind.what}; {kind.advice}" if kind.advice else f"it is {kind.what}, no picture"


def why_no_zip(head: bytes, name: str = "") -> str:
    """Say what was given instead of a zip file of pictures, and what to give.

    Returns
    -------
    str
        The second half of a sentence, such as "this is a RAR archive; unpack it and give the
        folder, or a zip file of it"; "" if it is a zip file or of no known kind.
    """
    kind = file_type(head, name)
    if kind in (known.UNKNOWN, known.ZIP):
        return ""
    return f"this is {kind.what}; {_instead_of_zip(kind)}"


def _instead_of_zip(kind: FileType) -> str:
    if kind.group in ("image", "picture"):
        return "give a folder with a folder of pictures for each class, or a zip file of it"
    return kind.advice or "give a folder of pictures, or a zip file of it"


def _container(head: bytes) -> FileType | None:
    """Look into the formats that say further on what they hold."""
    if head.startswith(b"RIFF"):
        return known.RIFF.get(head[8:12] or b"WEBP")
    if head[4:8] == b"ftyp":
        length = max(16, int.from_bytes(head[:4]))
        brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(length, 256), 4))]
        kinds = [known.BRANDS[brand] for brand in brands if brand in known.BRANDS]
        exact = [kind for kind in kinds if kind in (known.AVIF, known.HEIC, known.RAW)]
        return (exact or kinds or [known.VIDEO])[0]
    if head.startswith(b"PK\3\4"):
        return _zip(head)
    for name, (start, what) in known.COMPRESSED.items():
        if head.startswith(start):
            inside = _beginning(name, head)
            is_tar = inside[257:262] == b"ustar"
            return known.compressed_tar(name) if is_tar else known.compressed(what)
    return None


def _zip(head: bytes) -> FileType:
    """Tell documents, models and arrays, which are zip files too, from other zip files."""
    length = int.from_bytes(head[26:28], "little")
    first, is_app = head[30 : 30 + length], any(part in head for part in _APP_PARTS)
    if any(part in head for part in _OFFICE_PARTS):
        return known.OFFICE
    if first.endswith(b".npy"):
        return known.NPZ
    if first.endswith(b"/data.pkl"):
        return known.TORCH
    if first in (b"metadata.json", b"config.json") and b"keras" in head:
        return known.KERAS
    return known.APP if is_app else known.ZIP


def _beginning(name: str, head: bytes) -> bytes:
    """Unpack the first kilobyte of a compressed file, as far as `head` reaches."""
    try:
        if name == "gzip":
            return zlib.decompressobj(31).decompress(head, 1024)
        if name == "bzip2":
            return bz2.BZ2Decompressor().decompress(head, 1024)
        if name == "xz":
            return lzma.LZMADecompressor(memlimit=1 << 27).decompress(head, 1024)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        pass
    return b""


def _tiff(head: bytes, name: str) -> FileType | None:
    if head[:4] not in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return None
    tags = tiff_tags(head)
    is_preview = tags.get(_SUB_FILE) == 1 and _SUB_IMAGES in tags
    is_raw = Path(name).suffix.lower() in RAW_SUFFIXES or head[8:10] == b"CR"
    return known.RAW if is_raw or is_preview or _DNG_VERSION in tags else known.TIFF


def _other(head: bytes) -> FileType | None:
    if head.startswith(b"BM") and (len(head) < 10 or head[6:10] == bytes(4)):
        return FileType("a BMP picture", "image")
    if _NETPBM.match(head):
        return FileType("a picture of Netpbm (PGM, PPM)", "picture", "convert it to PNG")
    if _MP3.match(head):
        return known.SOUND
    return known.TAR if _is_old_tar(head) else None


def _is_old_tar(head: bytes) -> bool:
    """Whether the sum of a tar header is right: the oldest ones have no signature."""
    if len(head) < 512 or not head[0]:
        return False
    try:
        stated = int(head[148:156].strip(b" \0"), 8)
    except ValueError:
        return False
    return stated == sum(head[:148]) + 8 * 32 + sum(head[156:512])


def _text(head: bytes) -> FileType | None:
    """Tell kinds of text apart; None if it is not text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, kind in known.BY_TEXT:
        if start.startswith(beginning):
            return kind
    if re.search(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]", head):
        return None
    if start.startswith(b"<"):
        return _markup(start)
    if start.startswith((b"{", b"[")):
        return known.JSON_TEXT
    lines = [line for line in start.splitlines()[:20] if line.strip()][: -1 or None]
    for separator in (b",", b";", b"\t"):
        counts = {line.count(separator) for line in lines}
        if len(counts) == 1 and counts.pop():
            return known.CSV
    return known.TEXT


def _markup(start: bytes) -> FileType:
    if _SVG.search(start):
        return known.SVG
    return known.WEB_PAGE if _HTML.search(start) else known.XML_TEXT
