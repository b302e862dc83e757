"""A data set of three classes that versions are made of, and the making in one call."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.edits import Edit
from ann_core.datasets.editing.versions import make_version

CLASSES = ("cat", "dog", "emu")
PATIENTS, PER_CLASS = 6, 12


def draw(path: Path, seed: int, size: int = 9) -> None:
    """Write a picture of noise, another one for each seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)
    Image.fromarray(values).save(path)


def draw_classes(folder: Path, split: str = "", *, n_images: int = PER_CLASS) -> Path:
    """Write `n_images` of each class; the names say which of six patients each is of."""
    for number, name in enumerate(CLASSES):
        for index in range(n_images):
            seed = 1000 * number + index + sum(map(ord, split))
            draw(folder / split / name / f"p{index % PATIENTS}_{split}{index}.png", seed)
    return folder


def version_of(
    dataset: Dataset,
    catalog: Catalog,
    *edits: Edit,
    name: str = "version",
    uploads: Path | None = None,
) -> Dataset:
    """Make a version by some edits."""
    options = VersionOptions(name, uploads_dir=uploads)
    return make_version(dataset, edits, catalog, options=options)


def rows_of(dataset: Dataset, class_name: str, split: str | None = None) -> tuple[int, ...]:
    """Rows of a class, or of a class in a split."""
    mask = dataset.images["class_name"] == class_name
    if split is not None:
        mask &= dataset.images["split"] == split
    return tuple(mask.to_numpy().nonzero()[0].tolist())
