"""Names of files: how they sort, which are litter, how they are written as text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

NaturalKey = tuple[list[tuple[int, str]], str]

_LITTER = {"thumbs.db", "desktop.ini", "__macosx"}


def natural_key(name: str) -> NaturalKey:
    """Sort key under which ``cat.2`` comes before ``cat.10``.

    Names that differ in case or leading zeros only keep a fixed order too. Why it is not
    natsort's: ``docs/adr/0007-by-hand.md``.
    """
    parts = re.split(r"(\d+)", name.casefold())
    # Digits are compared as text, for Python refuses to read 5,000 of them as a number.
    digits = [part.lstrip("0") if part.isdecimal() else part for part in parts]
    ranks = [len(part) if number % 2 else -1 for number, part in enumerate(digits)]
    return list(zip(ranks, digits, strict=True)), name


def is_ignored(name: str) -> bool:
    """Whether a file is litter of an operating system or hidden.

    Parameters
    ----------
    name : str
        Relative path with slashes.
    """
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") or part.lower() in _LITTER for part in parts)


def as_text(name: str) -> str:
    """Replace the bytes of a file name that are no text, as old disks have them."""
    return name.encode(errors="replace").decode()
