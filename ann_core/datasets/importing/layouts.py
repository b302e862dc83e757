"""Find out from file names alone which image belongs to which class.

Three layouts are recognised by themselves, at any depth of wrapping folders:

- a folder a class: ``PetImages/Cat/1.jpg``
- splits that come with the data (see `ann_core.datasets.importing.splits`):
  ``train/cat/1.jpg``, ``cat/train/1.jpg``, or flat files in such folders: ``train/cat.1.jpg``
- flat files with the class in the name: ``cat.123.jpg``

What was decided can be decided otherwise, by a `LayoutRule`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from ann_core.datasets.importing.class_in_name import class_in_name, with_bare_names
from ann_core.datasets.importing.split_words import is_plain_split
from ann_core.datasets.importing.splits import (
    Folders,
    Place,
    Splits,
    find_splits,
    given_up,
)
from ann_core.datasets.validation import MIN_IMAGES_PER_CLASS, NO_CLASS, LeftOut
from ann_core.file_names import (
    is_archive,
    is_ignored,
    natural_key,
    tidy,
)
from ann_core.imaging.images import SUFFIXES, why_not_taken

LayoutRule = Literal["auto", "folders", "innermost", "names", "no-splits"]
LAYOUT_RULES: dict[LayoutRule, str] = {
    "auto": "As recognised",
    "folders": "Each outermost folder is a class",
    "innermost": "The folder right around each picture is its class",
    "names": "The class is in each file's name",
    "no-splits": "As recognised, but split anew",
}
"""How folders and names can be read."""

BESIDE = "it lies beside the folders of the classes"
NO_IMAGE_NAME = "its name does not end like a picture's"
ARCHIVE = "it is an archive; unpack it, or import it by itself"


@dataclass(frozen=True)
class SourceFile:
    """A file as it was found, on disk at `path`, called `name` by its owner."""

    name: str
    path: Path


@dataclass(frozen=True)
class Candidate:
    """A file that claims to be an image of `class_name`."""

    file: SourceFile
    class_name: str
    split: str | None = None


@dataclass(frozen=True)
class Layout:
    """Which file is what.

    Attributes
    ----------
    candidates : list of Candidate
        In natural order of their names.
    left_out : list of LeftOut
        Files without a class, or that are no images. Ignored files (hidden,
        ``__MACOSX``, ``Thumbs.db``) are in neither list.
    notes : tuple of str
        What was decided that is not plain to see, a sentence each.
    """

    candidates: list[Candidate]
    left_out: list[LeftOut]
    notes: tuple[str, ...] = ()


def recognise(
    files: Iterable[SourceFile], reading: LayoutRule = "auto", *, look_inside: bool = True
) -> Layout:
    """Give every file a class, and a split if the data brings one.

    Parameters
    ----------
    look_inside : bool
        Whether files that do not end like images are known by their first bytes; otherwise
        names are all there is.
    """
    images, left_out = _sorted_out(files, look_inside=look_inside)
    folders = [_folders(file) for file in images]
    root = _common_root(folders)
    insides = [f[len(root) :] for f in folders if f[: len(root)] == root]
    splits = None if reading == "folders" else find_splits(insides)
    lies = [_place(f, root, splits) for f in folders]
    locations = _locations(images, lies, root, splits=splits, reading=reading)
    candidates = []
    for file, location in zip(images, locations, strict=True):
        if location.problem:
            left_out.append(LeftOut(file.name, location.problem))
        else:
            candidates.append(Candidate(file, location.class_name, location.split))
    candidates, untrained = _with_training(candidates)
    if len({c.split for c in candidates}) == 1 or reading == "no-splits":
        candidates = [replace(c, split=None) for c in candidates]
    notes = [splits.note] if splits is not None and splits.note else []
    notes += given_up(insides) if splits is None else []
    notes += _differ_in_case({c.class_name for c in candidates})
    return Layout(candidates, [*left_out, *untrained], tuple(notes))


def with_class(files: Mapping[str, list[SourceFile]]) -> Layout:
    """As `recognise`, for files whose class is known."""
    candidates: list[Candidate] = []
    left_out: list[LeftOut] = []
    for class_name in sorted(files, key=natural_key):
        images, others = _sorted_out(files[class_name])
        candidates += [Candidate(file, class_name) for file in images]
        left_out += others
    return Layout(candidates, left_out, _differ_in_case(files))


def _sorted_out(
    files: Iterable[SourceFile], *, look_inside: bool = True
) -> tuple[list[SourceFile], list[LeftOut]]:
    """Part images from other files; litter is dropped."""
    images, others = [], []
    files = (file for file in files if not is_ignored(file.name))
    for file in sorted(files, key=lambda f: natural_key(f.name)):
        if is_archive(file.name):
            others.append(LeftOut(file.name, ARCHIVE))
        elif is_image(file.name) or not (reason := _why_not(file, look_inside)):
            images.append(file)
        else:
            others.append(LeftOut(file.name, reason))
    return images, others


def _why_not(file: SourceFile, look_inside: bool) -> str:
    return why_not_taken(file.path, file.name) if look_inside else NO_IMAGE_NAME


@dataclass(frozen=True)
class _Location:
    """What the folders around an image, or its name, say of it."""

    class_name: str = ""
    split: str | None = None
    problem: str = ""


def is_image(name: str) -> bool:
    """Whether a file ends like an image."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _folders(file: SourceFile) -> Folders:
    folders = (tidy(folder) for folder in PurePosixPath(file.name).parts[:-1])
    return tuple(folder for folder in folders if folder)


def _common_root(folders: Sequence[Folders]) -> Folders:
    """Descend through wrapping folders until the images part ways.

    A few images beside a single folder (a preview, a logo) do not stop the
    descent; they are strays.
    """
    root: Folders = ()
    while True:
        depth = len(root)
        deeper = [f for f in folders if len(f) > depth]
        names = {f[depth] for f in deeper}
        if len(names) != 1 or 2 * len(deeper) < len(folders):
            return root
        root, folders = (*root, names.pop()), deeper


def _place(folders: Folders, root: Folders, splits: Splits | None) -> Place:
    if folders[: len(root)] != root:
        return Place(problem=BESIDE)
    inside = folders[len(root) :]
    return Place(inside) if splits is None else splits.locate(inside)


def _locations(
    images: list[SourceFile],
    lies: list[Place],
    root: Folders,
    *,
    splits: Splits | None,
    reading: LayoutRule,
) -> list[_Location]:
    """Decide between folders and names: what tells the class of more images counts."""
    which = slice(-1, None) if reading == "innermost" else slice(1)
    locations = [_Location("".join(p.folders[which]), p.split, p.problem) for p in lies]
    names = [class_in_name(file.name) for file in images]
    known = splits.classes if splits is not None else frozenset()
    # Of the test images, only those that are named after a folder of training images.
    named = [
        not (loc.class_name or loc.problem)
        and bool(name)
        and (not known or loc.split == "train" or name.casefold() in known)
        for loc, name in zip(locations, names, strict=True)
    ]
    n_in_folders = sum(bool(location.class_name) for location in locations)
    if reading != "names" and n_in_folders and n_in_folders >= sum(named):
        return [
            _beside_folders(location, name if is_named else "")
            for location, name, is_named in zip(locations, names, named, strict=True)
        ]
    if not any(names) and root and not is_plain_split(root[-1]):
        names = [root[-1]] * len(images)  # a single folder: a single class
    names = with_bare_names([file.name for file in images], names)
    located = [_named(location, name) for location, name in zip(locations, names, strict=True)]
    return _without_rare_names(located)


def _beside_folders(location: _Location, name: str) -> _Location:
    """Judge an image in no folder of a class, where most are in one."""
    if location.class_name or location.problem:
        return location
    if location.split in ("validation", "test"):
        return _named(location, name)
    return _Location(problem=BESIDE)


def _named(location: _Location, class_name: str) -> _Location:
    if class_name or location.problem:
        return replace(location, class_name=class_name)
    return _Location(problem=NO_CLASS)


def _without_rare_names(locations: list[_Location]) -> list[_Location]:
    """Leave out the few whose names are like no others: they do not spoil the classes there are."""
    counts = Counter(location.class_name for location in locations if location.class_name)
    if sum(n >= MIN_IMAGES_PER_CLASS for n in counts.values()) < 2:
        return locations
    rare = {name for name, n in counts.items() if n < MIN_IMAGES_PER_CLASS}
    return [
        _Location(
            problem=f"only {counts[each.class_name]} with '{each.class_name[:40]}' in the name, "
            f"and a class takes {MIN_IMAGES_PER_CLASS}"
        )
        if each.class_name in rare
        else each
        for each in locations
    ]


def _with_training(candidates: list[Candidate]) -> tuple[list[Candidate], list[LeftOut]]:
    """Leave out images whose class has none for training, unless hardly a class would be left."""
    trained = {c.class_name for c in candidates if c.split in ("train", None)}
    if len(trained) < 2:
        return candidates, []
    lower = Counter(name.casefold() for name in trained)
    spellings = {name.casefold(): name for name in trained if lower[name.casefold()] == 1}
    kept, left_out = [], []
    for candidate in candidates:
        name = candidate.class_name
        name = name if name in trained else spellings.get(name.casefold(), "")
        if name:
            kept.append(replace(candidate, class_name=name))
        else:
            reason = f"there is no training picture of its class '{candidate.class_name[:40]}'"
            left_out.append(LeftOut(candidate.file.name, reason))
    return kept, left_out


def _differ_in_case(class_names: Iterable[str]) -> tuple[str, ...]:
    spellings: dict[str, list[str]] = {}
    for name in sorted(class_names):
        spellings.setdefault(name.casefold(), []).append(f"'{name}'")
    return tuple(
        f"{' and '.join(names)} differ in upper and lower case only, and stay {len(names)} classes"
        for names in spellings.values()
        if len(names) > 1
    )
