"""The pictures that benchmarks work on: a zip that is named, or photographs that are made up.

``FLATLAND_BENCH_ZIP`` names a zip of photographs by class (the article's data set, say), and
``FLATLAND_BENCH_FULLSIZE_ZIP`` one of photographs in their original size. Without them, pictures of
the same number and size are drawn: cut at random from noise that is as smooth as photographs are,
so that their files are about as large. What is made once stays in ``.bench`` (FLATLAND_BENCH_DIR).
"""

import io
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import FeatureSet, load_features
from ann_core.datasets.importing.importer import import_folder, import_zip
from ann_core.files import staged_folder
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.settings import Settings
from benchmarks.timing import ROOT

NAME = "photographs"
_CANVAS, _LARGE_CANVAS = 1024, 2048  # pixels of the noise that pictures are cut from
_MANY = 100_000  # pictures, for which there must be enough positions
_QUALITY = 90


@dataclass(frozen=True)
class BenchmarkData:
    """Where pictures for benchmarks come from, and how many.

    Attributes
    ----------
    folder : Path
        What is made stays there for the next time.
    n_images, n_full_size : int
        Of the data set, and of the full-size pictures. A zip that is named has its own number.
    """

    folder: Path = field(
        default_factory=lambda: Path(os.environ.get("FLATLAND_BENCH_DIR", ROOT / ".bench"))
    )
    n_images: int = 22_498
    n_full_size: int = 4_000

    def archive(self) -> Path:
        """A zip of photographs, 180 x 180, in two classes."""
        named = os.environ.get("FLATLAND_BENCH_ZIP")
        if named:
            return Path(named).expanduser().resolve()
        path = self.folder / f"{self.n_images}.zip"
        if not path.exists():
            write_zip(path, self.n_images, (180, 180))
        return path

    def unpacked(self) -> Path:
        """The files of `archive`, in folders as they are there."""
        folder = self.folder / f"{_key(self.archive())}-files"
        if not folder.exists():
            with staged_folder(self.folder) as staging, zipfile.ZipFile(self.archive()) as archive:
                archive.extractall(staging / "files")
                (staging / "files").rename(folder)
        return folder

    def full_size(self) -> Path:
        """Folder of photographs of about 500 x 375 pixels, by class."""
        named = os.environ.get("FLATLAND_BENCH_FULLSIZE_ZIP")
        source = Path(named) if named else self.folder / f"{self.n_full_size}-full-size.zip"
        if not source.exists():
            write_zip(source, self.n_full_size, (500, 375))
        folder = self.folder / f"{_key(source)}-{self.n_full_size}-full-size"
        if not folder.exists():
            with staged_folder(self.folder) as staging:
                _write_repeated(source, staging / "files", self.n_full_size)
                (staging / "files").rename(folder)
        return folder

    def full_size_data_dir(self) -> Path:
        """Data folder of the app with the pictures of `full_size` imported as `NAME`."""
        source = self.full_size()
        catalog = Catalog((source.with_name(f"{source.name}-data")) / "datasets")
        if NAME not in {info.name for info in catalog.infos()}:
            import_folder(source, NAME, catalog)
        return catalog.root.parent

    def small_images(self, n_images: int) -> Path:
        """A zip of that many pictures, 64 x 64, always made up."""
        path = self.folder / f"{n_images}-small.zip"
        if not path.exists():
            write_zip(path, n_images, (64, 64))
        return path

    def data_dir(self) -> Path:
        """Data folder of the app with `archive` imported as `NAME`, and its features made."""
        folder = self.folder / f"{_key(self.archive())}-data"
        settings = Settings(data_dir=folder, database_url="")
        catalog = Catalog(settings.datasets_dir)
        if NAME not in {info.name for info in catalog.infos()}:
            import_zip(self.archive(), NAME, catalog)
        load_features(catalog.load(NAME), PreprocessConfig(), settings.features_dir)
        return folder

    def features(self) -> FeatureSet:
        """The features of `data_dir`: 96 x 96, gray."""
        settings = Settings(data_dir=self.data_dir(), database_url="")
        dataset = Catalog(settings.datasets_dir).load(NAME)
        return load_features(dataset, PreprocessConfig(), settings.features_dir)

    def table(self) -> Path:
        """The same features as a plain file for the peers: ``np.load`` gives the arrays."""
        path = self.folder / f"{_key(self.archive())}-features.npz"
        if not path.exists():
            data = self.features()
            arrays: dict[str, np.ndarray] = {}
            for split in ("train", "validation"):
                rows = data.indices(split)
                arrays |= {split: data.features[rows], f"{split}_labels": data.labels[rows]}
            with staged_folder(self.folder) as staging:
                np.savez(staging / "table.npz", allow_pickle=False, **arrays)
                (staging / "table.npz").rename(path)
        return path


def _key(archive: Path) -> str:
    return f"{archive.stem}-{archive.stat().st_size}"


def write_zip(path: Path, n_images: int, size: tuple[int, int]) -> None:
    """Write that many different photographs, half of them cats, as ``PetImages/Cat/0.jpg``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED) as archive:
        for number, content in enumerate(jpegs(n_images, size)):
            archive.writestr(f"PetImages/{('Cat', 'Dog')[number % 2]}/{number // 2}.jpg", content)
    partial.rename(path)


def jpegs(n_images: int, size: tuple[int, int]) -> Iterator[bytes]:
    """Draw JPEG files of photographs: width and height as in Pillow."""
    rng = np.random.default_rng(0)
    canvas = _smooth_noise(rng, _CANVAS if n_images < _MANY else _LARGE_CANVAS)
    width, height = size
    n_columns, n_rows = canvas.shape[1] - width, canvas.shape[0] - height
    for position in rng.choice(n_columns * n_rows, n_images, replace=False):
        top, left = divmod(int(position), n_columns)
        image = Image.fromarray(canvas[top : top + height, left : left + width])
        content = io.BytesIO()
        image.save(content, "JPEG", quality=_QUALITY)
        yield content.getvalue()


def _smooth_noise(rng: np.random.Generator, side: int) -> np.ndarray:
    """uint8 array, shape (side, side, 3): the finer a pattern, the fainter, as in nature."""
    total = np.zeros((side, side, 3), np.float32)
    n_cells = 8
    while n_cells <= side:
        cells = rng.integers(256, size=(n_cells, n_cells, 3), dtype=np.uint8)
        grown = Image.fromarray(cells).resize((side, side), Image.Resampling.BICUBIC)
        total += (np.asarray(grown, np.float32) - 128) * (8 / n_cells) ** 0.6
        n_cells *= 2
    noise: np.ndarray = np.clip(total / total.std() * 60 + 120, 0, 255).astype(np.uint8)
    return noise


def _write_repeated(source: Path, folder: Path, n_images: int) -> None:
    """Unpack pictures, again and again under new names until there are `n_images`."""
    with zipfile.ZipFile(source) as archive:
        names = [name for name in archive.namelist() if name.lower().endswith((".jpg", ".jpeg"))]
        for number in range(n_images):
            name = names[number % len(names)]
            label = "dog" if "dog" in name.lower() else "cat"
            path = folder / label / f"{label}.{number}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as content, path.open("wb") as file:
                shutil.copyfileobj(content, file)
