"""A table of contents is looked at before anything is made of it, whatever the end record says."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from ann_core.datasets.npz import read_arrays
from ann_core.datasets.zip_directory import BYTES_PER_ENTRY, open_zip
from ann_core.errors import ArchiveError, ArrayFileError
from ann_core.export.archive.packing import unpack
from ann_core.prediction.batch import gather

ENTRY = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, *[0] * 4, 0, 0, 0, 1, *[0] * 6) + b"a"
MAX = 100
LARGE = 20_000  # entries; zipfile makes 10 MB of them


def table(n_entries: int, *, stated: int | None = None) -> bytes:
    """Write a zip file that is only a table of contents; its end record says what we like."""
    stated, content = n_entries if stated is None else stated, ENTRY * n_entries
    return content + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, stated, stated, len(content), 0, 0)


def table_zip64(n_entries: int, stated: int) -> bytes:
    """Write the same with the end record of large files."""
    content = ENTRY * n_entries
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, stated, stated, len(content), 0)
    locator = struct.pack("<IIQI", 0x07064B50, 0, len(content), 1)
    none = (0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)
    return content + end + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, *none, 0)


HOSTILE = {
    "honest": table(LARGE),
    "says one entry": table(LARGE, stated=1),
    "zip64": table_zip64(LARGE, LARGE),
    "zip64, says none": table_zip64(LARGE, 0),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_nothing_is_made_of_a_large_table(content: bytes) -> None:
    file = io.BytesIO(content)
    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match="at most 100 are taken"):
            open_zip(file, MAX)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * MAX * BYTES_PER_ENTRY


@pytest.mark.parametrize("stated", [MAX + 1, 1, 0])
def test_one_entry_too_many_is_too_many(stated: int) -> None:
    with pytest.raises(ArchiveError, match="has 101 entries; at most 100 are taken"):
        open_zip(io.BytesIO(table(MAX + 1, stated=stated)), MAX)
    assert len(open_zip(io.BytesIO(table(MAX, stated=stated)), MAX).infolist()) == MAX


def test_an_honest_file_opens_with_its_comment_and_its_long_names() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.comment = b"PK\1\2" * 100
        for number in range(MAX):
            archive.writestr(f"{'folder/' * 50}{number}.jpg", b"pixels")
    opened = open_zip(buffer, MAX)
    assert opened.read(opened.infolist()[-1]) == b"pixels"
    assert opened.comment == archive.comment


def test_every_door_for_a_strangers_zip_looks_first(tmp_path: Path) -> None:
    path = tmp_path / "zip"
    path.write_bytes(table(LARGE * 2, stated=1))
    with pytest.raises(ArchiveError, match="at most 2,000 are taken"):
        gather([("many.zip", io.BytesIO(path.read_bytes()))])
    with pytest.raises(ArchiveError, match="it holds more than 40 files"):
        unpack(path, tmp_path)
    with pytest.raises(ArrayFileError) as caught:
        read_arrays(path, {"labels": "<i8"})
    assert isinstance(caught.value.__cause__, ArchiveError)
