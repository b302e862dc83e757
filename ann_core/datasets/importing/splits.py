"""Recognise splits that came with the images, by the shape of their folders and by words.

Folders whose subfolders carry mostly the same names are no classes: they are splits, and a word
in their names says which (``seg_train``, ``dev``, ``Test Set``). A word alone is not enough,
for a class may be called ``test_tube``: the names must be alike otherwise, or the folders be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ann_core.datasets.importing.split_words import (
    SplitName,
    is_aside,
    is_generic,
    is_plain_split,
    is_unlabelled,
    split_name,
    stem_of,
    without_split,
)
from ann_core.datasets.validation import NO_CLASS

Folders = tuple[str, ...]
"""Names of the folders around an image, from the outside in."""

MIN_SHARED = 2
"""Names of subfolders that two folders must share to be alike; classes share one by chance."""

_MAX_PARTS = 20  # folders that hold the same classes and say nothing of a split

OUTSIDE = "it lies outside the train, validation and test folders"


@dataclass(frozen=True)
class Place:
    """Where an image lies: the folders that may name its class, and its split."""

    folders: Folders = ()
    split: str | None = None
    problem: str = ""


@dataclass(frozen=True)
class OuterSplits:
    """Folders of splits, with folders of classes in them.

    Attributes
    ----------
    bases : dict of folder to folders
        How far down in it the classes begin.
    splits : dict of folder to split
        None if nothing says which split it is.
    classes : frozenset of str
        Names of the class folders for training, in lower case.
    """

    bases: Mapping[str, Folders]
    splits: Mapping[str, str | None]
    classes: frozenset[str]
    note: str = ""

    def locate(self, inside: Folders) -> Place:
        """Say where an image lies by the folders around it."""
        top, rest = inside[:1], inside[1:]
        if not top or top[0] not in self.splits:
            flat = bool(top) and (is_unlabelled(top[0]) or split_name(top[0]) is not None)
            return Place(problem=NO_CLASS if flat else OUTSIDE)
        base = self.bases[top[0]]
        inner = rest[len(base) :] if rest[: len(base)] == base else ()
        return Place(inner, self.splits[top[0]])


@dataclass(frozen=True)
class InnerSplits:
    """Folders of splits within each folder of a class, or of a part that holds all classes."""

    note: str = ""
    in_parts: bool = False
    classes: frozenset[str] = frozenset()

    def locate(self, inside: Folders) -> Place:
        """Say where an image lies by the folders around it."""
        if not inside:
            return Place()
        split = _inner_split(inside)
        folders = inside[2:] if self.in_parts else inside[:1]
        return Place(folders, split) if split else Place(problem=OUTSIDE)


@dataclass(frozen=True)
class SplitsInNames:
    """Folders whose names say both, such as ``train_cats`` and ``test_dogs``."""

    note: str = "folders are named after a split and a class"
    classes: frozenset[str] = frozenset()

    def locate(self, inside: Folders) -> Place:
        """Say where an image lies by the folders around it."""
        name = split_name(inside[0]) if inside else None
        if name is None or not name.stem:
            return Place(problem=OUTSIDE)
        return Place((without_split(inside[0]),), name.split)


Splits = OuterSplits | InnerSplits | SplitsInNames


def find_splits(insides: Sequence[Folders]) -> Splits | None:
    """Recognise splits in the folders around each image; None if there are only classes."""
    below: dict[str, list[Folders]] = defaultdict(list)
    for inside in insides:
        if inside:
            below[inside[0]].append(inside[1:])
    if len(below) < 2:
        return None
    if _classes_in_names(below):
        return SplitsInNames()
    by_words = _by_words(below)
    if by_words:
        return _outer(below, by_words)
    if _split_within_parts(below):
        return InnerSplits("the outermost folders each hold all splits and classes", in_parts=True)
    if _split_within_classes(below):
        return InnerSplits("train and test folders within each class are kept")
    return _by_shape(below)


def agreeing(names: Sequence[str]) -> bool:
    """Whether some of these names are those of splits that belong together."""
    folders: dict[str, list[Folders]] = {name: [] for name in names}
    return bool(_by_words(folders)) or any(is_plain_split(n) or is_unlabelled(n) for n in names)


def _classes_in_names(below: Mapping[str, list[Folders]]) -> bool:
    """Whether two classes or more have a folder for each split, with nothing but images in it."""
    splits: dict[Folders, set[str]] = defaultdict(set)
    for folder, inner in below.items():
        name = split_name(folder)
        if name is None or any(inner):
            return False
        splits[name.stem].add(name.split)
    return (
        len(splits) > 1
        and () not in splits
        and all("train" in each and len(each) > 1 for each in splits.values())
    )


def _by_words(below: Mapping[str, list[Folders]]) -> dict[str, str]:
    """Map folders to splits whose names say so, and that belong together."""
    names = {folder: name for folder in below if (name := split_name(folder)) is not None}
    trains = sorted((f for f, name in names.items() if name.split == "train"), key=_plain_first)
    for train in trains:
        same = {
            f: name
            for f, name in names.items()
            if _belong_together(f, train, names=names, below=below)
        }
        others = [folder for folder in below if folder not in same]
        n_splits = len({name.split for name in same.values()})
        if n_splits > 1:
            return _evaluated(same)
        has_classes = len(_classes(train, below[train])) > 1
        if n_splits == 1 and others and has_classes and all(map(is_unlabelled, others)):
            return {train: "train"}
    return {}


def _plain_first(folder: str) -> tuple[bool, str]:
    return not is_plain_split(folder), folder


def _belong_together(
    folder: str,
    train: str,
    *,
    names: Mapping[str, SplitName],
    below: Mapping[str, list[Folders]],
) -> bool:
    mine, its = names[folder].stem, names[train].stem
    if folder == train or mine == its:
        return True
    inner, inner_of_train = _classes(folder, below[folder]), _classes(train, below[train])
    is_flat_test = not mine and not inner and len(inner_of_train) > 1
    return is_flat_test or _alike(inner, inner_of_train)


def _evaluated(names: Mapping[str, SplitName]) -> dict[str, str]:
    """Take "evaluation" for the test where there is a validation already, and no test."""
    first = {name.split for name in names.values() if not name.is_second}
    second = "test" if "validation" in first and "test" not in first else "validation"
    return {f: second if name.is_second else name.split for f, name in names.items()}


def _outer(
    below: Mapping[str, list[Folders]], splits: Mapping[str, str | None], note: str = ""
) -> OuterSplits:
    trains = [folder for folder, split in splits.items() if split in ("train", None)]
    bases = {folder: _base(folder, below[folder]) for folder in trains}
    classes = frozenset(name for f in trains for name in _first_folders(below[f], bases[f]) if name)
    for folder in splits:
        bases.setdefault(folder, _base(folder, below[folder], classes))
    return OuterSplits(bases, splits, classes, note)


def _base(name: str, below: list[Folders], classes: frozenset[str] = frozenset()) -> Folders:
    """Descend through folders on the way to the classes: ``images``, or one of the same name."""
    base: Folders = ()
    while True:
        deeper = [folders for folders in below if folders]
        children = {folders[0] for folders in deeper}
        if len(children) != 1 or 2 * len(deeper) < len(below):
            return base
        [child] = children
        has_folders = any(len(folders) > 1 for folders in deeper)
        says_nothing = child == name or is_generic(child) or is_plain_split(child)
        if child.casefold() in classes or not (has_folders or says_nothing):
            return base
        base, below = (*base, child), [folders[1:] for folders in deeper]


def _classes(name: str, below: list[Folders]) -> frozenset[str]:
    return _first_folders(below, _base(name, below))


def _first_folders(below: list[Folders], base: Folders) -> frozenset[str]:
    depth = len(base)
    return frozenset(f[depth].casefold() for f in below if len(f) > depth and f[:depth] == base)


def _alike(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two folders hold mostly the same subfolders."""
    n_shared = len(some & others)
    return n_shared >= MIN_SHARED and 2 * n_shared >= min(len(some), len(others))


def _split_within_parts(below: Mapping[str, list[Folders]]) -> bool:
    """Whether folders such as ``fold1`` all hold splits with the same classes in them."""
    classes = [
        frozenset(
            rest[1].casefold()
            for rest in inner
            if len(rest) > 1 and is_plain_split(rest[0]) and not is_aside(rest[1])
        )
        for inner in below.values()
    ]
    return all(_alike(each, classes[0]) for each in classes)


def _split_within_classes(below: Mapping[str, list[Folders]]) -> bool:
    splits_of = {
        top: {split for rest in folders if (split := _inner_split((top, *rest)))}
        for top, folders in below.items()
    }
    every = set().union(*splits_of.values())
    n_with = sum("train" in splits for splits in splits_of.values())
    return len(every) > 1 and 2 * n_with > len(below)


def given_up(insides: Sequence[Folders]) -> tuple[str, ...]:
    """Say that train and test folders are not kept, where too few of the classes have them."""
    tops = sorted({f[0] for f in insides if _inner_split(f) == "train"})
    tested = {f[0] for f in insides if _inner_split(f) not in ("train", "")}
    named = [f"'{top[:40]}'" for top in tops if top in tested][:3]
    return (f"train and test folders in {', '.join(named)} are not kept",) if named else ()


def _inner_split(inside: Folders) -> str:
    """Return the split that a folder within a class says, such as ``cat/train``; or ""."""
    inner = next((f for f in inside[1:] if not is_generic(f)), "")
    name = split_name(inner)
    if name is None or name.stem not in ((), stem_of(inside[0])):
        return ""
    return name.split


def _by_shape(below: Mapping[str, list[Folders]]) -> OuterSplits | None:
    """See whether folders hold the same classes though no word says which split they are."""
    classes = {
        folder: frozenset(c for c in _classes(folder, inner) if not is_aside(c))
        for folder, inner in below.items()
    }
    largest = max(classes.values(), key=len)
    alike = sorted(folder for folder, its in classes.items() if _alike(its, largest))
    n_alike = sum(len(below[folder]) for folder in alike)
    n_images = sum(map(len, below.values()))
    if not 2 <= len(alike) <= _MAX_PARTS or 5 * n_alike < 4 * n_images:
        return None
    listed = ", ".join(f"'{folder}'" for folder in alike[:3]) + (", ..." if alike[3:] else "")
    return _outer(
        below,
        dict.fromkeys(alike),
        f"{listed} hold folders of the same names, which are taken for the classes; no name says "
        "which of them is for training, so their pictures are put together and split anew",
    )
