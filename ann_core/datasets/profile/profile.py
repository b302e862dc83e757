"""The profile of a data set, computed once and stored: what the Explore page shows of it.

A profile is named by its content (the data set and the rules), so the same work
is never done twice; its folder may be deleted at any time.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import PIL

from ann_core.config import content_key
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.class_means import class_images
from ann_core.datasets.profile.duplicates import exact_groups, near_groups
from ann_core.datasets.profile.issues import Issue, Kind, find_issues
from ann_core.datasets.profile.measures import measures_table
from ann_core.datasets.profile.pixel_space import PixelSpace, embed, sample_rows
from ann_core.datasets.profile.scan import scan
from ann_core.datasets.profile.sprite import sprite_sheet
from ann_core.files import (
    ProgressCallback,
    no_progress,
    publish_folder,
    staged_folder,
    write_array,
    write_bytes,
    write_text,
)
from ann_core.stored_names import PROFILE_FILE

SPRITE_FILE = "sprite.jpg"

_IMAGES_A_SECOND = 250
_VERSION = 1  # of measures, rules and files; count up when their result changes
_ARRAYS = ("values", "class_means", "class_stds")
_SPACE_ARRAYS = ("rows", "coordinates", "explained", "axes", "neighbours", "distances")
_STEPS = 1000  # of the progress of all stages together
_SCANNED, _COMPARED, _EMBEDDED = 700, 750, 900  # where the stages end


@dataclass(frozen=True, eq=False)
class DatasetProfile:
    """What is in a data set, and what is wrong with it.

    Attributes
    ----------
    measures : DataFrame, a row an image in the order of ``Dataset.images``
        See `ann_core.datasets.profile.measures`.
    issues : tuple of Issue
        See `ann_core.datasets.profile.issues.RULES`.
    class_names : tuple of str
    class_means, class_stds : float32 memory maps, shape (n_classes, 96, 96)
        Of the gray, squashed images; intensities, 0 to 255.
    pixel_space : PixelSpace
    sprite : bytes
        The images of the pixel space on one sheet, see `ann_core.datasets.profile.sprite`.
    """

    measures: pd.DataFrame
    issues: tuple[Issue, ...]
    class_names: tuple[str, ...]
    class_means: np.ndarray
    class_stds: np.ndarray
    pixel_space: PixelSpace
    sprite: bytes

    def issues_of(self, kind: Kind) -> tuple[Issue, ...]:
        """Issues of one kind, in order."""
        return tuple(issue for issue in self.issues if issue.kind == kind)

    def rows_by_kind(self) -> dict[Kind, list[int]]:
        """Images with an issue, by its kind, in the order of the issues: the worst first."""
        rows: dict[Kind, list[int]] = {}
        for issue in self.issues:
            rows.setdefault(issue.kind, []).extend(issue.rows)
        return rows

    def rows_of(self, kind: Kind) -> np.ndarray:
        """int64 array, ascending: images with an issue of this kind."""
        rows = {row for issue in self.issues_of(kind) for row in issue.rows}
        return np.array(sorted(rows), dtype=np.int64)

    def leave_out(self, kind: Kind) -> np.ndarray:
        """int64 array, ascending: images that would go, see `Issue`."""
        rows = {row for issue in self.issues_of(kind) for row in issue.leave_out}
        return np.array(sorted(rows), dtype=np.int64)

    def mean_difference(self, first: str, second: str) -> np.ndarray:
        """float32 array, shape (96, 96): mean of class `first` less that of `second`."""
        at = self.class_names.index
        return np.asarray(self.class_means[at(first)] - self.class_means[at(second)])


def profile_key(dataset: Dataset) -> str:
    """Name the profile by what goes into it."""
    return content_key([dataset.fingerprint, _VERSION, PIL.__version__])


def estimate_seconds(n_images: int) -> float:
    """How long a survey takes on a slow computer."""
    return n_images / _IMAGES_A_SECOND


def profile_dataset(
    dataset: Dataset, root: Path, progress: ProgressCallback = no_progress
) -> DatasetProfile:
    """Find the profile of a data set, or make it.

    Parameters
    ----------
    root : Path
        ``Settings.profiles_dir``.
    progress : callable
        Called with thousandths done and 1,000 while it is made.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import, or cannot be read.
    DiskFullError
        If it does not fit on the disk.

    Notes
    -----
    After an error, nothing half written remains.
    """
    earlier = load_profile(dataset, root)
    if earlier is not None:
        return earlier
    folder = root / profile_key(dataset)
    with staged_folder(root) as staging:
        prepared = staging / folder.name
        prepared.mkdir()
        _compute(dataset, staging, prepared, progress=progress)
        publish_folder(prepared, folder, is_whole=lambda: load_profile(dataset, root) is not None)
    progress(_STEPS, _STEPS)
    return _open(dataset, folder)


def load_profile(dataset: Dataset, root: Path) -> DatasetProfile | None:
    """Open the profile of a data set, or give None if there is none that can be read."""
    try:
        return _open(dataset, root / profile_key(dataset))
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def _compute(dataset: Dataset, scratch: Path, folder: Path, *, progress: ProgressCallback) -> None:
    scanned = scan(dataset, scratch, _part(progress, 0, _SCANNED))
    images, rows = dataset.images, np.arange(len(dataset))
    exact = exact_groups(images)
    compared = _part(progress, _SCANNED, _COMPARED)
    near = near_groups(scanned.pixels, images, progress=compared)
    issues = find_issues(measures_table(dataset, scanned.values), exact, near)
    labels = dataset.labels
    means, stds = class_images(scanned.pixels, labels, rows, n_classes=len(dataset.class_names))
    sample = sample_rows(labels, rows)
    space = embed(scanned.pixels, sample, _part(progress, _COMPARED, _EMBEDDED))
    arrays = dict(zip(_ARRAYS, (scanned.values, means, stds), strict=True))
    for name, values in (arrays | _arrays_of(space)).items():
        write_array(folder / f"{name}.npy", values)
    write_bytes(folder / SPRITE_FILE, sprite_sheet(scanned.pixels, sample))
    about = {"issues": [asdict(issue) for issue in issues]}
    write_text(folder / PROFILE_FILE, json.dumps(about))


def _arrays_of(space: PixelSpace) -> dict[str, np.ndarray]:
    return {name: getattr(space, name) for name in _SPACE_ARRAYS}


def _open(dataset: Dataset, folder: Path) -> DatasetProfile:
    about: dict[str, Any] = json.loads((folder / PROFILE_FILE).read_text())
    issues = tuple(_issue(values) for values in about["issues"])
    if about.get("unreadable"):
        raise ValueError("an earlier version left images out")
    arrays = {
        name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
        for name in (*_ARRAYS, *_SPACE_ARRAYS)
    }
    return DatasetProfile(
        measures=measures_table(dataset, arrays["values"]),
        issues=issues,
        class_names=dataset.class_names,
        class_means=arrays["class_means"],
        class_stds=arrays["class_stds"],
        pixel_space=PixelSpace(**{name: arrays[name] for name in _SPACE_ARRAYS}),
        sprite=(folder / SPRITE_FILE).read_bytes(),
    )


def _issue(values: dict[str, Any]) -> Issue:
    """Make tuples again of what JSON has as lists."""
    return Issue(**values | {name: tuple(values[name]) for name in ("rows", "leave_out")})


def _part(progress: ProgressCallback, start: int, stop: int) -> ProgressCallback:
    """Report a stage as the part from `start` to `stop` of all steps."""

    def report(done: int, total: int) -> None:
        progress(start + (stop - start) * done // max(total, 1), _STEPS)

    return report
