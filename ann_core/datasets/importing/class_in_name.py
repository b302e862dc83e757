"""The class of an image in the name of its file: ``cat.123.jpg``, and copies of that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from ann_core.file_names import tidy, without_copy_marks

_CLASS_IN_NAME = re.compile(r"(?P<name>.*?[^\W\d_])[\s._-]*\(?\d+\)?")


def class_in_name(name: str) -> str:
    """Read the class before the number of a file; "" if there is none.

    Examples
    --------
    >>> class_in_name("pets/cat.5 - Copy (2).jpg")
    'cat'
    """
    stem = tidy(PurePosixPath(name).stem)
    original = without_copy_marks(stem)
    match = _CLASS_IN_NAME.fullmatch(original)
    if match:
        return match["name"]
    return original if original != stem and not original.isdecimal() else ""


def with_bare_names(names: Sequence[str], classes: Sequence[str]) -> list[str]:
    """Take ``cat.jpg`` for a cat where others are called ``cat.1.jpg``."""
    known = set(classes)
    stems = (tidy(PurePosixPath(name).stem) for name in names)
    return [
        class_name or (stem if stem in known else "")
        for class_name, stem in zip(classes, stems, strict=True)
    ]
