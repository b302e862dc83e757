"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.file_names import as_text, is_ignored, natural_key
from ann_core.files import STAGING_PREFIX, staged_folder, write_bytes, write_text

if TYPE_CHECKING:
    from tests.unit.conftest import RunOnSmallDisk


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["cat.10.jpg", "Cat.9.jpg", "cat.2.jpg", "cat.2a.jpg", "bird.30.jpg", "7.jpg", "cat"]
    ordered = ["7.jpg", "bird.30.jpg", "cat", "cat.2.jpg", "cat.2a.jpg", "Cat.9.jpg", "cat.10.jpg"]
    assert sorted(names, key=natural_key) == ordered


@given(st.lists(st.sampled_from(["Cat", "cat", "CAT", "1", "01", "001", "٣", "3"]), max_size=8))
def test_the_order_is_total(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(sorted(names), key=natural_key)


def test_a_name_may_have_more_digits_than_python_reads() -> None:
    short, long = "1" * 4999, "1" * 5000
    assert sorted([long, short], key=natural_key) == [short, long]


@pytest.mark.parametrize(
    "name",
    [".DS_Store", "cat/.hidden/1.jpg", "__MACOSX/cat/._1.jpg", "cat/Thumbs.db", "a/DESKTOP.INI"],
)
def test_litter_is_ignored(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["cat/1.jpg", "MACOSX/1.jpg", "cat.d/1.jpg", "thumbs.jpg"])
def test_images_are_not_litter(name: str) -> None:
    assert not is_ignored(name)


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert as_text("caf\udce9.jpg") == "caf?.jpg"
    assert as_text("café 日本.jpg") == "café 日本.jpg"


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


def test_what_a_killed_process_left_is_swept_after_a_day(tmp_path: Path) -> None:
    abandoned, recent = tmp_path / f"{STAGING_PREFIX}old", tmp_path / f"{STAGING_PREFIX}new"
    for folder in (abandoned, recent):
        (folder / "pictures").mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(abandoned, (two_days_ago, two_days_ago))
    with staged_folder(tmp_path):
        assert not abandoned.exists()
        assert (recent / "pictures").is_dir()


def test_on_a_full_disk_the_old_file_stays(small_disk: RunOnSmallDisk) -> None:
    told = small_disk("""
        from ann_core.errors import DiskFullError
        from ann_core.files import staged_folder, write_bytes
        write_bytes(disk / "note", b"old")
        fill()
        before = listing()
        try:
            write_bytes(disk / "note", bytes(100_000))
        except DiskFullError as error:
            told["error"] = str(error)
        told["same"] = listing() == before
        (disk / "filling").unlink()
        write_bytes(disk / "note", bytes(100_000))
        told["size"] = (disk / "note").stat().st_size
    """)
    assert "is full" in told["error"]
    assert "Nothing that existed was changed" in told["error"]
    assert "free some space" in told["error"]
    assert told["same"]
    assert told["size"] == 100_000
