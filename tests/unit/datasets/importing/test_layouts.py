"""Layouts: names of files in, classes and splits out."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ann_core.datasets.importing.layouts import (
    Candidate,
    LayoutRule,
    SourceFile,
    recognise,
)

BESIDE = "it lies beside the folders of the classes"
OUTSIDE = "it lies outside the train, validation and test folders"
NO_CLASS = "neither a folder nor its name says which class it is"
NO_IMAGE = "its name does not end like a picture's"


def look_at(*names: str, reading: LayoutRule = "auto") -> tuple[dict[str, str], dict[str, str]]:
    """Class (with split, if any) of each candidate, and reason of each file left out."""
    files = [SourceFile(name, Path("/somewhere") / str(i)) for i, name in enumerate(names)]
    layout = recognise(files, reading, look_inside=False)
    return {c.file.name: class_and_split(c) for c in layout.candidates}, {
        note.name: note.reason for note in layout.left_out
    }


def class_and_split(candidate: Candidate) -> str:
    split = f"{candidate.split}/" if candidate.split else ""
    return split + candidate.class_name


def test_a_folder_for_each_class() -> None:
    taken, left_out = look_at("Cat/1.jpg", "Dog/1.JPEG", "Dog/deeper/2.png")
    assert taken == {"Cat/1.jpg": "Cat", "Dog/1.JPEG": "Dog", "Dog/deeper/2.png": "Dog"}
    assert left_out == {}


@pytest.mark.parametrize("root", ["PetImages", "download/kagglecatsanddogs_5340/PetImages"])
def test_class_folders_further_down(root: str) -> None:
    taken, left_out = look_at(f"{root}/Cat/1.jpg", f"{root}/Dog/1.jpg", "readme[1].txt")
    assert taken == {f"{root}/Cat/1.jpg": "Cat", f"{root}/Dog/1.jpg": "Dog"}
    assert left_out == {"readme[1].txt": NO_IMAGE}


@pytest.mark.parametrize(
    ("train", "validation", "test"),
    [
        ("train", "validation", "test"),
        ("Train", "VAL", "Test"),
        ("training", "valid", "testing"),
        ("training_set", "validation-set", "test set"),
        ("train1", "val2", "test3"),
    ],
)
@pytest.mark.parametrize("root", ["", "data/pets/"])
def test_splits_that_come_with_the_data(train: str, validation: str, test: str, root: str) -> None:
    taken, left_out = look_at(
        *(f"{root}{split}/{c}/1.jpg" for split in (train, validation, test) for c in ("cat", "dog"))
    )
    expected = {
        f"{root}{folder}/{name}/1.jpg": f"{split}/{name}"
        for folder, split in ((train, "train"), (validation, "validation"), (test, "test"))
        for name in ("cat", "dog")
    }
    assert taken == expected
    assert left_out == {}


def test_two_splits_are_enough() -> None:
    taken, _ = look_at("train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg")
    assert taken["train/cat/1.jpg"] == "train/cat"
    assert taken["test/dog/2.jpg"] == "test/dog"


def test_a_single_split_folder_is_a_wrapper() -> None:
    taken, _ = look_at("train/cat/1.jpg", "train/dog/1.jpg")
    assert taken == {"train/cat/1.jpg": "cat", "train/dog/1.jpg": "dog"}


def test_class_folders_that_only_sound_like_splits_are_classes() -> None:
    taken, _ = look_at("validation/1.jpg", "test/1.jpg")
    assert taken == {"validation/1.jpg": "validation", "test/1.jpg": "test"}


def test_a_class_called_train_is_a_class() -> None:
    names = ["train/train/1.jpg", "train/car/1.jpg", "test/train/1.jpg", "test/car/1.jpg"]
    taken, _ = look_at(*names)
    assert set(taken.values()) == {"train/train", "train/car", "test/train", "test/car"}


@pytest.mark.parametrize(
    ("name", "class_name"),
    [
        ("cat.123.jpg", "cat"),
        ("cat_1.png", "cat"),
        ("cat-1.webp", "cat"),
        ("cat (1).gif", "cat"),
        ("cat1.bmp", "cat"),
        ("grey cat 007.tiff", "grey cat"),
        ("Kätzchen.5.jpg", "Kätzchen"),
        ("猫3.jpg", "猫"),
    ],
)
def test_the_class_in_the_name(name: str, class_name: str) -> None:
    taken, _ = look_at(name, "dog.1.jpg")
    assert taken == {name: class_name, "dog.1.jpg": "dog"}


@pytest.mark.parametrize("root", ["", "train/", "deep/down/train/"])
def test_flat_files(root: str) -> None:
    taken, left_out = look_at(f"{root}cat.1.jpg", f"{root}dog.1.jpg", f"{root}17.jpg")
    assert taken == {f"{root}cat.1.jpg": "cat", f"{root}dog.1.jpg": "dog"}
    assert left_out == {f"{root}17.jpg": NO_CLASS}


@pytest.mark.parametrize(("train", "test"), [("train", "test1"), ("train/train", "test1/test1")])
def test_the_archive_of_kaggle(train: str, test: str) -> None:
    taken, left_out = look_at(
        f"{train}/cat.0.jpg", f"{train}/dog.0.jpg", f"{test}/1.jpg", f"{test}/2.jpg", "sample.csv"
    )
    # Its test images have no class, so what is left brings no splits.
    assert taken == {f"{train}/cat.0.jpg": "cat", f"{train}/dog.0.jpg": "dog"}
    assert left_out == {
        "sample.csv": NO_IMAGE,
        f"{test}/1.jpg": NO_CLASS,
        f"{test}/2.jpg": NO_CLASS,
    }


def test_flat_files_in_split_folders() -> None:
    taken, _ = look_at("train/cat.1.jpg", "train/dog.1.jpg", "test/cat.2.jpg", "test/dog.2.jpg")
    assert taken["train/cat.1.jpg"] == "train/cat"
    assert taken["test/dog.2.jpg"] == "test/dog"


def test_strays_beside_class_folders_are_left_out() -> None:
    taken, left_out = look_at("preview.jpg", "Cat/1.jpg", "Cat/2.jpg", "Dog/1.jpg")
    assert set(taken.values()) == {"Cat", "Dog"}
    assert left_out == {"preview.jpg": BESIDE}


def test_strays_beside_a_wrapping_folder_are_left_out() -> None:
    taken, left_out = look_at("logo.png", "pets/Cat/1.jpg", "pets/Dog/1.jpg")
    assert set(taken.values()) == {"Cat", "Dog"}
    assert left_out == {"logo.png": BESIDE}


def test_strays_beside_split_folders_are_left_out() -> None:
    names = [f"{split}/{c}/1.jpg" for split in ("train", "test") for c in ("cat", "dog")]
    taken, left_out = look_at(*names, "logo.png", "extra/cat/9.jpg", "train/5.jpg")
    assert len(taken) == 4
    assert left_out == {"logo.png": OUTSIDE, "extra/cat/9.jpg": OUTSIDE, "train/5.jpg": BESIDE}


def test_a_small_folder_beside_many_flat_files_is_no_class() -> None:
    flat = [f"{name}.{number}.jpg" for name in ("cat", "dog") for number in range(5)]
    taken, left_out = look_at(*flat, "extra/1.jpg", "extra/cat.77.jpg")
    assert Counter(taken.values()) == {"cat": 6, "dog": 5}
    assert left_out == {"extra/1.jpg": NO_CLASS}


def test_named_strays_do_not_outweigh_class_folders() -> None:
    taken, left_out = look_at("Cat/1.jpg", "Dog/1.jpg", "cat.9.jpg", "dog.9.jpg")
    assert set(taken) == {"Cat/1.jpg", "Dog/1.jpg"}
    assert left_out == {"cat.9.jpg": BESIDE, "dog.9.jpg": BESIDE}


def test_a_single_folder_is_a_single_class() -> None:
    taken, _ = look_at("pets/cats/1.jpg", "pets/cats/2.jpg")
    assert taken == {"pets/cats/1.jpg": "cats", "pets/cats/2.jpg": "cats"}


def test_litter_is_in_neither_list() -> None:
    taken, left_out = look_at(
        *("cat/1.jpg", "dog/1.jpg", "dog/Thumbs.db", ".git/1.jpg", "cat/.DS_Store"),
        *("__MACOSX/cat/._1.jpg", "cat/desktop.ini"),
    )
    assert set(taken) == {"cat/1.jpg", "dog/1.jpg"}
    assert left_out == {}


def test_candidates_come_in_natural_order_of_their_names() -> None:
    taken, _ = look_at("b/10.jpg", "a/1.jpg", "b/9.jpg", "A/2.jpg")
    assert list(taken) == ["a/1.jpg", "A/2.jpg", "b/9.jpg", "b/10.jpg"]


def test_wrappers_may_be_as_deep_as_a_name_is_long() -> None:
    root = "a/" * 490
    taken, _ = look_at("logo.png", f"{root}cat/1.jpg", f"{root}cat/2.jpg", f"{root}dog/1.jpg")
    assert Counter(taken.values()) == {"cat": 2, "dog": 1}


def test_nothing_gives_nothing() -> None:
    assert look_at() == ({}, {})


parts = st.sampled_from(["train", "test", "val", "cat", "dog", "cat.1", "x", ".hidden", "1"])
names = st.lists(parts, min_size=1, max_size=4).map("/".join)


@given(st.lists(st.builds(str.__add__, names, st.sampled_from([".jpg", ".txt"])), unique=True))
def test_every_file_is_taken_left_out_or_litter(names: list[str]) -> None:
    taken, left_out = look_at(*names)
    litter = {name for name in names if ".hidden" in name}
    assert set(taken) | set(left_out) | litter == set(names)
    assert not set(taken) & set(left_out)
    assert all(class_name for class_name in taken.values())
    assert look_at(*reversed(names)) == (taken, left_out)
