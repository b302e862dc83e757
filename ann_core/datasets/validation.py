"""Refuse images from which nothing can be learned, before they become a data set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ann_core.datasets.split import SPLITS
from ann_core.errors import ArchiveError, DatasetError
from ann_core.file_names import is_ignored, tidy

MIN_IMAGES_PER_CLASS = 5
MAX_CLASSES = 1000
MAX_CLASS_NAME = 100
NO_CLASS = "neither a folder nor its name says which class it is"
"""Why an image is left out that could be any."""

_TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
_LABELS = re.compile(
    r"(label|annot|class|train)[^/]*(/[^/]*)?\.(csv|tsv|xlsx|parquet|txt|xml|json|mat)$",
    re.IGNORECASE,
)


def check_classes(counts: Counter[str], left_out: Sequence[LeftOut] = ()) -> None:
    """Refuse no images, one class only, too many classes or too few images of one.

    Parameters
    ----------
    counts : Counter of class name
        Readable images.
    left_out : sequence of LeftOut
        Named in the message, for there the reason may lie.

    Raises
    ------
    DatasetError
    """
    hint = _hint(left_out, is_one_class=len(counts) == 1)
    if not counts:
        unknown = any(note.reason == NO_CLASS for note in left_out)
        instead = "none whose class can be told" if unknown else "no readable picture"
        raise DatasetError(
            "Expected pictures in a folder for each class (cat/1.jpg, dog/1.jpg) or with the "
            f"class in their names (cat.1.jpg), but found {instead}.{hint}"
        )
    if len(counts) < 2:
        raise DatasetError(
            f"Expected pictures of two classes or more, but found only '{next(iter(counts))}' "
            f"({counts.total():,} pictures). Put each class into a folder of its own.{hint}"
        )
    if len(counts) > MAX_CLASSES:
        raise DatasetError(
            f"Expected at most {MAX_CLASSES:,} classes, but found {len(counts):,}. "
            "Is each picture in a folder of its own?"
        )
    few = {name: n for name, n in counts.items() if n < MIN_IMAGES_PER_CLASS}
    if few:
        listed = ", ".join(f"'{name}' has {n}" for name, n in sorted(few.items())[:5])
        raise DatasetError(
            f"Expected at least {MIN_IMAGES_PER_CLASS} readable pictures of each class, but "
            f"{listed}. Add pictures or leave the class out.{hint}"
        )


def check_no_run(names: Collection[str]) -> None:
    """Refuse the archive of a run, from the names of its files.

    Raises
    ------
    ArchiveError
    """
    if {"manifest.json", "run.json", "answers.npz"} <= set(names):
        raise ArchiveError(
            "Expected a zip file of pictures, but this is a saved network. Open it on the "
            "Results page, or with the command 'open'."
        )


def check_class_names(class_names: Sequence[str]) -> None:
    """Refuse names that somebody typed and that could not be those of folders.

    Spaces around a name do not count.

    Raises
    ------
    DatasetError
        Says what is wrong with each.
    """
    names = [tidy(name) for name in class_names]
    problems = [f"{name[:40]!r} {wrong}" for name in names if (wrong := _wrong_with(name))]
    problems += [f"{name[:40]!r} is there twice" for name, n in Counter(names).items() if n > 1]
    if problems:
        raise DatasetError(
            f"Expected a name of 1 to {MAX_CLASS_NAME} letters for each class, such as 'cat', but "
            f"{'; '.join(problems)}. Change it."
        )


def check_given(counts: Mapping[str, int]) -> None:
    """Refuse classes that somebody gives by hand, before their images are sent.

    Parameters
    ----------
    counts : mapping of class name to int
        Files of each, readable or not.

    Raises
    ------
    DatasetError
    """
    check_class_names(list(counts))
    if len(counts) < 2:
        raise DatasetError(
            "Expected pictures of two classes or more, but only "
            f"'{next(iter(counts), '')}' was given. Name another class and give its pictures."
        )
    few = {name: n for name, n in counts.items() if n < MIN_IMAGES_PER_CLASS}
    if few:
        listed = ", ".join(f"'{name}' has {n or 'no pictures'}" for name, n in few.items())
        raise DatasetError(
            f"Expected at least {MIN_IMAGES_PER_CLASS} pictures of each class, but {listed}. Give "
            "more, or remove the class: empty its name and its pictures."
        )


def _wrong_with(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > MAX_CLASS_NAME:
        return f"has {len(name):,} letters"
    if "/" in name or "\\" in name:
        return "holds a slash"
    if not name.isprintable():
        return "holds a character that cannot be seen"
    return "is a name of hidden files" if is_ignored(name) else ""


def check_splits(labels: Sequence[str], splits: Sequence[str]) -> None:
    """Refuse a split without images, or a class without training images.

    Splits that come with the data, and the article's dice, can leave either.

    Raises
    ------
    DatasetError
    """
    empty = [split for split in SPLITS if split not in splits]
    if empty:
        raise DatasetError(
            f"Expected pictures in every split, but {empty[0]} gets none of the {len(labels):,}. "
            "Add pictures, or split them by the stratified rule."
        )
    trained = {label for label, split in zip(labels, splits, strict=True) if split == "train"}
    untrained = sorted(set(labels) - trained)
    if untrained:
        raise DatasetError(
            f"Expected training pictures of every class, but '{untrained[0]}' has none: all of "
            "its pictures are for validation or test. Put some of them into the training folder, "
            "or leave the class out."
        )


def labels_not_read(left_out: Sequence[LeftOut], *, is_one_class: bool = False) -> tuple[str, ...]:
    """Say that files of labels are not read, where they lie beside images without a class."""
    unknown = is_one_class or any(note.reason == NO_CLASS for note in left_out)
    named = [note.name for note in left_out if _LABELS.search(note.name)]
    tables = [note.name for note in left_out if note.name.lower().endswith(_TABLES)]
    if not unknown or not (named or tables):
        return ()
    file = next((name for name in named if name in tables), [*tables, *named][0])
    kind = "CSV files" if file.lower().endswith(".csv") else "files beside the pictures"
    return (
        f"'{file[-80:]}' may say which picture is of which class, but labels in {kind} are not "
        "read; sort the pictures into a folder for each class",
    )


def _hint(left_out: Sequence[LeftOut], *, is_one_class: bool = False) -> str:
    if not left_out:
        return ""
    # A picture without a class says more than a text that lies beside it.
    first = next((note for note in left_out if note.reason == NO_CLASS), left_out[0])
    many = len(left_out) > 1
    start = f"{len(left_out):,} files were left out, the first" if many else "1 file was left out"
    hint = f" {start} because {first.reason} ('{first.name[-80:]}')."
    advices = labels_not_read(left_out, is_one_class=is_one_class)
    return "".join([hint, *(f" {advice}." for advice in advices)])


@dataclass(frozen=True)
class LeftOut:
    """A file that does not become part of a data set, and why."""

    name: str
    reason: str
