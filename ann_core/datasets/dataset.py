"""A data set: an index of images with class and split, and where they lie."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import Field

from ann_core.config import Config
from ann_core.datasets.split import SplitConfig
from ann_core.imaging.preprocessing import MAX_BITS, MIN_BITS

COLUMNS = (
    *("file", "class_name", "split"),
    *("width", "height", "format", "mode", "bytes", "sha256"),
    "source",
)
GROUP = "group"
"""One column more, of data sets that came with a table of groups; "" for an image of none."""

_N_SUFFIX = 9
_SUFFIX = re.compile(r"\.[a-z0-9]{8}")


@dataclass(frozen=True)
class FiledBy:
    """Which job brings a data set in, and for whom; fields as in `DatasetInfo`."""

    job: str = ""
    owner: str = ""


FEW_BITS = 14
"""Of 16: images that use more are about as bright as others, and are taken as they are."""


class DatasetInfo(Config):
    """What ``dataset.json`` says: all of a data set but its images.

    Attributes
    ----------
    name : str
        That of its folder, whatever the file says; `display_name` is what people call it.
    counts : dict of class name to dict of split to int
        Number of images.
    fingerprint : str
        Names the content: bytes of every image, classes and splits.
    job : str
        Id of the job that brought it in, so that a second try of the job knows its own; ""
        if it was brought in without one.
    reading : tuple of str
        How its files were read when it was brought in, a sentence each.
    parent : str
        Name of the data set of which this is a new version, as it was called then; "" of one
        that was brought in.
    parent_fingerprint : str
        Names its content, for it may be renamed.
    changes : tuple of str
        What the version changed, a line each.
    owner : str or None
        Digest of its owner's key, as `Job.owner`; "" belongs to all, None is from before owners
        were kept. Who may see it: `ann_core.runs.dataset_owners`.
    link_key : str
        Secret of which the keys of its links are made; "" if it has none.
    bits_used : int
        Bits that the values of its 16-bit gray images take: 12 if the greatest of all is below
        4,096. 16 if they take more than `FEW_BITS`, or if there are none.
    archive_key : str
        Names the archive that it was made of, and how that was read, so that it need not be read
        again; "" if it was made of something else, or before this was noted.
    """

    name: str
    source: str
    created: str
    class_names: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    n_images: int
    n_skipped: int
    fingerprint: str
    split: SplitConfig
    job: str = ""
    reading: tuple[str, ...] = ()
    parent: str = ""
    parent_fingerprint: str = ""
    changes: tuple[str, ...] = ()
    owner: str | None = None
    link_key: str = Field("", repr=False)
    bits_used: int = Field(default=MAX_BITS, ge=MIN_BITS, le=MAX_BITS)
    archive_key: str = ""
    schema_version: int = 1

    @property
    def about_bits(self) -> str:
        """Say that its 16-bit images use few levels, and what is done about it; "" if not."""
        if self.bits_used == MAX_BITS:
            return ""
        return (
            f"Its 16-bit pictures use {1 << self.bits_used:,} of 65,536 levels ({self.bits_used} "
            "of 16 bits). They are stretched to all from black to white, by the same rule here, "
            f"in training and in prediction, unless {MAX_BITS} bits are chosen."
        )

    @property
    def n_found(self) -> int:
        """Files that were found: taken and left out."""
        return self.n_images + self.n_skipped

    def as_dict(self) -> dict[str, Any]:
        """Plain values by name, for JSON: all but the secret."""
        return self.model_dump(mode="json", exclude={"link_key"})

    def n_images_of(self, split: str) -> int:
        """Count the images of a split, of all classes."""
        return sum(counts.get(split, 0) for counts in self.counts.values())


@dataclass(frozen=True)
class Dataset:
    """Images of two classes or more, ready for preprocessing.

    Attributes
    ----------
    images : DataFrame, one row an image, columns `COLUMNS`, or these and `GROUP`
        `file` is relative to `folder`; `source` is the name its owner gave it.
    skipped : DataFrame with columns source and reason
        Files that were left out at import.

    Notes
    -----
    Every file that was found is in one of the two tables, once. Folders do not count
    as found, and neither does what nobody put there on purpose: hidden files (their
    name, or that of a folder around them, begins with a dot), and the litter of systems and
    servers, such as ``Thumbs.db``, ``__MACOSX`` and ``@eaDir``. They are in neither table.
    """

    info: DatasetInfo
    folder: Path
    images: pd.DataFrame
    skipped: pd.DataFrame

    @property
    def name(self) -> str:
        """Unique within a catalog; also the name of its folder."""
        return self.info.name

    @property
    def class_names(self) -> tuple[str, ...]:
        """In the order of the labels and of the network's output nodes."""
        return self.info.class_names

    @property
    def fingerprint(self) -> str:
        """Names the content."""
        return self.info.fingerprint

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def labels(self) -> np.ndarray:
        """int64 array, shape (n_images,): index into `class_names`."""
        codes = pd.Categorical(self.images["class_name"], categories=list(self.class_names)).codes
        return np.asarray(codes, dtype=np.int64)

    def indices(self, split: str) -> np.ndarray:
        """int64 array: rows of `images` that belong to `split`."""
        return np.flatnonzero(self.images["split"].to_numpy() == split)

    def path(self, index: int) -> Path:
        """File of the image in row `index`."""
        return self.folder / str(self.images["file"].iat[index])


def display_name(name: str) -> str:
    """Return what people call a data set: without the letters that set it apart on a host."""
    return name.removesuffix(suffix_of(name))


def stored_name(name: str, token: str) -> str:
    """Make the name under which a host keeps a visitor's data set: same token, same name.

    Two visitors may call theirs alike, and neither learns of the other.
    """
    digest = hashlib.sha256(b"flatland data set " + token.encode()).digest()[:5]
    return f"{name}.{base64.b32encode(digest).decode().lower()}"


def suffix_of(name: str) -> str:
    """Return the dot and the letters behind it in the name of a visitor's data set; or ""."""
    return name[-_N_SUFFIX:] if _SUFFIX.fullmatch(name[-_N_SUFFIX:]) else ""


def fingerprint(images: pd.DataFrame) -> str:
    """Hash bytes, class and split of all images, in order."""
    digest = hashlib.sha256()
    columns = (images["sha256"], images["class_name"], images["split"])
    for row in zip(*columns, strict=True):
        digest.update("\0".join(row).encode() + b"\n")
    return digest.hexdigest()[:32]


def bits_used_by(peaks: Iterable[int]) -> int:
    """Say which bits the images of a data set use, by ``LoadedImage.peak`` of each.

    One rule for the whole data set, fixed by its brightest image: equal values stay equal.
    """
    highest = max(peaks, default=0)
    bits = max(MIN_BITS, highest.bit_length())
    return bits if highest and bits <= FEW_BITS else MAX_BITS


def count(images: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Images by class and split."""
    counts: dict[str, dict[str, int]] = {}
    for class_name, split in zip(images["class_name"], images["split"], strict=True):
        of_class = counts.setdefault(class_name, {})
        of_class[split] = of_class.get(split, 0) + 1
    return counts
