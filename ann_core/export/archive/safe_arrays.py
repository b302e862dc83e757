"""Read the arrays of a stranger: nothing is unpacked, nothing unpickled, no size believed."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np

from ann_core.errors import ArchiveError
from ann_core.export.archive.checksum_zip import refused

_VERSIONS = {(1, 0): np.lib.format.read_array_header_1_0}


def read_arrays(path: Path, kinds: Mapping[str, str]) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` file that was written by ``np.savez``.

    An array takes as many bytes in memory as it does in the file: a header that claims
    more is refused before any memory is taken.

    Parameters
    ----------
    kinds : mapping of name to dtype
        The arrays that must be there, and nothing else, such as ``{"labels": "<i8"}``.

    Raises
    ------
    ArchiveError
        If they are not there, of another type, packed, damaged, or no finite numbers.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sorted(archive.namelist()) != sorted(f"{name}.npy" for name in kinds):
                raise refused(f"{path.name} holds other arrays than it should")
            return {name: _read_entry(archive, name, kind) for name, kind in kinds.items()}
    except ArchiveError:
        raise
    except Exception as error:  # of strange bytes, zipfile and NumPy raise nearly everything
        raise refused(f"{path.name} is damaged, or holds no plain arrays") from error


def _read_entry(archive: zipfile.ZipFile, name: str, kind: str) -> np.ndarray:
    what = f"{name} of {Path(str(archive.filename)).name}"
    entry = archive.getinfo(f"{name}.npy")
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise refused(f"the array {what} is packed")
    with archive.open(entry) as file:
        return _read(file, kind, entry.file_size, what)


def _read(file: IO[bytes], kind: str, n_bytes: int, what: str) -> np.ndarray:
    """Read one array to the end of its entry, where its checksum is compared."""
    version = np.lib.format.read_magic(file)
    shape, by_columns, dtype = _VERSIONS[version](file)
    expected = np.dtype(kind)
    told = math.prod(shape) * expected.itemsize
    if dtype != expected or (by_columns and len(shape) > 1):
        raise refused(f"the array {what} holds other numbers than it should")
    if min(shape, default=0) < 0 or told != n_bytes - file.tell():
        raise refused(f"the array {what} claims another size than it has")
    array = np.frombuffer(file.read(), dtype=expected).reshape(shape)
    if expected.kind == "f" and not np.isfinite(array).all():
        raise refused(f"the array {what} holds values that are no finite numbers")
    return array
