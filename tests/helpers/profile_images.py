"""Images with known faults, and a data set of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder

WIDTH, HEIGHT = 64, 48


def photograph(seed: int, *, low: int = 30, high: int = 225) -> Image.Image:
    """Blobs and grain: as unlike another seed's as two photographs are."""
    rng = np.random.default_rng(seed)
    blobs = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    values = np.asarray(blobs.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=float)
    values = np.clip(values + rng.normal(0, 20, values.shape), 0, 255)
    return Image.fromarray((low + values * (high - low) / 255).astype(np.uint8))


def jpeg(image: Image.Image, *, quality: int = 92) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def near_copy(image: Image.Image, *, size: tuple[int, int] = (50, 44), quality: int = 60) -> bytes:
    return jpeg(image.resize(size), quality=quality)


def blurred(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(6))


def signboard() -> Image.Image:
    """A white ground with a small red mark."""
    values = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    values[20:26, 20:40] = (220, 30, 30)
    return Image.fromarray(values)


def import_files(files: dict[str, bytes], root: Path, name: str = "survey") -> Dataset:
    """Import files by name, such as ``train/cat/1.jpg``."""
    for file, content in files.items():
        path = root / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return import_folder(root / name, name, Catalog(root / "datasets"))


def sound_files() -> dict[str, bytes]:
    """40 images without a fault: two classes, three splits."""
    files = {}
    for number in range(40):
        split = ("train", "train", "train", "validation", "test")[number % 5]
        class_name = ("cat", "dog")[number // 5 % 2]
        files[f"{split}/{class_name}/{number}.jpg"] = jpeg(photograph(number))
    return files


def rows_of(dataset: Dataset, *names: str) -> set[int]:
    sources = dataset.images["source"].tolist()
    return {sources.index(name) for name in names}
