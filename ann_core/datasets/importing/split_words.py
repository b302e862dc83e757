"""Which names of folders say that they hold the pictures for training, validation or test."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SET = r"(s?(set|data|images|imgs|img|daten|bilder)s?)?"
_WORDS = {
    "train": re.compile(rf"(train|training|tr|trn){_SET}"),
    "validation": re.compile(rf"(val|valid|validation|validate|dev|development){_SET}"),
    "test": re.compile(rf"(test|testing|tests|tst|ts){_SET}"),
}
_SECOND_TEST = re.compile(rf"(eval|evaluation|evaluate|holdout){_SET}")
_GENERIC = {
    *("set", "sets", "split", "data", "dataset", "datasets", "folder", "folders", "dir"),
    *("image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos"),
    *("v", "version", "jpeg", "jpg", "png", "jpegimages", "file", "files", "sample", "samples"),
}
_ASIDE = {
    *("label", "labels", "mask", "masks", "annotation", "annotations", "thumb", "thumbs"),
    *("thumbnail", "thumbnails", "original", "originals", "raw", "edited", "small", "large"),
}
_UNLABELLED = {
    *("pred", "predict", "prediction", "predictions", "inference", "submission"),
    *("unlabeled", "unlabelled", "unlabel", "unlab", "nolabel", "unsorted"),
}
_TOKEN = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class SplitName:
    """What the name of a folder says of a split.

    Attributes
    ----------
    split : str
        "train", "validation" or "test".
    stem : tuple of str
        Its other words; () if it has none that mean anything.
    is_second : bool
        Whether it is called evaluation or holdout: the test, where a validation is there too.
    """

    split: str
    stem: tuple[str, ...]
    is_second: bool = False


def split_name(folder: str) -> SplitName | None:
    """Read the first or last word of a folder's name, such as ``seg_train`` or ``Test Images 2``.

    Numbers, and words such as "set" and "images", do not count.
    """
    words = [word for word in _words(folder) if word not in _GENERIC]
    ends = {word: split for word in words[:1] + words[-1:] if (split := _split_of(word))}
    if len(ends) != 1:
        return None
    [(word, split)] = ends.items()
    is_second = _SECOND_TEST.fullmatch(word) is not None
    return SplitName(split, tuple(other for other in words if other != word), is_second)


def without_split(folder: str) -> str:
    """Take the word of the split from a name: "cats" of ``train_cats``, "A" of ``trainA``."""
    name = split_name(folder)
    stem = () if name is None else name.stem
    words = _TOKEN.findall(_HUMP.sub(" ", folder))
    return " ".join(word for word in words if word.casefold() in stem)


def is_plain_split(folder: str) -> bool:
    """Whether the name is that of a split and nothing else."""
    name = split_name(folder)
    return name is not None and not name.stem


def is_unlabelled(folder: str) -> bool:
    """Whether the name says that nobody knows the classes of what is in it."""
    return not _UNLABELLED.isdisjoint(_words(folder))


def is_generic(folder: str) -> bool:
    """Whether the name says nothing, such as ``images`` or ``data 2``."""
    words = _words(folder)
    return bool(words) and all(word in _GENERIC for word in words)


def is_aside(folder: str) -> bool:
    """Whether the name says what kind of files are in it, and not which class."""
    words = _words(folder)
    return bool(words) and all(word in _GENERIC | _ASIDE for word in words)


def stem_of(folder: str) -> tuple[str, ...]:
    """Return the words of a name."""
    return tuple(_words(folder))


def _split_of(word: str) -> str:
    if _SECOND_TEST.fullmatch(word):
        return "validation"
    return next((split for split, pattern in _WORDS.items() if pattern.fullmatch(word)), "")


def _words(folder: str) -> list[str]:
    words = [word.casefold() for word in _TOKEN.findall(_HUMP.sub(" ", folder))]
    text = " ".join(words)
    return text.replace("hold out", "holdout").replace("un labeled", "unlabeled").split()
