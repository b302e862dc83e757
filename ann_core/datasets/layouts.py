"""Find out from file names alone which picture belongs to which class.

Three layouts are recognised by themselves, at any depth of wrapping folders:

- a folder a class: ``PetImages/Cat/1.jpg``
- splits that come with the data: ``train/cat/1.jpg``, ``test/cat/2.jpg``
- flat files with the class in the name: ``cat.123.jpg``
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ann_core.files import natural_key
from ann_core.images import SUFFIXES

SPLITS = ("train", "validation", "test")

_SPLIT_FOLDER = re.compile(r"(train|training|val|valid|validation|test|testing)\d*", re.IGNORECASE)
_CLASS_IN_NAME = re.compile(r"(?P<name>.*?[^\W\d_])[\s._-]*\(?\d+\)?")
_IGNORED_NAMES = {"thumbs.db", "desktop.ini", "__macosx"}


@dataclass(frozen=True)
class SourceFile:
    """A file as it was found, on disk at `path`, called `name` by its owner."""

    name: str
    path: Path


@dataclass(frozen=True)
class Candidate:
    """A file that claims to be a picture of `class_name`."""

    file: SourceFile
    class_name: str
    split: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """A file that does not become part of a data set, and why."""

    name: str
    reason: str


def is_ignored(name: str) -> bool:
    """Whether a file is litter of an operating system or hidden."""
    parts = PurePosixPath(name).parts
    return any(p.startswith(".") or p.lower() in _IGNORED_NAMES for p in parts)


def recognise(files: list[SourceFile]) -> tuple[list[Candidate], list[LeftOut]]:
    """Give every file a class, and a split if the data brings one.

    Returns
    -------
    candidates : list of Candidate
        In natural order of their names.
    left_out : list of LeftOut
        Files without a class, or that are no pictures. Ignored files (hidden,
        ``__MACOSX``, ``Thumbs.db``) are in neither list.
    """
    files = _in_order(f for f in files if not is_ignored(f.name))
    pictures = [f for f in files if PurePosixPath(f.name).suffix.lower() in SUFFIXES]
    others = set(files) - set(pictures)
    left_out = [
        LeftOut(f.name, "its name does not end like a picture's") for f in _in_order(others)
    ]

    root = _common_root([PurePosixPath(f.name).parts[:-1] for f in pictures])
    split_folders = _split_folders(pictures, root)
    places = [_place(file, root, split_folders) for file in pictures]
    in_folders = any(p.folder for p in places)
    candidates = []
    for file, place in zip(pictures, places, strict=True):
        class_name = place.folder if in_folders else _class_in_name(file)
        if place.problem or not class_name:
            left_out.append(LeftOut(file.name, place.problem or _no_class(in_folders)))
        else:
            candidates.append(Candidate(file, class_name, place.split))
    if len({c.split for c in candidates}) == 1:
        candidates = [replace(c, split=None) for c in candidates]
    return candidates, left_out


@dataclass(frozen=True)
class _Place:
    """What the folders around a picture say of it."""

    folder: str = ""
    split: str | None = None
    problem: str = ""


def _in_order(files: Iterable[SourceFile]) -> list[SourceFile]:
    return sorted(files, key=lambda f: natural_key(f.name))


def _common_root(folders: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Descend through wrapping folders until the pictures part ways.

    A few pictures beside a single folder (a preview, a logo) do not stop the
    descent; they are strays.
    """
    root: tuple[str, ...] = ()
    while True:
        depth = len(root)
        below = Counter(f[depth] for f in folders if f[:depth] == root and len(f) > depth)
        beside = sum(f == root for f in folders)
        if len(below) != 1 or beside > below.total():
            return root
        root = (*root, next(iter(below)))


def _split_folders(pictures: list[SourceFile], root: tuple[str, ...]) -> dict[str, str]:
    """Map folder names such as "valid" to splits, if the data is split by folders."""
    depth = len(root)
    parts = (PurePosixPath(f.name).parts for f in pictures)
    names = {p[depth] for p in parts if p[:depth] == root and len(p) > depth + 1}
    found = {name: _split_of(name) for name in names if _SPLIT_FOLDER.fullmatch(name)}
    return found if len(set(found.values())) > 1 and "train" in found.values() else {}


def _split_of(folder: str) -> str:
    lower = folder.lower()
    return "train" if lower[:2] == "tr" else "validation" if lower[0] == "v" else "test"


def _place(file: SourceFile, root: tuple[str, ...], split_folders: dict[str, str]) -> _Place:
    folders = PurePosixPath(file.name).parts[:-1]
    if folders[: len(root)] != root:
        return _Place(problem="it lies beside the folders of the classes")
    inside = folders[len(root) :]
    if not split_folders:
        return _Place(inside[0] if inside else "")
    if not inside or inside[0] not in split_folders:
        return _Place(problem="it lies outside the train, validation and test folders")
    return _Place(inside[1] if len(inside) > 1 else "", split_folders[inside[0]])


def _class_in_name(file: SourceFile) -> str:
    match = _CLASS_IN_NAME.fullmatch(PurePosixPath(file.name).stem)
    return match["name"] if match else ""


def _no_class(in_folders: bool) -> str:
    if in_folders:
        return "it lies beside the folders of the classes"
    return "neither a folder nor its name says which class it is"
