"""Arrays of ``.npz`` files, ours and strangers', read with distrust."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ann_core.datasets.zip_directory import open_zip
from ann_core.errors import ArchiveError, ArrayFileError


def read_arrays(
    path: Path, kinds: Mapping[str, str], *, packed: bool = False
) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz`` file, our own or a stranger's.

    Nothing is unpickled, and no size is believed: an array takes as many bytes in memory as
    its entry has, and a header that claims more is refused before any memory is taken.

    Parameters
    ----------
    kinds : mapping of name to dtype
        The arrays that must be there, and nothing else, such as ``{"labels": "<i8"}``.
    packed : bool
        Take compressed arrays as well: of a file of our own, for a small one may become large.

    Raises
    ------
    ArrayFileError
        If they are not there, of another type, packed, damaged, or no finite numbers.
    """
    try:
        with path.open("rb") as file, open_zip(file, len(kinds)) as archive:
            if sorted(archive.namelist()) != sorted(f"{name}.npy" for name in kinds):
                raise ArrayFileError(f"{path.name} holds other arrays than it should")
            return {
                name: _read_array(archive, f"{name}.npy", np.dtype(kind), packed=packed)
                for name, kind in kinds.items()
            }
    except ArrayFileError:
        raise
    except ArchiveError as error:
        raise ArrayFileError(f"{path.name} holds other arrays than it should") from error
    except Exception as error:  # of strange bytes, zipfile and NumPy raise nearly everything
        raise ArrayFileError(f"{path.name} is damaged, or holds no plain arrays") from error


def _read_array(
    archive: zipfile.ZipFile, name: str, expected: np.dtype[Any], *, packed: bool
) -> np.ndarray:
    what = f"the array {name.removesuffix('.npy')} of {Path(str(archive.filename)).name}"
    entry = archive.getinfo(name)
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.file_size == entry.compress_size
    if not stored and not packed:
        raise ArrayFileError(f"{what} is packed")
    with archive.open(entry) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ArrayFileError(f"{what} is of another version of NumPy's format")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        n_bytes = entry.file_size - file.tell()
    if dtype != expected:
        raise ArrayFileError(f"{what} holds other numbers than it should")
    if min(shape, default=0) < 0 or math.prod(shape) * expected.itemsize != n_bytes:
        raise ArrayFileError(f"{what} claims another size than it has")
    with archive.open(entry) as file:  # to its end, where its checksum is compared
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
    if expected.kind == "f" and not np.isfinite(array).all():
        raise ArrayFileError(f"{what} holds values that are no finite numbers")
    return array
