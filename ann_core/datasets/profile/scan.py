"""Decode every image of a data set once, and keep what all later stages need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.integrity import check_unchanged, open_unchanged
from ann_core.datasets.profile.measures import MEASURES, sharpness, summarise
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess

SIDE = 96
SMALL = PreprocessConfig()  # the article's: gray, squashed to 96 x 96
BLOCK = 256  # images in memory at a time

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


def scan(dataset: Dataset, folder: Path, progress: ProgressCallback = no_progress) -> Scan:
    """Read all images, block by block.

    Parameters
    ----------
    folder : Path
        Takes the file behind ``Scan.pixels``, 9,216 bytes an image.
    progress : callable
        Called with images read and images in all.

    Raises
    ------
    DatasetError
        If an image was edited or removed since the import, or cannot be read.
    """
    check_unchanged(dataset)
    n_images = len(dataset)
    values = np.full((n_images, len(MEASURES)), np.nan)
    path = folder / _PIXELS_FILE
    with path.open("wb") as file:
        for start in range(0, n_images, BLOCK):
            block = _Block(min(BLOCK, n_images - start))
            for index in range(len(block.pixels)):
                progress(start + index, n_images)
                block.put(index, open_unchanged(dataset, start + index, dataset.info.bits_used))
            values[start : start + BLOCK] = block.values()
            file.write(block.pixels.tobytes())
    progress(n_images, n_images)
    pixels = np.memmap(path, dtype=np.uint8, mode="r", shape=(n_images, SIDE * SIDE))
    return Scan(pixels, values)


class _Block:
    """Images that were just read."""

    def __init__(self, size: int) -> None:
        self.pixels = np.empty((size, SIDE * SIDE), dtype=np.uint8)
        self.histograms = np.empty((size, 256), dtype=np.int64)
        self.sharpness = np.empty(size)

    def put(self, index: int, image: Image.Image) -> None:
        gray = image.convert("L")
        self.pixels[index] = preprocess(gray, SMALL).ravel()
        self.histograms[index] = gray.histogram()
        self.sharpness[index] = sharpness(gray)

    def values(self) -> np.ndarray:
        return np.column_stack([summarise(self.histograms), self.sharpness])
