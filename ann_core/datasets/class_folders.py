"""A data set as folders of classes: names that every disk takes, and the way back.

Classes are called what people like, and folders what Windows, macOS and Linux can all store.
Where the two differ, a small file beside the folders says which class each stands for; whoever
imports the folders here gets the very classes back.
"""

from __future__ import annotations

import json
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.layouts import Layout, SourceFile, recognise, with_class
from ann_core.datasets.split import SPLITS
from ann_core.datasets.validation import LeftOut
from ann_core.file_names import as_text, is_ignored
from ann_core.imaging.images import SUFFIXES

LABELS_FILE = "flatland-classes.json"

_ABOUT = "Which class each folder stands for, where a class cannot be the name of a folder."
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
# No files on Windows, whatever follows the first dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\s*")
_MAX_FOLDER, _MAX_FILE = 80, 150  # letters: a path stays below the 260 of Windows
_MAX_BYTES = 240  # of a name; disks take 255
_MAX_LABELS = 1_000_000
_MAX_CLASS = 255  # letters: what a folder's name can have
_ENDINGS = {"JPEG": ".jpg", "TIFF": ".tif"}  # others are called like their format


@dataclass(frozen=True)
class ClassFolders:
    """Names for the files of a data set.

    Attributes
    ----------
    names : tuple of str
        Path with slashes for each row of ``dataset.images``, no two alike on any disk.
    labels : str
        Content of `LABELS_FILE`; "" where the folders alone say everything.
    """

    names: tuple[str, ...]
    labels: str


def class_folders(dataset: Dataset, *, by_split: bool) -> ClassFolders:
    """Name the files of a data set ``cat/1.jpg``, or ``train/cat/1.jpg``.

    Files keep the names that their owner gave them where every disk takes them; a second one
    of the same name gets a number, and so does one whose name cannot be kept.
    """
    images = dataset.images
    folders = _folders(dataset.class_names)
    seen: Counter[str] = Counter()
    names = []
    columns = (images["source"], images["format"], images["class_name"], images["split"])
    for row, (source, kind, class_name, split) in enumerate(zip(*columns, strict=True)):
        folder = folders[class_name]
        folder = f"{split}/{folder}" if by_split else folder
        names.append(f"{folder}/{_free(_file_name(source, kind, row), folder, seen)}")
    splits = images["split"] if by_split else [None] * len(images)
    expected = list(zip(names, images["class_name"], splits, strict=True))
    if _says_everything(expected):
        return ClassFolders(tuple(names), "")
    classes = {folder: class_name for class_name, folder in folders.items()}
    labels = {"about": _ABOUT, "by_split": by_split, "classes": classes}
    return ClassFolders(tuple(names), json.dumps(labels, ensure_ascii=False, indent=1) + "\n")


def with_labels(files: Sequence[SourceFile]) -> Layout | None:
    """As `recognise`, for files beside which `LABELS_FILE` lies; None if it does not.

    It is a stranger's: one that is damaged, or names what is no class, does not count.
    """
    matches = [file for file in files if PurePosixPath(file.name).name == LABELS_FILE]
    if len(matches) != 1 or (labels := _read(matches[0].path)) is None:
        return None
    root, (classes, by_split) = PurePosixPath(matches[0].name).parent, labels
    by_class: dict[str, list[SourceFile]] = {}
    splits: dict[str, str] = {}
    left_out = []
    for file in files:
        path = PurePosixPath(file.name)
        if file is matches[0] or is_ignored(file.name):
            continue
        folders = path.relative_to(root).parts[:-1] if path.is_relative_to(root) else ()
        split, *rest = folders if by_split and folders else ("", *folders)
        if len(rest) != 1 or rest[0] not in classes or (by_split and split not in SPLITS):
            left_out.append(LeftOut(file.name, f"{LABELS_FILE} does not name its folder"))
            continue
        by_class.setdefault(classes[rest[0]], []).append(file)
        splits[file.name] = split
    layout = with_class(by_class)
    candidates = [replace(c, split=splits[c.file.name] or None) for c in layout.candidates]
    return replace(layout, candidates=candidates, left_out=[*left_out, *layout.left_out])


def _says_everything(expected: Sequence[tuple[str, str, str | None]]) -> bool:
    """Whether the folders alone come back in as what they are."""
    files = [SourceFile(name, Path(name)) for name, *_ in expected]
    layout = recognise(files, look_inside=False)
    got = {(c.file.name, c.class_name, c.split) for c in layout.candidates}
    return not layout.left_out and got == set(expected)


def _read(path: Path) -> tuple[dict[str, str], bool] | None:
    """Read which class each folder stands for, and whether folders of splits lie around them."""
    try:
        if path.stat().st_size > _MAX_LABELS:
            return None
        labels = json.loads(path.read_bytes())
        classes, by_split = labels["classes"], labels["by_split"]
        fits = all(map(_is_class, classes.values())) and isinstance(by_split, bool)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return (classes, by_split) if fits else None


def _is_class(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _MAX_CLASS and as_text(name) == name


def _folders(class_names: Sequence[str]) -> dict[str, str]:
    seen: Counter[str] = Counter()
    kept = {name: name for name in class_names if _safe(name, _MAX_FOLDER) == name}
    folders = {}
    for name in (*kept, *(each for each in class_names if each not in kept)):
        folders[name] = _free(_safe(name, _MAX_FOLDER), "", seen)
    return folders


def _file_name(source: str, kind: str, row: int) -> str:
    """Return the name of an image without its folders, or a number if it cannot be kept."""
    name = source.replace("\\", "/").rpartition("/")[2]
    ending = PurePosixPath(name).suffix
    if ending.lower() not in SUFFIXES:
        name += _ENDINGS.get(kind, f".{kind.lower()}")
    if _safe(name, _MAX_FILE) == name:
        return name
    return f"{row:06d}{PurePosixPath(name).suffix.lower()}"


def _safe(name: str, most: int) -> str:
    """Change a name as little as every disk demands, to so many letters at most."""
    name = "".join(each if each.isprintable() else "_" for each in name)
    name = _FORBIDDEN.sub("_", name)
    name = name[:most]
    while len(name.encode()) > _MAX_BYTES:
        name = name[:-1]
    end = len(name.rstrip(". "))
    start = len(name) - len(name.lstrip(" "))
    name = "_" * start + name[start:end] + "_" * (len(name) - end) if end else "_" * len(name)
    is_device = _DEVICES.fullmatch(name.partition(".")[0].casefold())
    return f"_{name}" if not name or is_device or is_ignored(name) else name


def _free(name: str, folder: str, seen: Counter[str]) -> str:
    """Give a name that a disk would take for one that was given before a number of its own."""
    stem, suffix = posixpath.splitext(name)
    free = name
    while seen[_alike(f"{folder}/{free}")]:
        seen[_alike(f"{folder}/{name}")] += 1
        free = f"{stem} ({seen[_alike(f'{folder}/{name}')]}){suffix}"
    seen[_alike(f"{folder}/{free}")] = 1
    return free


def _alike(path: str) -> str:
    """Return the same text for names that are one to disks that do not tell case, or accents."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
