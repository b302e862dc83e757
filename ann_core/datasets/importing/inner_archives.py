"""Archives among the files: one for each class is opened, others are named.

``cat.zip`` and ``dog.zip`` stand for folders ``cat`` and ``dog``. ``train.zip`` and ``test.zip``
do not: which of them is wanted is for people to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ann_core.datasets.importing.archive_limits import ArchiveLimits
from ann_core.datasets.importing.archives import unpack
from ann_core.datasets.importing.layouts import SourceFile, is_image
from ann_core.datasets.importing.name_encodings import Encoding
from ann_core.datasets.importing.split_words import split_name
from ann_core.datasets.importing.splits import agreeing
from ann_core.datasets.validation import LeftOut
from ann_core.errors import ArchiveError, DatasetError
from ann_core.file_names import archive_stem, is_archive, is_ignored, tidy


@dataclass
class Opened:
    """Files, those of inner archives among them, under the name of the archive as a folder."""

    files: list[SourceFile] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def archives_of_classes(names: Sequence[str]) -> list[str]:
    """List the archives that hold a class each, if that is what these files are.

    Raises
    ------
    DatasetError
        If there are archives and no pictures, and the archives are no classes.
    """
    names = [name for name in names if not is_ignored(name)]
    archives = sorted(name for name in names if is_archive(name))
    if not archives or any(is_image(name) for name in names):
        return []
    stems = sorted({tidy(archive_stem(name)) for name in archives})
    if len(stems) > 1 and not agreeing(stems):
        return archives
    listed = ", ".join(f"'{PurePosixPath(name).name[:60]}'" for name in archives[:5])
    trains = [a for a in archives if (n := split_name(archive_stem(a))) and n.split == "train"]
    one = PurePosixPath((trains or archives)[0]).name[:60]
    raise DatasetError(
        f"Expected pictures, but found other archives: {listed}"
        f"{', ...' if len(archives) > 5 else ''}. Unpack this one, and import '{one}' by itself "
        "(or unpack that too, and import the folder)."
    )


def open_inner(
    files: list[SourceFile],
    folder: Path,
    limits: ArchiveLimits,
    *,
    encoding: Encoding | None = None,
) -> Opened:
    """Unpack archives that hold a class each into `folder`; all of them keep one limit.

    Raises
    ------
    ArchiveError
        If one of them is refused.
    DatasetError
        As `archives_of_classes`.
    """
    archives = set(archives_of_classes([file.name for file in files]))
    if not archives:
        return Opened(files)
    opened = Opened([file for file in files if file.name not in archives])
    for number, file in enumerate(f for f in files if f.name in archives):
        unpacked = folder / f"archive-{number}"
        unpacked.mkdir()
        try:
            inside, damaged, _ = unpack(file.path, unpacked, limits, encoding=encoding)
        except ArchiveError as error:
            raise ArchiveError(f"'{PurePosixPath(file.name).name[:60]}': {error}") from error
        n_bytes = sum(each.path.stat().st_size for each in inside)
        limits = limits.without(n_bytes, len(inside) + len(damaged))
        prefix = PurePosixPath(file.name).parent / archive_stem(file.name)
        opened.files += [SourceFile(f"{prefix}/{each.name}", each.path) for each in inside]
        opened.left_out += [LeftOut(f"{prefix}/{each.name}", each.reason) for each in damaged]
    opened.notes = (describe_archives(sorted(archives)),)
    return opened


def describe_archives(archives: Sequence[str]) -> str:
    """Say that each of these archives is taken for a class."""
    listed = ", ".join(f"'{archive_stem(name)[:40]}'" for name in archives[:5])
    return f"each of {len(archives):,} archives is a class: {listed}"
