"""What an import would make of files, told from their names before it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from ann_core.datasets.class_folders import LABELS_FILE
from ann_core.datasets.importing.archive_limits import ArchiveLimits, TooLargeError
from ann_core.datasets.importing.archives import names_in
from ann_core.datasets.importing.file_listing import files_in
from ann_core.datasets.importing.inner_archives import archives_of_classes, describe_archives
from ann_core.datasets.importing.layouts import (
    NO_IMAGE_NAME,
    Layout,
    LayoutRule,
    SourceFile,
    recognise,
)
from ann_core.datasets.importing.name_encodings import Encoding, describe_guess
from ann_core.datasets.split import SPLIT_NAMES, SPLITS
from ann_core.datasets.validation import NO_CLASS, LeftOut, check_classes, labels_not_read
from ann_core.file_names import natural_key
from ann_core.files import counted

MAX_BYTES = 256 * 1024**2
"""Of a tar file that is looked through beforehand; it has no table of contents."""

MAX_FILES = 200_000
"""In a folder that is looked through beforehand."""

TOO_LARGE = "It is too large to be looked through beforehand; the import report will say all."

_MAX_LISTED = 5


@dataclass(frozen=True)
class Preview:
    """What was decided, a sentence each.

    Attributes
    ----------
    sentences : tuple of str
        The first says what will be read as what.
    encoding : str or None
        What names were read in, if that had to be guessed.
    """

    sentences: tuple[str, ...]
    encoding: Encoding | None = None


def preview(
    source: Path | BinaryIO,
    *,
    reading: LayoutRule = "auto",
    encoding: Encoding | None = None,
    limits: ArchiveLimits | None = None,
) -> Preview:
    """Say what an import would make of a folder or an archive; only names are read.

    Raises
    ------
    ArchiveError, DatasetError
        What the import would refuse, as far as names tell.
    """
    limits = limits or ArchiveLimits()
    try:
        names, special, guessed = _names(source, limits, encoding)
    except TooLargeError:
        if limits.max_bytes <= MAX_BYTES:
            raise
        return Preview((TOO_LARGE,))
    archives = archives_of_classes(names)
    if archives:
        return Preview((_capital(describe_archives(archives)),), guessed)
    if reading == "auto" and any(PurePosixPath(name).name == LABELS_FILE for name in names):
        return Preview((f"{LABELS_FILE} says which class each folder stands for.",), guessed)
    files = [SourceFile(name, Path(name)) for name in names]
    layout = recognise(files, reading, look_inside=False)
    layout = replace(layout, left_out=[*special, *layout.left_out])
    check_classes(Counter(c.class_name for c in layout.candidates), layout.left_out)
    notes = describe_guess(guessed, names) if guessed else ()
    layout = replace(layout, notes=(*notes, *layout.notes))
    return Preview((*describe_layout(layout), *describe_counts(_counts(layout))), guessed)


def describe_layout(layout: Layout) -> tuple[str, ...]:
    """Say which images are read as what, what is left out, and what else was decided."""
    by_split = Counter(candidate.split or "" for candidate in layout.candidates)
    class_names = sorted({c.class_name for c in layout.candidates}, key=natural_key)
    listed = ", ".join(name[:40] for name in class_names[:_MAX_LISTED])
    classes = f"{len(class_names):,} classes ({listed}{', ...' * (len(class_names) > _MAX_LISTED)})"
    named = [s for s in SPLITS if s in by_split]
    if named:
        first, *others = named
        parts = [f"{first} {counted(by_split[first])} in {classes}"]
        parts += [f"{split} {by_split[split]:,}" for split in others]
    else:
        parts = [f"{counted(by_split[''])} in {classes}, split anew"]
    reasons = Counter(note.reason for note in layout.left_out)
    parts += [_left_out(reason, n) for reason, n in reasons.most_common(_MAX_LISTED)]
    n_more = len(layout.left_out) - sum(n for _, n in reasons.most_common(_MAX_LISTED))
    parts += [f"{n_more:,} more left out"] if n_more else []
    notes = (*layout.notes, *labels_not_read(layout.left_out), *_drawn(named))
    return (f"Read as: {'; '.join(parts)}.", *map(_capital, notes))


def describe_counts(counts: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    """Say which classes have no image in a split: nothing can be said of them there."""
    sentences = []
    for split in SPLITS:
        without = [name for name, of_class in counts.items() if not of_class.get(split)]
        if without:
            listed = ", ".join(f"'{name[:40]}'" for name in without[:_MAX_LISTED])
            more = f" and {len(without) - _MAX_LISTED:,} more" if without[_MAX_LISTED:] else ""
            sentences.append(f"There is no {SPLIT_NAMES[split]} picture of {listed}{more}.")
    return tuple(sentences)


def _names(
    source: Path | BinaryIO, limits: ArchiveLimits, encoding: Encoding | None
) -> tuple[list[str], list[LeftOut], Encoding | None]:
    if isinstance(source, Path) and source.is_dir():
        files, special = files_in(source, max_files=MAX_FILES)
        return [file.name for file in files], special, None
    names, guessed = names_in(source, limits, encoding=encoding, max_tar_bytes=MAX_BYTES)
    return names, [], guessed


def _drawn(given: list[str]) -> tuple[str, ...]:
    """Say what becomes of the splits that the files do not bring, if they bring some."""
    names = " and ".join(SPLIT_NAMES[split] for split in SPLITS if split not in given)
    if not given or not names:
        return ()
    return (f"no folder is for {names}: pictures for it are drawn from the training pictures",)


def _counts(layout: Layout) -> dict[str, dict[str, int]]:
    """Count by class and split, as far as that is known; what is drawn has images of each."""
    given = {candidate.split for candidate in layout.candidates if candidate.split}
    counts: dict[str, dict[str, int]] = {}
    for candidate in layout.candidates:
        of_class = counts.setdefault(candidate.class_name, {s: 1 for s in SPLITS if s not in given})
        split = candidate.split or "train"
        of_class[split] = of_class.get(split, 0) + 1
    return counts


def _left_out(reason: str, n_files: int) -> str:
    if reason == NO_CLASS:
        return f"{n_files:,} without a class left out"
    if reason == NO_IMAGE_NAME:
        return f"{n_files:,} not named like {'pictures' if n_files > 1 else 'a picture'} left out"
    return f"{n_files:,} left out because {reason}"


def _capital(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}{'' if note.endswith('.') else '.'}"
