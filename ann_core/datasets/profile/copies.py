"""Which images show the same, or nearly, before there is a profile that says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.duplicates import exact_groups, near_groups
from ann_core.datasets.profile.profile import load_profile
from ann_core.datasets.profile.scan import scan
from ann_core.files import ProgressCallback, no_progress

_KINDS = ("exact_duplicate", "near_duplicate")


def find_copies(
    dataset: Dataset,
    scratch: Path,
    *,
    profiles_dir: Path | None = None,
    progress: ProgressCallback = no_progress,
) -> list[tuple[int, ...]]:
    """List groups of rows that show the same: out of the profile, or else by reading all images.

    Parameters
    ----------
    scratch : Path
        Takes a file of 9,216 bytes an image, which the caller removes.
    profiles_dir : Path, optional
        ``Settings.profiles_dir``.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import.
    """
    profile = None if profiles_dir is None else load_profile(dataset, profiles_dir)
    if profile is not None and profile.label_check is not None:  # not by an earlier version
        return [issue.rows for issue in profile.issues if issue.kind in _KINDS]
    return copies_among(scan(dataset, scratch, progress).pixels, dataset.images, progress)


def copies_among(
    pixels: np.ndarray, images: pd.DataFrame, progress: ProgressCallback = no_progress
) -> list[tuple[int, ...]]:
    """As `find_copies`, of images that have been read.

    Parameters
    ----------
    pixels : uint8 array, shape (n_images, 9216)
    images : DataFrame
        As ``Dataset.images``.
    """
    groups = (*exact_groups(images), *near_groups(pixels, images, progress=progress))
    return [group.rows for group in groups]
