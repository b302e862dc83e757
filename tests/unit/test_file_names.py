"""Names of files: their order, litter among them, and bytes that are no text."""

from __future__ import annotations

from pathlib import Path

import natsort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.file_names import (
    archive_stem,
    as_text,
    is_archive,
    is_ignored,
    natural_key,
    tidy,
    typed_path,
    without_copy_marks,
)


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["cat.10.jpg", "Cat.9.jpg", "cat.2.jpg", "cat.2a.jpg", "bird.30.jpg", "7.jpg", "cat"]
    ordered = ["7.jpg", "bird.30.jpg", "cat", "cat.2.jpg", "cat.2a.jpg", "Cat.9.jpg", "cat.10.jpg"]
    assert sorted(names, key=natural_key) == ordered


@given(st.lists(st.text("aB0129.-_ ", max_size=6), max_size=8))
def test_the_order_of_plain_names_is_that_of_natsort(names: list[str]) -> None:
    peer = natsort.natsort_keygen(alg=natsort.ns.IGNORECASE)
    assert sorted(names, key=natural_key) == sorted(names, key=lambda name: (peer(name), name))


@given(st.lists(st.sampled_from(["Cat", "cat", "CAT", "1", "01", "001", "٣", "3"]), max_size=8))
def test_the_order_is_total(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(sorted(names), key=natural_key)


def test_a_name_may_have_more_digits_than_python_reads() -> None:
    short, long = "1" * 4999, "1" * 5000
    assert sorted([long, short], key=natural_key) == [short, long]


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "cat/.hidden/1.jpg", "__MACOSX/cat/._1.jpg", "cat/Thumbs.db"),
        *("a/DESKTOP.INI", "cat/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg", "#recycle/1.jpg", "a/Icon\r"),
        *("$RECYCLE.BIN/1.jpg", "System Volume Information/1.jpg", "lost+found/1.jpg"),
        *("@Recently-Snapshot/1.jpg", ".@__thumb/1.jpg", ".Trashes/1.jpg", "cat/~$list.jpg"),
        *(".picasa.ini", "Picasa.ini", ".fseventsd/1.jpg"),
        *("cat/1.jpg:Zone.Identifier", "cat/Thumbs.db:encryptable", "cat/1.jpg@SynoEAStream"),
    ],
)
def test_litter_is_ignored(name: str) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name", ["cat/1.jpg", "MACOSX/1.jpg", "cat.d/1.jpg", "thumbs.jpg", "M:F old/1.jpg"]
)
def test_images_are_not_litter(name: str) -> None:
    assert not is_ignored(name)


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert as_text("caf\udce9.jpg") == "caf?.jpg"
    assert as_text("café 日本.jpg") == "café 日本.jpg"


def test_names_are_compared_as_they_look() -> None:
    assert tidy(" cafe\u0301 ") == tidy("caf\u00e9\u00a0") == "caf\u00e9"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        *(("a/pets.zip", "pets"), ("pets.tar.gz", "pets"), ("PETS.TGZ", "PETS")),
        *(("v1.0 (1).zip", "v1.0 (1)"), ("pets.tar.xz", "pets"), ("pets.tbz2", "pets")),
    ],
)
def test_archives_are_known_by_their_ending(name: str, stem: str) -> None:
    assert is_archive(name)
    assert archive_stem(name) == stem


def test_what_is_no_archive_keeps_its_name() -> None:
    assert not is_archive("pets.gz.jpg")
    assert archive_stem("pets.jpg") == "pets.jpg"


@pytest.mark.parametrize("stem", ["cat.5", "copycat", "hardcopy.3", "5", "(1)", "copy"])
def test_what_is_no_copy_keeps_its_name(stem: str) -> None:
    assert without_copy_marks(stem) == stem


@pytest.mark.parametrize(
    "text",
    [
        *('"{}"', "'{}'", " {}\n", "file://{}", "FILE://localhost{}", "\u201c{}\u201d", "{}/"),
        *('"file://{}"', "`{}`"),
    ],
)
def test_paths_are_read_as_people_paste_them(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "my pets"
    folder.mkdir()
    assert typed_path(text.format(folder)) == folder
    assert typed_path(text.format(str(folder).replace(" ", "%20"))) in (
        *(folder, tmp_path / "my%20pets"),
    )
    assert typed_path(str(folder).replace(" ", "\\ ")) == folder
    assert typed_path("~/pets") == Path.home() / "pets"
