"""Zip files of strangers, opened only if they have a bearable table of contents.

`zipfile` reads the whole table when it opens a file, and makes an object of each entry: a
million of them take a gigabyte before anybody can ask how many there are. The record at the
end of the file says how long the table is, and may lie. So what `zipfile` goes by is what is
looked at here: the length that it asks for, before it gets it, and the entries in what it gets.
"""

from __future__ import annotations

import struct
import zipfile
from typing import Any, BinaryIO, cast

from ann_core.errors import ArchiveError

BYTES_PER_ENTRY = 512
"""Room for an entry of the table, on the average: 46 bytes, a path, and what programs add."""

_ENTRY = b"PK\1\2"
_ENTRY_BYTES = 46
_LENGTHS = struct.Struct("<3H")  # of name, extra field and comment
_LENGTHS_AT = 28


def open_zip(file: BinaryIO, max_entries: int) -> zipfile.ZipFile:
    """Open a zip file for reading if it has at most so many entries.

    Parameters
    ----------
    file : binary file
        The caller closes it.

    Raises
    ------
    ArchiveError
        If there are more; nothing was made of them.
    Exception
        Of damaged bytes, `zipfile` raises nearly everything.
    """
    bundle = zipfile.ZipFile(cast("BinaryIO", _Watched(file, max_entries)))
    bundle.fp = file
    return bundle


class _Watched:
    """A file whose reader gets no table of more than so many entries."""

    def __init__(self, file: BinaryIO, max_entries: int) -> None:
        self._file = file
        self._max_entries = max_entries

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        """Read as the file does; refuse what is asked for if it is too much."""
        if size > max(1, self._max_entries) * BYTES_PER_ENTRY:
            raise ArchiveError(
                f"The table of contents of this zip file takes {size:,} bytes, more than "
                f"{self._max_entries:,} entries need, and at most {self._max_entries:,} are "
                "taken. Put fewer files into it."
            )
        content = self._file.read(size)
        n_entries = _count_entries(content)
        if n_entries > self._max_entries:
            raise ArchiveError(
                f"This zip file has {n_entries:,} entries; at most {self._max_entries:,} are "
                "taken. Put fewer files into it."
            )
        return content


def _count_entries(table: bytes) -> int:
    """Count the entries at the beginning of a table of contents, without reading them."""
    n_entries = at = 0
    while table.startswith(_ENTRY, at) and at + _ENTRY_BYTES <= len(table):
        at += _ENTRY_BYTES + sum(_LENGTHS.unpack_from(table, at + _LENGTHS_AT))
        n_entries += 1
    return n_entries
