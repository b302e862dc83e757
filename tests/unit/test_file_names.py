"""Names of files: their order, litter among them, and bytes that are no text."""

from __future__ import annotations

import natsort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.file_names import as_text, is_ignored, natural_key


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
