"""Read every image of a data set once, and keep what all later stages need."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FEATURES_FILE, publish_table, table_of
from ann_core.datasets.integrity import check_unchanged, read_all_unchanged
from ann_core.datasets.profile.measures import MEASURES, summarise
from ann_core.files import ProgressCallback, no_progress, write_array
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.imaging.reading import ReadImage, ReadOptions

SIDE = 96
SMALL = PreprocessConfig()  # the article's: gray, squashed to 96 x 96
SCAN_OPTIONS = ReadOptions(SMALL, measures=True)
"""What a scan needs of each image."""

BLOCK = 256  # images in memory at a time

MEASURES_FILE = "measures.npy"
"""Beside a table of features: what `Scan.values` are of the same images."""

_PIXELS_FILE = "pixels.bin"


@dataclass(frozen=True)
class Scan:
    """All images, small and gray, with their measures.

    Attributes
    ----------
    pixels : uint8 memory map, shape (n_images, 9216)
        As `ann_core.datasets.features` has them with the article's steps.
    values : float64 array, shape (n_images, 7)
        Columns `ann_core.datasets.profile.measures.MEASURES`.
    """

    pixels: np.ndarray
    values: np.ndarray

    def take(self, rows: Sequence[int], folder: Path) -> Scan:
        """Only some of the images, in this order; `folder` takes the file behind them."""
        if len(rows) == len(self.pixels) and np.array_equal(rows, np.arange(len(rows))):
            return self
        writer = ScanWriter(folder, "chosen.bin")
        with writer:
            for row in rows:
                writer.write(self.pixels[row].tobytes())
        return Scan(writer.pixels(), self.values[list(rows)])


class ScanWriter:
    """Makes a `Scan` of images that are read for another purpose too.

    Parameters
    ----------
    folder : Path
        Takes the file behind ``Scan.pixels``, 9,216 bytes an image.
    """

    def __init__(self, folder: Path, name: str = _PIXELS_FILE) -> None:
        self._path = folder / name
        self._values: list[np.ndarray] = []
        self._block: list[ReadImage] = []

    def __enter__(self) -> ScanWriter:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, row: bytes) -> None:
        """Take the pixels of the next image."""
        self._file.write(row)

    def add(self, image: ReadImage) -> None:
        """Take the next image, read as `SCAN_OPTIONS`."""
        self.write(image.row)
        self._block.append(image)
        if len(self._block) == BLOCK:
            self._measure()

    def pixels(self) -> np.ndarray:
        """Map what was written."""
        n_images = self._path.stat().st_size // SIDE**2
        shape = (n_images, SIDE**2)
        if not n_images:  # an empty file cannot be mapped
            return np.empty(shape, dtype=np.uint8)
        return np.memmap(self._path, dtype=np.uint8, mode="r", shape=shape)

    def finish(self) -> Scan:
        """Close the file, and give all that was added."""
        self._file.close()
        self._measure()
        return Scan(self.pixels(), np.concatenate([np.empty((0, len(MEASURES))), *self._values]))

    def _measure(self) -> None:
        if self._block:
            histograms = np.array([image.histogram for image in self._block], dtype=np.int64)
            sharpness = [image.sharpness for image in self._block]
            self._values.append(np.column_stack([summarise(histograms), sharpness]))
            self._block.clear()


def scan(
    dataset: Dataset,
    folder: Path,
    progress: ProgressCallback = no_progress,
    *,
    features_dir: Path | None = None,
) -> Scan:
    """Find what an import has kept of its images, or read them all.

    Parameters
    ----------
    folder : Path
        Takes the file behind ``Scan.pixels``, 9,216 bytes an image.
    progress : callable
        Called with images read and images in all.
    features_dir : Path, optional
        ``Settings.features_dir``.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import, or cannot be read.
    """
    check_unchanged(dataset)
    if features_dir is not None and (kept := _kept(dataset, features_dir)) is not None:
        progress(len(dataset), len(dataset))
        return kept
    options = ReadOptions(_small(dataset), measures=True)
    images = read_all_unchanged(dataset, options, progress=progress)
    with contextlib.closing(images), ScanWriter(folder) as writer:
        for image in images:
            writer.add(image)
        return writer.finish()


def keep_scan(dataset: Dataset, scanned: Scan, features_dir: Path) -> None:
    """Keep what was read of all images: as a table of features, with measures beside it.

    Parameters
    ----------
    scanned : Scan
        Read by `SCAN_OPTIONS`.

    Raises
    ------
    DiskFullError
    """
    rows = (row.tobytes() for row in scanned.pixels)
    with publish_table(dataset, SMALL, features_dir, rows=rows) as folder:
        write_array(folder / MEASURES_FILE, scanned.values)


def _small(dataset: Dataset) -> PreprocessConfig:
    return SMALL.model_copy(update={"bits_used": dataset.info.bits_used})


def _kept(dataset: Dataset, features_dir: Path) -> Scan | None:
    folder = table_of(dataset, _small(dataset), features_dir)
    if folder is None:
        return None
    try:
        values = np.load(folder / MEASURES_FILE, allow_pickle=False)
    except (OSError, EOFError, ValueError):
        return None
    if values.shape != (len(dataset), len(MEASURES)):
        return None
    return Scan(np.load(folder / FEATURES_FILE, mmap_mode="r"), values)
