"""Small files that would keep a decoder busy for long; how much of a file is decoded."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from ann_core.errors import ImageError
from ann_core.imaging.images import open_image

SMALL = Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8))


def saved(kind: str, image: Image.Image = SMALL, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg_of_scans(n_scans: int) -> bytes:
    """A progressive JPEG that ends in passes which change nothing; `n_scans` in all."""
    whole = saved("JPEG", Image.new("L", (64, 48), 128), progressive=True)
    n_own = whole.count(b"\xff\xda")
    # An AC table with one symbol, "the band ends for 16,384 blocks", and a pass that says it.
    table = b"\xff\xc4\0\x14\x11\1" + bytes(15) + b"\xe0"
    scan = b"\xff\xda\0\x08\1\1\1\1\x3f\0" + b"\0\0"
    return whole[:-2] + table + scan * (n_scans - n_own) + b"\xff\xd9"


def with_segments(n_segments: int, segment: bytes) -> bytes:
    whole = saved("JPEG")
    return whole[:2] + segment * n_segments + whole[2:]


def png_of_chunks(n_chunks: int, kind: bytes = b"tEXt", data: bytes = b"") -> bytes:
    whole = saved("PNG")
    chunk = struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return whole[:33] + chunk * n_chunks + whole[33:]


def gif_of_blocks(n_blocks: int) -> bytes:
    whole = saved("GIF", SMALL.convert("P"))
    start = 13 + (3 << (whole[10] % 8 + 1))
    return whole[:start] + b"!\xfe" + b"\1x" * n_blocks + b"\0" + whole[start:]


def run_length_bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 0, 0, 0, 256, 0)
    lines = b"\xff\7" * -(-width // 255) + b"\0\0"
    start = 14 + len(header) + 1024
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, start) + header + bytes(1024) + lines * height


def tiff(entries: dict[int, tuple[int, int, int]], order: str = "<") -> bytes:
    """A gray TIFF of 8 x 8 with these entries (type, number of values, first value) besides."""
    usual = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 277: 1}
    tags = {tag: (3, 1, value) for tag, value in usual.items()} | entries
    mark = b"II*\0" if order == "<" else b"MM\0*"
    file = mark + struct.pack(f"{order}LH", 8, len(tags))
    for tag, (kind, n_values, value) in sorted(tags.items()):
        form = "HHLHxx" if kind == 3 else "HHLL"
        file += struct.pack(order + form, tag, kind, n_values, value)
    return file + bytes(4 + 64)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "scans": (lambda: jpeg_of_scans(101), "it is a JPEG in more than 100 scans; save it again"),
    "many segments": (
        lambda: with_segments(1_001, b"\xff\xe1\0\x0aExif\0\0MM"),
        "more around its pixels than a JPEG needs",
    ),
    "bytes between segments": (lambda: with_segments(70_000, b"x"), "more around its pixels"),
    "padding": (lambda: with_segments(70_000, b"\xff"), "more around its pixels"),
    "a long header": (
        lambda: with_segments(500, b"\xff\xe2\xff\xff" + bytes(65_533)),
        "more around its pixels",
    ),
    "chunks": (lambda: png_of_chunks(11_000), "it is a PNG in more than 10,... chunks"),
    "empty chunks of pixels": (lambda: png_of_chunks(11_000, b"IDAT"), "it is a PNG in more than"),
    "blocks": (lambda: gif_of_blocks(20_001), "it is a GIF with more than 20,000 blocks"),
    "runs": (lambda: run_length_bmp(1_100, 1_000), "BMP of more than 1 megapixel; save it as PNG"),
    "strips": (
        lambda: tiff({273: (4, 70_000, 8), 279: (4, 70_000, 1)}),
        "it is a TIFF in more than 65,536 strips or tiles",
    ),
    "a large tile": (
        lambda: tiff({322: (4, 1, 40_000), 323: (3, 1, 40_000), 324: (4, 1, 8)}),
        "it is a TIFF with tiles of more than 50 megapixels",
    ),
    "a large tile, big-endian": (
        lambda: tiff({322: (4, 1, 40_000), 323: (3, 1, 40_000), 324: (4, 1, 8)}, ">"),
        "it is a TIFF with tiles of more than 50 megapixels",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_repeat_more_than_any_program_does_are_refused(name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(ImageError, match=reason):
        open_image(make())


@pytest.mark.parametrize(
    "content",
    [
        jpeg_of_scans(100),
        with_segments(300, b"\xff\xe2\0\x0cICC_PROFIL"),
        saved("JPEG", progressive=True) + jpeg_of_scans(99),  # a film after a photograph
        png_of_chunks(5_000),
        gif_of_blocks(5_000),
        run_length_bmp(100, 80),
        saved("TIFF"),
        saved("TIFF", compression="tiff_deflate"),
        saved("JPEG", restart_marker_blocks=1),
    ],
    ids=["scans", "segments", "trailing", "chunks", "blocks", "runs", "raw", "deflate", "restart"],
)
def test_what_programs_write_is_taken(content: bytes) -> None:
    assert open_image(content).width > 0


def test_no_scan_hides_from_the_count() -> None:
    # After 0xFF and a byte below 0xC0 libjpeg goes on at once: no length follows, and
    # what such a length would step over counts.
    whole = jpeg_of_scans(101)
    first = whole.index(b"\xff\xda", whole.index(b"\xff\xda") + 2)
    hidden = whole[:first] + b"\xff\x02\xff\xff" + whole[first:]
    with pytest.raises(ImageError, match="more than 100 scans"):
        open_image(hidden)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_only_the_first_of_many_frames_is_decoded(kind: str) -> None:
    shades = [Image.new("RGB", (8, 8), (n, 0, 0)) for n in range(40)]
    content = saved(kind, shades[0], save_all=True, append_images=shades[1:], duration=10)
    if kind != "WEBP":  # where a container is checked as a whole, though one frame is decoded
        content = content[: len(content) // 2]
    opened = open_image(content)
    assert opened.image.size == (8, 8)
    assert np.asarray(opened.image).max() < 3


def test_notes_of_a_file_are_not_kept() -> None:
    note = b"\0".join([b"Comment", b"x" * 500_000])
    opened = open_image(png_of_chunks(20, b"tEXt", note))
    assert not opened.image.info


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (b"iCCP", b"icc\0\0" + zlib.compress(bytes(20_000_000), 9)),
        (b"zTXt", b"parameters\0\0" + zlib.compress(bytes(2_000_000), 9)),
        (b"iTXt", b"parameters\0\1\0\0\0" + zlib.compress(bytes(2_000_000), 9)),
        (b"pHYs", b"short"),
        (b"tEXt", b"parameters\0" + b"x" * 3_000_000),
    ],
    ids=["profile", "packed", "international", "damaged", "plain"],
)
def test_what_pixels_do_not_need_stays_packed_and_costs_no_picture(
    kind: bytes, note: bytes
) -> None:
    opened = open_image(png_of_chunks(1, kind, note))
    assert opened.format == "PNG"
    assert opened.image.tobytes() == SMALL.tobytes()


def test_a_note_of_the_wrong_sum_costs_no_picture_and_pixels_of_it_do() -> None:
    content = png_of_chunks(1, b"tEXt", b"Comment\0cat")
    for kind, is_taken in ((b"tEXt", True), (b"IDAT", False)):
        damaged = bytearray(content)
        damaged[content.index(kind) + 9] ^= 1
        with contextlib.nullcontext() if is_taken else pytest.raises(ImageError, match="damaged"):
            open_image(bytes(damaged))
