"""Which features, profiles and baselines were made of a data set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.features import ABOUT_FILE, feature_key
from ann_core.datasets.origin import finished_folders, origin_of
from ann_core.datasets.profile.profile import profile_keys
from ann_core.errors import ConfigError
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings


def folders_of(
    info: DatasetInfo, settings: Settings, *, remaining: Sequence[DatasetInfo]
) -> list[Path]:
    """List all that was made of a data set.

    Earlier versions did not note of what they had made a folder. Of those, tables of features
    name the data set, and a profile is listed if it belongs to none that remains, for then
    nobody can open it; baselines are not, for they hold nothing of an image.

    Parameters
    ----------
    remaining : sequence of DatasetInfo
        Data sets that stay.
    """
    roots = (settings.features_dir, settings.profiles_dir, settings.baselines_dir)
    noted = [
        path
        for root in roots
        for path in finished_folders(root)
        if origin_of(path) == info.fingerprint
    ]
    return [*noted, *_unnoted_tables(info, settings), *_unnoted_profiles(settings, remaining)]


def _unnoted_tables(info: DatasetInfo, settings: Settings) -> Iterator[Path]:
    for path in finished_folders(settings.features_dir):
        if not origin_of(path):
            name, key = _table_of(path, info)
            if name == info.name or key == path.name:
                yield path


def _table_of(folder: Path, info: DatasetInfo) -> tuple[str, str]:
    """Read of which data set a table says it is, and how it would be named if it were of `info`."""
    try:
        about = json.loads((folder / ABOUT_FILE).read_text())
        config = PreprocessConfig.parse(about["preprocess"])
        return str(about["dataset"]), feature_key(info.fingerprint, config)
    except (OSError, ValueError, KeyError, TypeError, ConfigError):
        return "", ""


def _unnoted_profiles(settings: Settings, remaining: Sequence[DatasetInfo]) -> Iterator[Path]:
    known = {key for info in remaining for key in profile_keys(info.fingerprint)}
    for path in finished_folders(settings.profiles_dir):
        if not origin_of(path) and path.name not in known:
            yield path
