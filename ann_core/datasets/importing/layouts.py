"""Find out from file names alone which image belongs to which class.

Three layouts are recognised by themselves, at any depth of wrapping folders:

- a folder a class: ``PetImages/Cat/1.jpg``
- splits that come with the data: ``train/cat/1.jpg``, ``test/cat/2.jpg``, or
  flat files in such folders: ``train/cat.1.jpg``
- flat files with the class in the name: ``cat.123.jpg``
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ann_core.datasets.validation import LeftOut
from ann_core.file_names import is_ignored, natural_key
from ann_core.imaging.images import SUFFIXES

_SPLIT_FOLDER = re.compile(
    r"(train|training|val|valid|validation|test|testing)([ _-]?(set|data|images))?\d*",
    re.IGNORECASE,
)
_CLASS_IN_NAME = re.compile(r"(?P<name>.*?[^\W\d_])[\s._-]*\(?\d+\)?")


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


def recognise(files: list[SourceFile]) -> tuple[list[Candidate], list[LeftOut]]:
    """Give every file a class, and a split if the data brings one.

    Returns
    -------
    candidates : list of Candidate
        In natural order of their names.
    left_out : list of LeftOut
        Files without a class, or that are no images. Ignored files (hidden,
        ``__MACOSX``, ``Thumbs.db``) are in neither list.
    """
    images, left_out = _by_ending(files)
    locations = _locations(images)
    candidates = []
    for file, location in zip(images, locations, strict=True):
        if location.problem:
            left_out.append(LeftOut(file.name, location.problem))
        else:
            candidates.append(Candidate(file, location.class_name, location.split))
    if len({c.split for c in candidates}) == 1:
        candidates = [replace(c, split=None) for c in candidates]
    return candidates, left_out


def with_class(files: Mapping[str, list[SourceFile]]) -> tuple[list[Candidate], list[LeftOut]]:
    """As `recognise`, for files whose class is known: only their endings are looked at."""
    candidates: list[Candidate] = []
    left_out: list[LeftOut] = []
    for class_name in sorted(files, key=natural_key):
        images, others = _by_ending(files[class_name])
        candidates += [Candidate(file, class_name) for file in images]
        left_out += others
    return candidates, left_out


def _by_ending(files: Iterable[SourceFile]) -> tuple[list[SourceFile], list[LeftOut]]:
    """Part images from other files; litter is dropped."""
    files = _in_order(f for f in files if not is_ignored(f.name))
    images = [f for f in files if _is_image(f)]
    others = [f for f in files if not _is_image(f)]
    return images, [LeftOut(f.name, "its name does not end like a picture's") for f in others]


@dataclass(frozen=True)
class _Location:
    """What the folders around an image, or its name, say of it."""

    class_name: str = ""
    split: str | None = None
    problem: str = ""


def _is_image(file: SourceFile) -> bool:
    return PurePosixPath(file.name).suffix.lower() in SUFFIXES


def _in_order(files: Iterable[SourceFile]) -> list[SourceFile]:
    return sorted(files, key=lambda f: natural_key(f.name))


def _common_root(folders: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Descend through wrapping folders until the images part ways.

    A few images beside a single folder (a preview, a logo) do not stop the
    descent; they are strays.
    """
    root: tuple[str, ...] = ()
    while True:
        depth = len(root)
        deeper = [f for f in folders if len(f) > depth]
        names = {f[depth] for f in deeper}
        if len(names) != 1 or 2 * len(deeper) < len(folders):
            return root
        root, folders = (*root, names.pop()), deeper


def _split_folders(images: list[SourceFile], root: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    """Map folders such as ("valid",) to splits, if the data is split by folders.

    A folder that was unpacked into one of its own name (``train/train/cat.1.jpg``)
    counts as one.
    """
    below: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for file in images:
        folders = PurePosixPath(file.name).parts[:-1]
        if folders[: len(root)] == root and len(folders) > len(root):
            below[folders[len(root)]].append(folders[len(root) + 1 :])
    names = {name for name in below if _SPLIT_FOLDER.fullmatch(name)}
    doubled = {name for name in names if all(f[:1] == (name,) for f in below[name])}
    splits = {(name,) * (1 + (name in doubled)): _split_of(name) for name in names}
    return splits if len(set(splits.values())) > 1 and "train" in splits.values() else {}


def _split_of(folder: str) -> str:
    lower = folder.lower()
    return "train" if lower[:2] == "tr" else "validation" if lower[0] == "v" else "test"


def _locations(images: list[SourceFile]) -> list[_Location]:
    """Decide between folders and names: what tells the class of more images counts."""
    root = _common_root([PurePosixPath(f.name).parts[:-1] for f in images])
    split_folders = _split_folders(images, root)
    locations = [_locate(f, root, split_folders) for f in images]
    n_in_folders = sum(bool(location.class_name) for location in locations)
    loose = [not location.class_name and not location.problem for location in locations]
    names = [_class_in_name(file) for file in images]
    n_named = sum(is_loose and bool(name) for is_loose, name in zip(loose, names, strict=True))
    if n_in_folders and n_in_folders >= n_named:
        stray = _Location(problem="it lies beside the folders of the classes")
        return [stray if is_loose else p for is_loose, p in zip(loose, locations, strict=True)]
    if not any(names) and root:
        names = [root[-1]] * len(images)  # a single folder: a single class
    return [_named(location, name) for location, name in zip(locations, names, strict=True)]


def _locate(
    file: SourceFile, root: tuple[str, ...], split_folders: dict[tuple[str, ...], str]
) -> _Location:
    folders = PurePosixPath(file.name).parts[:-1]
    if folders[: len(root)] != root:
        return _Location(problem="it lies beside the folders of the classes")
    inside = folders[len(root) :]
    if not split_folders:
        return _Location("".join(inside[:1]))
    for prefix, split in split_folders.items():
        if inside[: len(prefix)] == prefix:
            return _Location("".join(inside[len(prefix) :][:1]), split)
    return _Location(problem="it lies outside the train, validation and test folders")


def _named(location: _Location, class_name: str) -> _Location:
    if class_name or location.problem:
        return replace(location, class_name=class_name)
    return _Location(problem="neither a folder nor its name says which class it is")


def _class_in_name(file: SourceFile) -> str:
    match = _CLASS_IN_NAME.fullmatch(PurePosixPath(file.name).stem)
    return match["name"] if match else ""
