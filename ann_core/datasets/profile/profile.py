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
from ann_core.datasets.origin import note_origin, note_use
from ann_core.datasets.profile.class_means import class_images
from ann_core.datasets.profile.duplicates import exact_groups, near_groups
from ann_core.datasets.profile.issues import Issue, Kind, find_issues
from ann_core.datasets.profile.label_mistakes import (
    LabelCheck,
    LabelMistakes,
    find_label_mistakes,
)
from ann_core.datasets.profile.measures import measures_table
from ann_core.datasets.profile.patches import patch_features
from ann_core.datasets.profile.pixel_space import PixelSpace, embed, sample_rows
from ann_core.datasets.profile.scan import Scan, scan
from ann_core.datasets.profile.sprite import sprite_sheet
from ann_core.datasets.profile.steps import STEPS, part
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
_VERSION = 2  # of measures, rules and files; count up when their result changes
_EARLIER = 1  # can still be read: without label mistakes, and with fewer near duplicates
_ARRAYS = ("values", "class_means", "class_stds")
_SPACE_ARRAYS = ("rows", "coordinates", "explained", "axes", "neighbours", "distances")
# Where the stages end, of all steps of the progress.
_SCANNED, _COMPARED, _EMBEDDED, _DESCRIBED, _CHECKED = 700, 750, 900, 960, 990


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
    label_check : LabelCheck or None
        How far the label mistakes can be trusted; None if an earlier version made the profile,
        which did not look for them, nor for mirrored, turned and cut copies.
    """

    measures: pd.DataFrame
    issues: tuple[Issue, ...]
    class_names: tuple[str, ...]
    class_means: np.ndarray
    class_stds: np.ndarray
    pixel_space: PixelSpace
    sprite: bytes
    label_check: LabelCheck | None = None

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
    return profile_keys(dataset.fingerprint)[0]


def profile_keys(fingerprint: str) -> tuple[str, ...]:
    """Names that profiles of a data set may have: today's, then those of earlier versions.

    Parameters
    ----------
    fingerprint : str
        ``Dataset.fingerprint``.
    """
    versions = (_VERSION, _EARLIER)
    return tuple(content_key([fingerprint, version, PIL.__version__]) for version in versions)


def stored_key(dataset: Dataset, root: Path) -> str:
    """Name the profile that `load_profile` would open: today's unless only an earlier one is there.

    Parameters
    ----------
    root : Path
        ``Settings.profiles_dir``.
    """
    keys = profile_keys(dataset.fingerprint)
    return next((key for key in keys if (root / key / PROFILE_FILE).is_file()), keys[0])


def estimate_seconds(n_images: int) -> float:
    """How long a survey takes on a slow computer."""
    return n_images / _IMAGES_A_SECOND


def profile_dataset(
    dataset: Dataset,
    root: Path,
    progress: ProgressCallback = no_progress,
    *,
    features_dir: Path | None = None,
) -> DatasetProfile:
    """Find the profile of a data set, or make it; one by an earlier version is made anew.

    Parameters
    ----------
    root : Path
        ``Settings.profiles_dir``.
    progress : callable
        Called with thousandths done and 1,000 while it is made.
    features_dir : Path, optional
        ``Settings.features_dir``, where an import keeps what it has read of the images.

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
    folder = root / profile_key(dataset)
    there = _open_if_whole(dataset, folder)
    if there is not None:
        return there
    with staged_folder(root) as staging:
        prepared = staging / folder.name
        prepared.mkdir()
        looked = part(progress, 0, _SCANNED)
        scanned = scan(dataset, staging, looked, features_dir=features_dir)
        _compute(dataset, scanned, prepared, progress=progress)
        is_whole = lambda: _open_if_whole(dataset, folder) is not None  # noqa: E731
        publish_folder(prepared, folder, is_whole=is_whole)
    progress(STEPS, STEPS)
    return _open(dataset, folder)


def load_profile(dataset: Dataset, root: Path) -> DatasetProfile | None:
    """Open the profile of a data set, or give None if there is none that can be read."""
    folders = (root / key for key in profile_keys(dataset.fingerprint))
    opened = (_open_if_whole(dataset, folder) for folder in folders)
    return next((profile for profile in opened if profile is not None), None)


def _open_if_whole(dataset: Dataset, folder: Path) -> DatasetProfile | None:
    try:
        return _open(dataset, folder)
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def _compute(dataset: Dataset, scanned: Scan, folder: Path, *, progress: ProgressCallback) -> None:
    images, rows = dataset.images, np.arange(len(dataset))
    exact = exact_groups(images)
    compared = part(progress, _SCANNED, _COMPARED)
    near = near_groups(scanned.pixels, images, progress=compared)
    labels = dataset.labels
    means, stds = class_images(scanned.pixels, labels, rows, n_classes=len(dataset.class_names))
    sample = sample_rows(labels, rows)
    space = embed(scanned.pixels, sample, part(progress, _COMPARED, _EMBEDDED))
    mistakes = _judge_labels(dataset, scanned.pixels, progress)
    measures = measures_table(dataset, scanned.values)
    issues = find_issues(measures, exact, near, mistakes=mistakes, class_names=dataset.class_names)
    arrays = dict(zip(_ARRAYS, (scanned.values, means, stds), strict=True))
    for name, values in (arrays | _arrays_of(space)).items():
        write_array(folder / f"{name}.npy", values)
    write_bytes(folder / SPRITE_FILE, sprite_sheet(scanned.pixels, sample))
    about = {
        "issues": [asdict(issue) for issue in issues],
        "label_check": asdict(mistakes.check),
    }
    write_text(folder / PROFILE_FILE, json.dumps(about))
    note_origin(folder, dataset.fingerprint)


def _judge_labels(
    dataset: Dataset, pixels: np.ndarray, progress: ProgressCallback
) -> LabelMistakes:
    features = patch_features(pixels, progress=part(progress, _EMBEDDED, _DESCRIBED))
    return find_label_mistakes(
        *(features, dataset.labels),
        n_classes=len(dataset.class_names),
        progress=part(progress, _DESCRIBED, _CHECKED),
    )


def _arrays_of(space: PixelSpace) -> dict[str, np.ndarray]:
    return {name: getattr(space, name) for name in _SPACE_ARRAYS}


def _open(dataset: Dataset, folder: Path) -> DatasetProfile:
    about: dict[str, Any] = json.loads((folder / PROFILE_FILE).read_text())
    issues = tuple(_issue(values) for values in about["issues"])
    if about.get("unreadable"):
        raise ValueError("an earlier version left images out")
    note_use(folder, dataset.fingerprint)
    check = about.get("label_check")
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
        label_check=None if check is None else LabelCheck(**check),
    )


def _issue(values: dict[str, Any]) -> Issue:
    """Make tuples again of what JSON has as lists."""
    return Issue(**values | {name: tuple(values[name]) for name in ("rows", "leave_out")})
