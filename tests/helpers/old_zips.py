"""Zip files as old programs write them: names are bytes, and nothing says of which encoding."""

from __future__ import annotations

import struct
import zlib

_NO_DATE = 0x21


def zip_of_bytes(files: dict[bytes, bytes], extra: bytes = b"") -> bytes:
    """Write a zip file by hand, its entries stored as they are."""
    body, table = b"", b""
    for name, content in files.items():
        sizes = (zlib.crc32(content), len(content), len(content), len(name))
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, _NO_DATE, *sizes, len(extra))
        offset = struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        table += b"PK\1\2" + struct.pack("<H", 20) + common + offset + name + extra
        body += b"PK\3\4" + common + name + extra + content
    counts = (len(files), len(files), len(table), len(body), 0)
    return body + table + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, *counts)
