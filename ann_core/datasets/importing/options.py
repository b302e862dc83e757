"""How images are brought in, whatever they come as."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import Balance
from ann_core.datasets.features import feature_key
from ann_core.datasets.importing.archive_limits import ArchiveLimits
from ann_core.datasets.importing.layouts import LayoutRule
from ann_core.datasets.importing.name_encodings import Encoding
from ann_core.datasets.profile.scan import SIDE, SMALL, Scan, keep_scan
from ann_core.datasets.split import SplitConfig
from ann_core.errors import DiskFullError


@dataclass(frozen=True)
class ImportOptions:
    """How images are brought in, whatever they come as.

    Attributes
    ----------
    split : SplitConfig
        The rule and its shares; splits that come with the data are kept.
    source : str
        Where they come from, in words; by default the name of the folder or file.
    limits : ArchiveLimits
        Of an archive.
    job, owner : str
        See `DatasetInfo`; by default it belongs to all.
    balance : Balance or None
        What is left out of classes that are too large or too small.
    reading : str
        How folders and names are read, see `ann_core.datasets.importing.layouts.LAYOUT_RULES`.
    encoding : str or None
        Of names in an archive that do not say theirs; guessed if None.
    features_dir : Path or None
        ``Settings.features_dir``: takes what is made of each image while it is decoded anyway,
        features by the article's steps and measures for the survey; None to do without.
    """

    split: SplitConfig = field(default_factory=SplitConfig)
    source: str = ""
    limits: ArchiveLimits = field(default_factory=ArchiveLimits)
    job: str = ""
    owner: str = ""
    balance: Balance | None = None
    reading: LayoutRule = "auto"
    encoding: Encoding | None = None
    features_dir: Path | None = None

    def keeps(self, n_images: int) -> bool:
        """Whether there is a folder, and enough room, for what is made of so many images."""
        return self.features_dir is not None and n_images * SIDE**2 <= self.limits.max_bytes

    def keep(self, dataset: Dataset, scanned: Scan, *, files: Sequence[str], staging: Path) -> None:
        """Keep what was made of the images that stayed; what is not kept is made again later.

        Parameters
        ----------
        files : sequence of str
            Of all images in `scanned`.
        staging : Path
            Takes a file, if some did not stay.
        """
        if self.features_dir is None or not self.keeps(len(files)):
            return
        position = {file: row for row, file in enumerate(files)}
        with contextlib.suppress(DiskFullError):
            chosen = scanned.take([position[file] for file in dataset.images["file"]], staging)
            keep_scan(dataset, chosen, self.features_dir)
        if not dataset.folder.is_dir():  # it was erased meanwhile, with all that was there then
            key = feature_key(dataset.fingerprint, SMALL)
            shutil.rmtree(self.features_dir / key, ignore_errors=True)
