"""Arrays are believed only as far as they can be checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.npz import read_arrays
from ann_core.errors import ArrayFileError


def test_arrays_come_back_in_the_order_asked_for_and_may_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    table, one = np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array(7)
    np.savez(path, table=table, one=one, none=np.zeros((0, 2), np.uint8))
    arrays = read_arrays(path, {"one": "<i8", "table": "<f8", "none": "|u1"})
    assert list(arrays) == ["one", "table", "none"]
    assert (int(arrays["one"]), arrays["none"].shape) == (7, (0, 2))
    assert np.array_equal(arrays["table"], table)
    arrays["table"][0, 0] = 9


def test_packed_arrays_are_taken_where_the_file_is_our_own(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, table=np.zeros((1, 50_000_000), np.uint8))
    with pytest.raises(ArrayFileError, match=r"the array table of a\.npz is packed"):
        read_arrays(path, {"table": "|u1"})
    assert read_arrays(path, {"table": "|u1"}, packed=True)["table"].nbytes == 50_000_000


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"table": np.zeros(3, np.float32)}, "holds other numbers than it should"),
        ({"table": np.array([{}])}, "holds other numbers than it should"),
        ({"table": np.array([1.0, np.nan])}, "no finite numbers"),
        ({"other": np.zeros(3)}, "holds other arrays than it should"),
        ({"table": np.zeros(3), "more": np.zeros(3)}, "holds other arrays than it should"),
    ],
)
def test_arrays_of_another_kind_are_refused(
    tmp_path: Path, arrays: dict[str, np.ndarray], reason: str
) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(ArrayFileError, match=reason):
        read_arrays(tmp_path / "a.npz", {"table": "<f8"})


def test_a_changed_bit_in_an_array_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, table=np.arange(1000.0))
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    for damaged in (path, tmp_path / "none.npz"):
        with pytest.raises(ArrayFileError, match="is damaged, or holds no plain arrays"):
            read_arrays(damaged, {"table": "<f8"})
