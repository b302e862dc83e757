"""Names of files: how they sort, which are litter, how they are written as text."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

NaturalKey = tuple[list[tuple[int, str]], str]

# Of Windows, macOS, Linux, and the servers of Synology and QNAP.
_LITTER = {
    *("thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "picasa.ini"),
    *("$recycle.bin", "recycler", "system volume information", "found.000"),
    *("__macosx", "icon\r", "network trash folder", "temporary items"),
    *("lost+found", "@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@tmp"),
}
# What Windows and Synology keep beside a file, where a disk makes it a file of its own.
_STREAM = re.compile(r"(:(zone\.identifier|encryptable)|@syno(eastream|resource))$", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|(tar(\.(gz|bz2|xz))?)|tgz|tbz2?|txz)$", re.IGNORECASE)
_COPY_WORD = (
    r"([\s._-]+(copy|kopie|kopia|copie|copia|cópia|kopi|копия)|[\s._-]*(副本|コピー|複製|사본))"
)
_COPY_AFTER = re.compile(rf"([\s._-]*\(\d+\)|{_COPY_WORD}([\s._-]*\(?\d+\)?)?)$", re.IGNORECASE)
_COPY_BEFORE = re.compile(
    r"^(copy of|kopie von|copie de|copia di|copia de|cópia de)\s+", re.IGNORECASE
)
_QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"


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
    return any(
        part.startswith((".", "~$")) or part.lower() in _LITTER or _STREAM.search(part)
        for part in name.split("/")
        if part != "."
    )


def as_text(name: str) -> str:
    """Replace the bytes of a file name that are no text, as old disks have them."""
    return name.encode(errors="replace").decode()


def tidy(name: str) -> str:
    """Write a name as it is compared: letters and their accents as one, no spaces at the ends.

    macOS keeps the two apart ("e" and an accent) where Windows has one letter; both look alike.
    """
    return unicodedata.normalize("NFC", name).strip()


def is_archive(name: str) -> bool:
    """Whether a file ends like a zip or tar archive."""
    return _ARCHIVE.search(name) is not None


def archive_stem(name: str) -> str:
    """Return the last part of a path, without the ending of an archive: "pets" of "pets.tar.gz"."""
    return _ARCHIVE.sub("", PurePosixPath(name).name)


def archive_title(name: str) -> str:
    """Say what an archive is and what it is called, such as "zip file pets.zip"."""
    return (
        f"{'tar' if is_archive(name) and not name.lower().endswith('.zip') else 'zip'} file {name}"
    )


def without_copy_marks(stem: str) -> str:
    """Take away what systems add to the name of a copy: "cat.5" of "cat.5 - Copy (2)"."""
    while True:
        shorter = _COPY_AFTER.sub("", _COPY_BEFORE.sub("", stem))
        if not shorter or shorter == stem:
            return stem
        stem = shorter


def typed_path(text: str) -> Path:
    """Read a path as people paste it: in quotes, as a ``file://`` address, with ``~``.

    Raises
    ------
    OSError, RuntimeError, ValueError
        If no system takes it for a path.
    """
    text = text.strip().strip(_QUOTES).strip()
    if text.lower().startswith("file://"):
        text = unquote(text[len("file://") :].removeprefix("localhost"))
        text = text.removeprefix("/") if re.match(r"/[A-Za-z]:", text) else text
    path = Path(text).expanduser()
    if os.sep == "/" and "\\ " in text and not path.exists():  # dragged into a terminal
        path = Path(text.replace("\\ ", " ")).expanduser()
    return path
