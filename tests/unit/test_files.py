"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from ann_core.files import (
    STAGING_PREFIX,
    data_size,
    publish_folder,
    staged_folder,
    sweep_staged,
    write_array,
    write_bytes,
    write_text,
)

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk


def test_sizes_are_written_in_millions_of_bytes() -> None:
    assert data_size(1_234_400_000) == "1,234 MB"
    assert data_size(1_250_000, digits=1) == "1.2 MB"
    assert data_size(0) == "0 MB"
    assert data_size(9_999_000_000, digits=1) == "9,999.0 MB"
    assert data_size(62_299_000_000) == "62.3 GB"


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_text(path, "old")
    write_text(path, "nüw")
    assert path.read_bytes() == "nüw".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_many_threads_may_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "note.bin"
    contents = [bytes([number]) * 50_000 for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: write_bytes(path, content), contents))
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_bytes(taken, b"new")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["inside", "taken"]


def test_a_staged_folder_is_gone_after_the_block(tmp_path: Path) -> None:
    parent = tmp_path / "not" / "yet"
    with staged_folder(parent) as folder:
        assert folder.parent == parent
        assert folder.name.startswith(STAGING_PREFIX)
        (folder / "kept").write_text("a")
        (folder / "left").write_text("b")
        (folder / "kept").rename(parent / "kept")
    assert [path.name for path in parent.iterdir()] == ["kept"]


def test_a_staged_folder_is_gone_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), staged_folder(tmp_path) as folder:
        (folder / "half").write_text("a")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_swept_after_a_minute(tmp_path: Path) -> None:
    abandoned, recent = tmp_path / f"{STAGING_PREFIX}old", tmp_path / f"{STAGING_PREFIX}new"
    for folder in (abandoned, recent):
        (folder / "pictures").mkdir(parents=True)
    old = time.time() - (2 * 60 if sys.platform != "win32" else 2 * 24 * 60 * 60)
    os.utime(abandoned, (old, old))
    with staged_folder(tmp_path):
        assert not abandoned.exists()
        assert (recent / "pictures").is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot lock folders")
def test_a_staged_folder_is_not_swept_while_its_process_lives(tmp_path: Path) -> None:
    """A laptop was closed for two days in the middle of an import."""
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    with staged_folder(tmp_path) as asleep:
        (asleep / "picture.png").write_bytes(b"half")
        os.utime(asleep, (two_days_ago, two_days_ago))
        with staged_folder(tmp_path):
            assert (asleep / "picture.png").is_file()
    assert list(tmp_path.iterdir()) == []


DIES_WITH_A_STAGED_FOLDER = """
import os, sys
from pathlib import Path
from ann_core.files import staged_folder
with staged_folder(Path(sys.argv[1])) as folder:
    os.utime(folder, (0, 0))
    os._exit(9)
"""


def test_the_lock_of_a_staged_folder_ends_with_its_process(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES_WITH_A_STAGED_FOLDER, tmp_path], check=False)
    assert len(list(tmp_path.iterdir())) == 1
    sweep_staged(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_the_old_file_stays(small_disk: RunOnSmallDisk) -> None:
    results = small_disk("""
        from ann_core.errors import DiskFullError
        from ann_core.files import staged_folder, write_bytes
        write_bytes(disk / "note", b"old")
        fill()
        before = listing()
        try:
            write_bytes(disk / "note", bytes(100_000))
        except DiskFullError as error:
            results["error"] = str(error)
        results["same"] = listing() == before
        (disk / "filling").unlink()
        write_bytes(disk / "note", bytes(100_000))
        results["size"] = (disk / "note").stat().st_size
    """)
    assert "is full" in results["error"]
    assert "Nothing that existed was changed" in results["error"]
    assert "free some space" in results["error"]
    assert results["same"]
    assert results["size"] == 100_000


def prepared_folder(parent: Path, content: str) -> Path:
    prepared = parent / f"{STAGING_PREFIX}{content}" / "result"
    prepared.mkdir(parents=True)
    (prepared / "note").write_text(content)
    return prepared


def test_of_two_published_folders_the_first_stays(tmp_path: Path) -> None:
    target = tmp_path / "result"
    for content in ("first", "second"):
        prepared = prepared_folder(tmp_path, content)
        publish_folder(prepared, target, is_whole=(target / "note").is_file)
    assert (target / "note").read_text() == "first"


def test_a_damaged_folder_is_replaced_by_a_published_one(tmp_path: Path) -> None:
    target = tmp_path / "result"
    (target / "half").mkdir(parents=True)
    publish_folder(prepared_folder(tmp_path, "new"), target, is_whole=(target / "note").is_file)
    assert [path.name for path in target.iterdir()] == ["note"]


def test_an_array_is_written_as_numpy_reads_it(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.int16).reshape(2, 3)
    write_array(tmp_path / "values.npy", values)
    read = np.load(tmp_path / "values.npy", allow_pickle=False)
    np.testing.assert_array_equal(read, values, strict=True)
