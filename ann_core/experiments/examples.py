"""What the networks of an experiment are given, for people to look at."""

from __future__ import annotations

import numpy as np

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.integrity import open_unchanged
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess, squeeze_gray
from ann_core.runs.experiments import PlannedRun

N_IMAGES = 6

_ZOOM = 4  # a pixel of the network becomes a square of so many
_GAP = 4


def image_kinds(plan: tuple[PlannedRun, ...]) -> dict[str, PreprocessConfig]:
    """Name the kinds of images that an experiment uses, if there are more than one."""
    kinds = {
        "scrambled" if each.config.preprocess.scramble_seed else "as they are": each
        for each in plan
    }
    return {name: each.config.preprocess for name, each in kinds.items()} if len(kinds) > 1 else {}


def example_strip(dataset: Dataset, preprocess_config: PreprocessConfig) -> np.ndarray:
    """Lay some test images beside each other, each pixel as a square.

    Returns
    -------
    uint8 array, shape (height, width) or (height, width, 3)
    """
    rows = dataset.indices("test")
    chosen = rows[np.linspace(0, len(rows) - 1, min(N_IMAGES, len(rows))).round().astype(int)]
    images = []
    for row in chosen:
        image = open_unchanged(dataset, int(row), preprocess_config.bits_used)
        pixels = preprocess(image, preprocess_config)
        large = pixels.repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
        images.append(np.pad(large, ((0, 0), (0, _GAP), (0, 0)), constant_values=255))
    return squeeze_gray(np.concatenate(images, axis=1)[:, :-_GAP])
