"""What the file of an image asks of a decoder beyond its pixels, looked at before it decodes.

The work of a decoder grows with the pixels, and with what a file may repeat at will for a few
bytes each: passes over the image, segments, chunks, strips. A file that repeats more than any
camera or program does is refused by a count, so nothing here depends on how fast a computer is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from ann_core.errors import ImageError
from ann_core.imaging.avif_structure import check_avif

MAX_SCANS = 100
"""Passes over a JPEG. Programs write about ten; libtiff takes no more than 100 either."""

MAX_SEGMENTS = 1_000  # of a JPEG; one holds up to 64 KB
MAX_HEADER_BYTES = 32_000_000  # of a JPEG, before its first scan
MAX_STRAY_BYTES = 65_536  # of a JPEG, between the segments before its first scan
MAX_CHUNKS = 10_000  # of a PNG, and one for each KB of its file
MAX_BLOCKS = 20_000  # of a GIF, before its first frame; one holds up to 255 bytes
MAX_STRIPS = 65_536  # or tiles, of a TIFF
MAX_RUN_LENGTH_PIXELS = 1_000_000  # of a BMP in runs: Pillow decodes these in Python

_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
# No segment begins at 0xFF with one of the others: they are data, padding or restarts.
_MARKER = re.compile(rb"\xff([\xc0-\xcf\xd8-\xfe])")
_AGAIN = "save it again with another program"

_PNG_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"})

_TILE_WIDTH, _TILE_LENGTH, _STRIPS = 322, 323, (273, 324)


def check_structure(content: bytes, max_pixels: int) -> None:
    """Refuse a file that would keep a decoder busy for longer than its pixels do.

    Parameters
    ----------
    content : bytes
        The whole file; of another kind than those below, or damaged, it passes.
    max_pixels : int
        That a tile of a TIFF may have, whatever the image has.

    Raises
    ------
    ImageError
    """
    if content.startswith(b"\xff\xd8"):
        _check_jpeg(content)
    elif content.startswith(b"\x89PNG"):
        _check_png(content)
    elif content.startswith(b"GIF8"):
        _check_gif(content)
    elif content.startswith(b"BM"):
        _check_bmp(content)
    elif content[:2] in (b"II", b"MM"):
        _check_tiff(content, max_pixels)
    elif content[4:8] == b"ftyp":
        check_avif(content, max_pixels)


def without_notes(content: bytes) -> bytes:
    """Return a PNG with what its pixels need, and nothing else; another file as it is.

    Text and colour profiles may be large, packed tightly or damaged, and whoever wants the
    pixels needs none of them.
    """
    if not content.startswith(b"\x89PNG"):
        return content
    position, kept = 8, [content[:8]]
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        if kind in _PNG_PIXELS:
            kept.append(content[position : position + 12 + length])
        position += 12 + length
    return b"".join(kept)


def _check_jpeg(content: bytes) -> None:
    """Walk the segments as libjpeg does, and count scans up to the end of the image."""
    position, n_segments, n_scans, n_stray = 2, 0, 0, 0
    while (segment := _MARKER.search(content, position)) is not None:
        marker = segment[1][0]
        if marker == _EOI and n_scans:
            return
        if not n_scans:
            n_stray += segment.start() - position
        position = segment.end()
        if marker not in (_SOI, _EOI):
            position += max(2, int.from_bytes(content[position : position + 2]))
        n_segments += 1
        n_scans += marker == _SOS
        if n_scans > MAX_SCANS:
            raise ImageError(f"it is a JPEG in more than {MAX_SCANS} scans; {_AGAIN}")
        too_long = not n_scans and position > MAX_HEADER_BYTES
        if n_segments > MAX_SEGMENTS or n_stray > MAX_STRAY_BYTES or too_long:
            raise ImageError(f"there is more around its pixels than a JPEG needs; {_AGAIN}")


def _check_png(content: bytes) -> None:
    position, n_chunks, most = 8, 0, MAX_CHUNKS + len(content) // 1024
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        if kind == b"IEND":
            return
        position += 12 + length
        n_chunks += 1
        if n_chunks > most:
            raise ImageError(f"it is a PNG in more than {most:,} chunks; {_AGAIN}")


def _check_gif(content: bytes) -> None:
    """Count what comes before the first frame; no other frame is decoded."""
    flags = content[10] if len(content) > 10 else 0
    position = 13 + (3 << (flags % 8 + 1) if flags & 0x80 else 0)
    n_blocks = 0
    while position < len(content) and content[position] not in b",;":
        is_extension = content[position] == ord("!")
        position += 1
        n_blocks += 1
        if is_extension:
            position += 1
            while n_blocks <= MAX_BLOCKS and position < len(content) and content[position]:
                position += 1 + content[position]
                n_blocks += 1
            position += 1
        if n_blocks > MAX_BLOCKS:
            raise ImageError(f"it is a GIF with more than {MAX_BLOCKS:,} blocks of notes; {_AGAIN}")


def _check_bmp(content: bytes) -> None:
    if len(content) < 34:
        return
    header, width, height, _, _, compression = struct.unpack_from("<IiiHHI", content, 14)
    if header < 40 or compression not in (1, 2):
        return
    n_pixels = abs(width * height)
    if n_pixels > MAX_RUN_LENGTH_PIXELS or len(content) > 4 * MAX_RUN_LENGTH_PIXELS:
        raise ImageError(
            f"it is a run-length encoded BMP of more than {MAX_RUN_LENGTH_PIXELS // 1_000_000} "
            "megapixel; save it as PNG"
        )


def _check_tiff(content: bytes, max_pixels: int) -> None:
    """Look at strips and tiles of the first image; no other one is decoded."""
    # Pillow takes a big-endian BigTIFF for a TIFF, and libtiff does not.
    for is_big in {content[2:3] == b"+", b"+" in content[2:4]}:
        sides = {_TILE_WIDTH: 0, _TILE_LENGTH: 0}
        for tag, n_values, value in _entries(content, is_big=is_big):
            if tag in _STRIPS and n_values > MAX_STRIPS:
                raise ImageError(
                    f"it is a TIFF in more than {MAX_STRIPS:,} strips or tiles; {_AGAIN}"
                )
            if tag in sides:
                sides[tag] = max(sides[tag], value)
        if sides[_TILE_WIDTH] * sides[_TILE_LENGTH] > max_pixels:
            megapixels = max_pixels // 1_000_000
            raise ImageError(
                f"it is a TIFF with tiles of more than {megapixels} megapixels; {_AGAIN}"
            )


def tiff_tags(head: bytes) -> dict[int, int]:
    """Read the tags of the first image of a TIFF, each with the first of its values."""
    return {tag: value for tag, _, value in _entries(head, is_big=b"+" in head[2:4])}


def _entries(content: bytes, *, is_big: bool) -> Iterator[tuple[int, int, int]]:
    """Read tag, number of values and first value of each entry, as far as there are any."""
    order = "<" if content.startswith(b"II") else ">"
    first, count, head, field = ("Q", "Q", "HHQ", 8) if is_big else ("L", "H", "HHL", 4)
    try:
        (position,) = struct.unpack_from(order + first, content, 8 if is_big else 4)
        (n_entries,) = struct.unpack_from(order + count, content, position)
        position += struct.calcsize(order + count)
        for _ in range(min(n_entries, 0xFFFF)):
            tag, kind, n_values = struct.unpack_from(order + head, content, position)
            position += struct.calcsize(order + head)
            width = {1: 1, 3: 2, 4: 4}.get(kind, field)
            value = content[position : position + min(width, field)]
            position += field
            yield tag, n_values, int.from_bytes(value, "little" if order == "<" else "big")
    except struct.error:  # it ends early, and is damaged
        return
