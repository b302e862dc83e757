"""Hundreds of files that would break an importer, made from a seed: the same on every machine.

`hostile_files()` gives content and outcome by name. The outcome is "taken", "left out",
"ignored", or "either" where it depends on what a decoder forgives: an image that lost its
last byte may well be whole.
"""

from __future__ import annotations

import contextlib
import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from PIL import ExifTags, Image, PngImagePlugin

Outcome = Literal["taken", "left out", "ignored", "either"]
SUFFIX_OF = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "BMP": "bmp", "GIF": "gif", "TIFF": "tif"}
MODES = [
    *("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK"),
    *("YCbCr", "LAB", "HSV", "I", "F", "I;16", "I;16B"),
]
# How to save, by a name for it.
ENCODINGS: dict[str, tuple[str, dict[str, object]]] = {
    "jpeg": ("JPEG", {}),
    "progressive": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless": ("WEBP", {"lossless": True}),
    "bmp": ("BMP", {}),
    "gif": ("GIF", {}),
    "tiff": ("TIFF", {}),
    "tiff-lzw": ("TIFF", {"compression": "tiff_lzw"}),
    "tiff-zip": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    "tiff-jpeg": ("TIFF", {"compression": "jpeg"}),
}


class Case(NamedTuple):
    content: bytes
    outcome: Outcome


Files = Iterator[tuple[str, bytes, Outcome]]


def hostile_files() -> dict[str, Case]:
    """Make them all; names are relative paths with slashes."""
    dice = random.Random(0)
    parts = [
        *(good(), truncated(dice), hit(dice), mistaken(), bombs(), odd_modes(), rotated()),
        *(heavy_metadata(), several_frames(), polyglots(), odd_names(), litter(), strays()),
    ]
    files: dict[str, Case] = {}
    for part in parts:
        for name, content, outcome in part:
            assert name not in files, name
            files[name] = Case(content, outcome)
    return files


def photo(seed: int, width: int = 24, height: int = 16) -> Image.Image:
    """Smooth random colours, so that no encoding of it is trivial."""
    values = np.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)  # type: ignore[arg-type]
    return content.getvalue()


def good() -> Files:
    for number in range(12):
        for name in ("cat", "dog"):
            yield f"{name}/{number}.png", saved(photo(number), "PNG"), "taken"


def encoded() -> dict[str, tuple[str, bytes]]:
    """Suffix and content by encoding."""
    return {
        name: (SUFFIX_OF[kind], saved(photo(99), kind, **options))
        for name, (kind, options) in ENCODINGS.items()
    }


def truncated(dice: random.Random) -> Files:
    for name, (suffix, content) in encoded().items():
        for number in range(12):
            cut = dice.randrange(1, len(content))
            yield f"cat/cut-{name}-{number}.{suffix}", content[:cut], "either"
        yield f"cat/half-{name}.{suffix}", content[: len(content) // 2], "left out"


def hit(dice: random.Random) -> Files:
    """Images in which some bytes were overwritten."""
    for name, (suffix, content) in encoded().items():
        for number in range(8):
            changed = bytearray(content)
            for _ in range(dice.choice([1, 3, 10])):
                changed[dice.randrange(len(changed))] = dice.randrange(256)
            yield f"dog/hit-{name}-{number}.{suffix}", bytes(changed), "either"


def mistaken() -> Files:
    """Endings that lie, and files that are no images at all."""
    for name, (suffix, content) in encoded().items():
        other = "png" if suffix != "png" else "jpg"
        yield f"dog/{name}-as.{other}", content, "taken"
        yield f"dog/{name}-as.txt", content, "taken"
    texts = {
        "empty": b"",
        "one": b"\xff",
        "zeros": bytes(5_000),
        "text": "Katze, in Worten: Kätzchen".encode(),
        "html": b"<!doctype html><html><body>404 not found</body></html>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n",
        "exe": b"MZ" + bytes(500),
        "script": b"#!/bin/sh\nrm -rf /\n",
        "pickle": b"\x80\x04cos\nsystem\n(S'false'\ntR.",
        "zip": zipped({"cat/1.png": saved(photo(1), "PNG")}),
        "jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(200),
        "ico": saved(photo(1), "ICO"),
        "ppm": saved(photo(1), "PPM"),
        "tga": saved(photo(1), "TGA"),
    }
    for name, content in texts.items():
        for suffix in ("jpg", "png", "tif"):
            yield f"cat/{name}.{suffix}", content, "left out"
        yield f"dog/{name}.{name}", content, "left out"


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)
    return content.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, raw: bytes, depth: int = 8, *before: bytes) -> bytes:
    """A gray PNG of any claim."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(raw, 9))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + data + chunk(b"IEND", b"")


def tiff(width: int, height: int) -> bytes:
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1)]
    tags += [(278, height), (279, min(width * height, 2**32 - 1))]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def bmp(width: int, height: int) -> bytes:
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + header


def gif(width: int, height: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    return screen + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\0;"


def webp(width: int, height: int) -> bytes:
    size = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bombs() -> Files:
    """Little files that claim to be large ones, or to be nothing."""
    for side in (10_000, 65_535):
        yield f"cat/bomb-{side}.gif", gif(side, side), "left out"
    for side in (16_383, 2**24):
        yield f"cat/bomb-{side}.webp", webp(side, side), "left out"
    for side in (7_072, 100_000, 2**31 - 1):
        yield f"cat/bomb-{side}.png", png(side, side, b""), "left out"
        yield f"cat/bomb-{side}.tif", tiff(side, side), "left out"
        yield f"cat/bomb-{side}.bmp", bmp(side, side), "left out"
        yield f"cat/bomb-{side}-wide.png", png(side, 50_000, b""), "left out"
    for width, height in ((0, 0), (0, 5), (5, 0), (-5, -5)):
        yield f"dog/void-{width}-{height}.bmp", bmp(width, height), "left out"
        if width >= 0:
            yield f"dog/void-{width}-{height}.png", png(width, height, b""), "left out"
            yield f"dog/void-{width}-{height}.tif", tiff(width, height), "left out"
            yield f"dog/void-{width}-{height}.gif", gif(width, height), "left out"
    # 4 MB behind one row of one pixel, and a row that is as long as may be.
    yield "dog/more-than-it-says.png", png(1, 1, bytes(4_000_000)), "either"
    yield "dog/long.png", png(400_000, 1, bytes(400_001)), "taken"
    yield "dog/as-large-as-may-be.png", png(7_000, 7_000, bytes(876 * 7_000), 1), "taken"


def odd_modes() -> Files:
    """Every pixel mode in every format that can keep it."""
    for mode in MODES:
        for kind, suffix in SUFFIX_OF.items():
            name = f"dog/mode-{mode.replace(';', '-')}.{suffix}"
            if mode[0] == "I" and kind == "BMP":
                continue
            with contextlib.suppress(OSError, KeyError, ValueError):
                content = saved(Image.new(mode, (4, 3)), kind)
                unscaled = mode in {"I", "F"} and kind == "TIFF"
                outcome: Outcome = "left out" if unscaled else "taken"
                yield name, content, outcome
    palette = photo(5).quantize(8)
    yield "dog/palette-one.png", saved(palette, "PNG", transparency=3), "taken"
    yield "dog/palette-many.png", saved(palette, "PNG", transparency=bytes(range(8))), "taken"
    yield "dog/colour-key.png", saved(photo(5), "PNG", transparency=(0, 0, 0)), "taken"
    yield "dog/gray-key.png", saved(photo(5).convert("L"), "PNG", transparency=7), "taken"


ORIENTATIONS = {1: (24, 16), 2: (24, 16), 3: (24, 16), 4: (24, 16)} | dict.fromkeys(
    range(5, 9), (16, 24)
)


def exif(value: object) -> Image.Exif:
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = value
    return tags


def rotated() -> Files:
    for value in (*ORIENTATIONS, 0, 9, 65_535):
        for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
            name = f"cat/turned-{value}.{SUFFIX_OF[kind]}"
            yield name, saved(photo(8), kind, exif=exif(value).tobytes()), "taken"
    good = exif(6).tobytes()
    for number, cut in enumerate((7, 12, 20, len(good) - 1)):
        yield f"cat/turned-half-{number}.jpg", saved(photo(8), "JPEG", exif=good[:cut]), "taken"


def heavy_metadata() -> Files:
    """Profiles, tags and texts of absurd size; the pixels are fine."""
    large = np.random.default_rng(1).bytes(500_000)
    yield "dog/profile.jpg", saved(photo(2), "JPEG", icc_profile=large), "taken"
    yield "dog/profile.png", saved(photo(2), "PNG", icc_profile=large), "taken"
    yield "dog/profile.webp", saved(photo(2), "WEBP", icc_profile=large), "taken"
    yield "dog/tags.jpg", saved(photo(2), "JPEG", exif=b"Exif\0\0" + large[:60_000]), "taken"
    yield "dog/tags.png", saved(photo(2), "PNG", exif=b"Exif\0\0" + large), "taken"
    yield "dog/comment.jpg", saved(photo(2), "JPEG", comment=large[:60_000]), "taken"
    many = saved(photo(2), "JPEG")
    segment = b"\xff\xed" + struct.pack(">H", 60_002) + bytes(60_000)
    yield "dog/segments.jpg", many[:2] + 40 * segment + many[2:], "taken"
    packed = zlib.compress(bytes(8_000_000), 9)
    row = bytes(2)
    texts = {
        "text": chunk(b"zTXt", b"Comment\0\0" + packed),
        "international": chunk(b"iTXt", b"Comment\0\1\0\0\0" + packed),
        "profile": chunk(b"iCCP", b"icc\0\0" + packed),
    }
    for name, bomb in texts.items():
        yield f"dog/bomb-in-{name}.png", png(1, 1, row, 8, bomb), "either"
    info = PngImagePlugin.PngInfo()
    for number in range(2_000):
        info.add_text(f"key {number}", "value")
    yield "dog/many-texts.png", saved(photo(2), "PNG", pnginfo=info), "taken"


def several_frames() -> Files:
    rest = [photo(number) for number in range(3, 6)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        content = saved(photo(2), kind, save_all=True, append_images=rest)
        yield f"cat/frames.{SUFFIX_OF[kind]}", content, "taken"
        yield f"cat/frames-cut.{SUFFIX_OF[kind]}", content[: len(content) - 40], "either"
    yield "cat/preview.jpg", saved(photo(2), "MPO", save_all=True, append_images=rest), "taken"


def polyglots() -> Files:
    """Files that are an image and something else at once: what matters is the image."""
    archive = zipped({"evil.html": b"<script>alert(1)</script>"})
    for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"):
        suffix = SUFFIX_OF[kind]
        image = saved(photo(4), kind)
        yield f"dog/and-zip.{suffix}", image + archive, "taken"
        yield f"dog/and-script.{suffix}", image + b"<?php system($_GET[0]); ?>", "taken"
        yield f"dog/zip-first.{suffix}", archive + image, "left out"
    yield "dog/script-inside.gif", saved(photo(4), "GIF", comment=b"*/alert(1);/*"), "taken"


def odd_names() -> Files:
    image = saved(photo(6), "PNG")
    names = [
        *("Same.png", "same.png", "SAME.png", "same.PNG", "sAME.pNg"),
        *("é.png", "e\u0301.png", "ß.png", "SS.png", "猫.png", "قطة.png", "🐈.png"),
        *("\u202egnp.png", "a b.png", " lead.png", "trail .png", "tab\t.png"),
        *("line\nbreak.png", "cr\rlf.png", "both\r\n.png", "vertical\v.png", "bell\a.png"),
        *("'quote'.png", '"double".png', "comma,.png", "semi;colon.png", "back`tick`.png"),
        *("=1+1.png", "+1.png", "-1.png", "@SUM(A1).png", "%00.png", "$(reboot).png", "~.png"),
        *("a..png", "no-dot-before.PnG", "double.jpg.png", "007.png", "7.0.png", "1e5.png"),
        *("NaN.png", "None.png", "null.png", "con.png", "<b>.png", "&amp;.png", "{0}.png"),
        *(251 * "x" + ".png", 125 * "é" + "x.png", 83 * "猫" + "ab.png", 62 * "🐈" + "abc.png"),
    ]
    for name in names:
        assert len(name.encode()) <= 255
        yield f"cat/{name}", image, "taken"
    for name in ("none", "dot.", "png", "a.png ", "a.png~", "a.png.bak", "a.jpgx", "=cmd.txt"):
        yield f"cat/{name}", image, "taken"
        yield f"dog/{name}", b"no picture", "left out"


def litter() -> Files:
    for name in (
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "._0.png",
        ".hidden.png",
        ".png",
        "..png",
    ):
        yield f"dog/{name}", saved(photo(7), "PNG"), "ignored"
    yield "dog/.hidden/1.png", saved(photo(7), "PNG"), "ignored"
    yield "__MACOSX/dog/._1.png", b"x", "ignored"
    yield "__MACOSX/dog/1.png", saved(photo(7), "PNG"), "ignored"
    yield ".git/dog/1.png", saved(photo(7), "PNG"), "ignored"


def strays() -> Files:
    """Files in places that say nothing of a class, and folders inside those of a class."""
    image = saved(photo(7), "PNG")
    yield "9.png", image, "left out"
    yield "readme.txt", b"Cats and dogs.", "left out"
    yield "inner.zip", zipped({"cat/1.png": image}), "left out"
    yield "cat/deeper/and deeper/1.png", image, "taken"
    yield "dog/deeper/1.png/2.png", image, "taken"
