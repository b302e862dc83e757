"""Small files that cost whoever opens them much: each is what a hostile visitor would upload."""

import io
import os
import struct
import zipfile

from PIL import Image

_DIRECTORY_ENTRY = "<IHHHHHHIIIHHHHHII"
_END64, _LOCATOR, _END = "<IQHHIIQQQQ", "<IIQI", "<IHHHHIIH"


def large_png(side: int = 7000) -> bytes:
    """Encode one colour with transparency: 49 megapixels in some 200 KB."""
    content = io.BytesIO()
    Image.new("RGBA", (side, side), (9, 99, 200, 120)).save(content, "PNG", compress_level=9)
    return content.getvalue()


def many_scans(n_scans: int, width: int = 8000, height: int = 6000) -> bytes:
    """Encode a grey JPEG that is refined again and again, by nothing: 73 bytes a scan."""
    content = io.BytesIO()
    grey = Image.new("L", (width, height), 128)
    grey.save(content, "JPEG", progressive=True, quality=50)
    # A Huffman table with one symbol: from here on, 16,384 blocks and more are empty.
    table = b"\xff\xc4" + (20).to_bytes(2, "big") + bytes([0x11, 1, *[0] * 15, 0xE0])
    start = b"\xff\xda" + (8).to_bytes(2, "big") + bytes([1, 1, 0x01, 1, 63, 0])
    blocks, bits = ((width + 7) // 8) * ((height + 7) // 8), ""
    while blocks > 0:
        further = min(max(blocks - 16384, 0), 16383)
        bits += "0" + format(further, "014b")
        blocks -= 16384 + further
    bits += "1" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\x00")
    return content.getvalue()[:-2] + table + (start + body) * n_scans + b"\xff\xd9"


def zipped(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def two_classes(n_images: int = 300) -> bytes:
    """Pack images of two classes that can be imported: it is how often it comes that costs."""
    packed, content = io.BytesIO(), io.BytesIO()
    Image.effect_noise((96, 96), 80).save(content, "PNG")
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(n_images):
            archive.writestr(f"{'ab'[number % 2]}/{number}.png", content.getvalue())
    return packed.getvalue()


def noise_zip(megabytes: int) -> bytes:
    """Pack bytes that are no image, and do not shrink."""
    return zipped("a/1.jpg", os.urandom(megabytes << 20))


def directory_zip(n_entries: int) -> bytes:
    """Make a zip file that is nothing but a table of contents, 47 bytes an entry."""
    zeros = [0] * 8
    entry = struct.pack(_DIRECTORY_ENTRY, 0x02014B50, 20, 20, 0, 0, 0, 0x21, 0, 0, 0, 1, *zeros[:6])
    directory = (entry + b"a") * n_entries
    size = len(directory)
    end = struct.pack(_END64, 0x06064B50, 44, 45, 45, 0, 0, n_entries, n_entries, size, 0)
    end += struct.pack(_LOCATOR, 0x07064B50, 0, size, 1)
    end += struct.pack(_END, 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return directory + end
