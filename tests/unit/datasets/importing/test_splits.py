"""Splits that came with the images, recognised by shape and by words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ann_core.datasets.importing.layouts import LayoutRule, SourceFile, recognise
from ann_core.datasets.importing.split_words import split_name

SPLIT_WORDS = {
    **dict.fromkeys(("train", "Training Set", "seg_train", "TRAIN", "train2017"), "train"),
    **dict.fromkeys(("imagesTr", "trainset", "train_images", "Trainingsdaten"), "train"),
    **dict.fromkeys(("dev", "VAL", "valid", "validation2", "eval", "hold_out"), "validation"),
    **dict.fromkeys(("asl_alphabet_test", "testing", "Test Data", "test1", "testimages"), "test"),
    **dict.fromkeys(("valley", "contest", "restrain", "images", "", "1", "devil"), None),
}


@pytest.mark.parametrize("folder", SPLIT_WORDS)
def test_words_at_either_end_of_a_name_count(folder: str) -> None:
    name = split_name(folder)
    assert (name and name.split) == SPLIT_WORDS[folder]


def tree(*patterns: str) -> list[SourceFile]:
    """Files of patterns such as ``train/{cat,dog}/*6``: every name in braces, so many files."""
    names = []
    for pattern in patterns:
        folders, _, number = pattern.partition("*")
        spread = [""]
        for part in folders.replace("}", "{").split("{"):
            spread = [head + each for head in spread for each in part.split(",")]
        names += [f"{folder}{n}.jpg" for folder in spread for n in range(int(number or 6))]
    return [SourceFile(name, Path(name)) for name in names]


def summary(*patterns: str, reading: LayoutRule = "auto") -> dict[str, int]:
    """Number of images by split and class, and of those left out, under "-"."""
    layout = recognise(tree(*patterns), reading)
    taken = Counter("/".join(filter(None, (c.split, c.class_name))) for c in layout.candidates)
    return dict(taken) | ({"-": len(layout.left_out)} if layout.left_out else {})


def both(split: str, n_images: int = 6) -> dict[str, int]:
    return {f"{split}/cat": n_images, f"{split}/dog": n_images}


PETS = {"cat": 6, "dog": 6}
TRAIN, VALIDATION, TEST = both("train"), both("validation"), both("test")

LAYOUTS: dict[str, tuple[tuple[str, ...], dict[str, int]]] = {
    "words at the end": (("seg_{train,test}/{cat,dog}/",), TRAIN | TEST),
    "doubled": (("seg_train/seg_train/{cat,dog}/", "seg_test/seg_test/{cat,dog}/"), TRAIN | TEST),
    "without classes": (
        ("seg_train/seg_train/{cat,dog}/", "seg_test/seg_test/{cat,dog}/", "seg_pred/seg_pred/"),
        TRAIN | TEST | {"-": 6},
    ),
    "training and a folder without classes": (("train/{cat,dog}/", "pred/"), PETS | {"-": 6}),
    "dev": (("data/{train,dev}/{cat,dog}/",), TRAIN | VALIDATION),
    "holdout": (("{tr,holdout}/{cat,dog}/",), TRAIN | VALIDATION),
    "evaluation is the test beside a validation": (
        ("{train,val,eval}/{cat,dog}/",),
        TRAIN | VALIDATION | TEST,
    ),
    "words at the start": (
        ("{train,test}_images/{cat,dog}/", "validation_images/{cat,dog}/"),
        TRAIN | TEST | VALIDATION,
    ),
    "words that differ otherwise, same classes": (
        ("pets-train-v2/{cat,dog}/", "my test/{cat,dog}/"),
        TRAIN | TEST,
    ),
    "wrapped in each split": (("{train,test}/images/{cat,dog}/",), TRAIN | TEST),
    "wrapped in all": (("a/b/images/{train,val}/{cat,dog}/",), TRAIN | VALIDATION),
    "a folder more below the class": (
        ("tiny/train/{cat,dog}/images/", "tiny/{val,test}/images/"),
        PETS | {"-": 12},
    ),
    "within each class": (("pets/{cat,dog}/{train,test}/",), TRAIN | TEST),
    "within each class, by its name": (
        ("cat/cat_{train,val}/", "dog/dog_{train,val}/"),
        TRAIN | VALIDATION,
    ),
    "within each class, a folder more": (("{cat,dog}/images/{train,test}/",), TRAIN | TEST),
    "flat test pictures": (("train/{cat,dog}/", "test1/"), PETS | {"-": 6}),
    "flat test pictures, elsewhere": (("seg_train/{cat,dog}/", "test/"), PETS | {"-": 6}),
    "test pictures in a folder without a meaning": (
        ("train/{cat,dog}/", "test/unknown/"),
        PETS | {"-": 6},
    ),
    "test pictures named after classes": (
        ("train/{cat,dog}/", "test/{cat.,dog.,x.}"),
        TRAIN | TEST | {"-": 6},
    ),
    "many flat test pictures with numbers": (
        ("train/{cat,dog}/", "test/test_*60"),
        PETS | {"-": 60},
    ),
    "a class without test pictures": (
        ("train/{cat,dog,fox}/", "test/{cat,dog}/"),
        TRAIN | {"train/fox": 6} | TEST,
    ),
    "a class without training pictures": (
        ("train/{cat,dog}/", "test/{cat,dog,fox}/"),
        TRAIN | TEST | {"-": 6},
    ),
    "classes spelled otherwise in test": (("train/{cat,dog}/", "test/{Cat,DOG}/"), TRAIN | TEST),
    "folds with splits in them": (
        ("fold{1,2}/{train,test}/{cat,dog}/",),
        both("train", 12) | both("test", 12),
    ),
    "subfolders of classes within splits within classes": (
        ("cat/{train,test}/{day,night}/", "dog/{train,test}/{indoor,outdoor}/"),
        both("train", 12) | both("test", 12),
    ),
    "folds": (("fold{1,2,3}/{cat,dog}/",), {"cat": 18, "dog": 18}),
    "five parts": (("{a,b,c,d,e}/{cat,dog,fox}/*1",), {"cat": 5, "dog": 5, "fox": 5}),
    "no folder for training": (("{val,test}/{cat,dog}/",), {"cat": 12, "dog": 12}),
    "one shared subfolder": (("cat/{old,new}/", "dog/{old,big}/"), {"cat": 12, "dog": 12}),
    "masks beside images": (("{cat,dog}/{images,masks}/",), {"cat": 12, "dog": 12}),
    "classes that sound like splits": (
        ("{test_tube,valley,training_shoes,beaker}/",),
        {"test_tube": 6, "valley": 6, "training_shoes": 6, "beaker": 6},
    ),
    "the same with subfolders": (
        ("test_tube/{a,b}/", "training_shoes/{b,c}/"),
        {"test_tube": 12, "training_shoes": 12},
    ),
    "a train among vehicles": (
        ("{train,car,plane}/",),
        {"train": 6, "car": 6, "plane": 6},
    ),
    "many parts of each class": (
        ("{" + ",".join(f"c{n}" for n in range(25)) + "}/{front,back}/*1",),
        {f"c{n}": 2 for n in range(25)},
    ),
    "a split and a class in one name": (("{train,test}_{cat,dog}/",), TRAIN | TEST),
    "the same with letters": (
        ("horse2zebra/{train,test}{A,B}/",),
        {"train/A": 6, "train/B": 6, "test/A": 6, "test/B": 6},
    ),
    "letters composed and not": (
        ("train/caf\u00e9/", "train/bar/", "test/{cafe\u0301,bar}/"),
        {**{"train/caf\u00e9": 6, "train/bar": 6, "test/caf\u00e9": 6, "test/bar": 6}},
    ),
    "spaces at the ends": (("{cat, cat ,dog}/",), {"cat": 12, "dog": 6}),
}


@pytest.mark.parametrize("case", LAYOUTS)
def test_folders_are_read_as_people_mean_them(case: str) -> None:
    patterns, expected = LAYOUTS[case]
    assert summary(*patterns) == expected


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("auto", TRAIN | TEST),
        ("no-splits", {"cat": 12, "dog": 12}),
        ("folders", {"train": 12, "test": 12}),
        ("innermost", TRAIN | TEST),
    ],
)
def test_a_reading_can_be_chosen(reading: LayoutRule, expected: dict[str, int]) -> None:
    assert summary("{train,test}/{cat,dog}/", reading=reading) == expected


def test_classes_can_be_the_innermost_folders_or_in_the_names() -> None:
    breeds = ("dogs/{pug,poodle}/", "cats/{tabby,manx}/")
    assert summary(*breeds) == {"dogs": 12, "cats": 12}
    assert summary(*breeds, reading="innermost") == {"pug": 6, "poodle": 6, "tabby": 6, "manx": 6}
    monday = ("monday/{cat.,dog.}", "friday/{cat.,dog.}")
    assert summary(*monday) == {"monday": 12, "friday": 12}
    assert summary(*monday, reading="names") == {"cat": 12, "dog": 12}


def test_what_is_in_doubt_is_said() -> None:
    [note] = recognise(tree("fold{1,2,3,4}/{cat,dog}/")).notes
    assert note.startswith("'fold1', 'fold2', 'fold3', ... hold folders of the same names")
    [note] = recognise(tree("{Cat,cat,dog}/")).notes
    assert note == "'Cat' and 'cat' differ in upper and lower case only, and stay 2 classes"


COPIES = [
    *("cat.5 copy 2.jpg", "cat.5 copy.jpg", "cat.5 (1).jpg", "cat.5 - Copy.jpg", "cat - Kopie.jpg"),
    *(
        "cat.5 - Copy (2).jpg",
        "Copy of cat.5.jpg",
        "cat.5_copy.jpg",
        "cat.5 (1) (1).jpg",
        "cat.jpg",
    ),
    *("cat.5 - копия.jpg", "cat.5 副本.jpg", "cat.5.副本2.jpg", "cat (7).jpg", "cat.jpg"),
]


@pytest.mark.parametrize("name", COPIES)
def test_copies_are_of_their_class(name: str) -> None:
    files = [*tree("{cat.,dog.}*30"), SourceFile(name, Path(name))]
    layout = recognise(files)
    assert Counter(c.class_name for c in layout.candidates) == {"cat": 31, "dog": 30}


def test_a_name_like_no_other_does_not_spoil_the_classes() -> None:
    layout = recognise([*tree("{cat.,dog.}*30"), *tree("IMG_*2")])
    assert Counter(c.class_name for c in layout.candidates) == {"cat": 30, "dog": 30}
    assert [note.reason for note in layout.left_out] == 2 * [
        "only 2 with 'IMG' in the name, and a class takes 5"
    ]


def test_splits_within_too_few_classes_are_not_kept_and_named() -> None:
    layout = recognise(tree("cat/{train,test}/", "dog/", "owl/"))
    assert {candidate.split for candidate in layout.candidates} == {None}
    assert layout.notes == ("train and test folders in 'cat' are not kept",)
    assert recognise(tree("toy/{train,bus}/", "dog/")).notes == ()
