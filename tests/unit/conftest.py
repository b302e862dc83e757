"""Small pictures made on the spot, and a shelf to import them to.

Fixtures: `picture_folder` (makes folders of pictures), `catalog` (an empty shelf),
`dataset` (24 pictures on it), `untouched` (proves that nothing on a disk changed) and
`shared_data` (real photographs, where there are any).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing import import_folder

ROOT = Path(__file__).resolve().parents[2]


class MakeFolder(Protocol):
    def __call__(
        self,
        counts: Mapping[str, int] | None = None,
        *,
        name: str = "pictures",
        size: tuple[int, int] = (12, 10),
        suffix: str = ".png",
    ) -> Path: ...


@pytest.fixture
def picture_folder(tmp_path: Path) -> MakeFolder:
    """Make class folders of small random pictures: `picture_folder({"cat": 12, "dog": 12})`.

    The first class is the darkest, the last the brightest, so a network can tell
    them apart after an epoch. `size` is Pillow's (width, height).
    """

    def make(
        counts: Mapping[str, int] | None = None,
        *,
        name: str = "pictures",
        size: tuple[int, int] = (12, 10),
        suffix: str = ".png",
    ) -> Path:
        counts = {"dark": 12, "bright": 12} if counts is None else counts
        rng = np.random.default_rng(len(counts))
        width, height = size
        for number, (class_name, n_images) in enumerate(counts.items()):
            folder = tmp_path / name / class_name
            folder.mkdir(parents=True)
            darkest = 200 * number // max(1, len(counts) - 1)
            for index in range(n_images):
                values = rng.integers(darkest, darkest + 56, (height, width, 3), dtype=np.uint8)
                Image.fromarray(values).save(folder / f"{index}{suffix}")
        return tmp_path / name

    return make


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """An empty shelf: `data/datasets` in the folder of the test."""
    return Catalog(tmp_path / "data" / "datasets")


@pytest.fixture
def dataset(picture_folder: MakeFolder, catalog: Catalog) -> Dataset:
    """Two classes of 12 pictures, called "existing", on the shelf of the test."""
    return import_folder(picture_folder(name="of-dataset"), "existing", catalog)


Untouched = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture
def untouched() -> Untouched:
    """Fail if a folder is not, to the byte, what it was: `with untouched(folder): ...`."""

    @contextmanager
    def check(folder: Path) -> Iterator[None]:
        before = listing(folder)
        yield
        assert listing(folder) == before

    return check


def listing(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder, hidden ones too, with time of change and content."""
    return {
        str(path.relative_to(folder)): (
            (path.stat().st_mtime_ns, path.read_bytes()) if path.is_file() else (0, b"")
        )
        for path in folder.rglob("*")
    }


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real photographs; tests that need them are skipped without it."""
    given = os.environ.get("FLATLAND_TEST_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real photographs in '{folder}'; set FLATLAND_TEST_DATA to their folder")
    return folder
