"""Small images made on the spot, and a catalog to import them to.

Fixtures: `image_folder` (makes folders of images), `catalog` (an empty one),
`dataset` (24 images in it), `untouched` (proves that nothing on a disk changed),
`small_disk` (runs a script where the disk is full) and `shared_data` (real photographs,
where there are any).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import import_folder
from tests.helpers.databases import database_url, postgres_server  # noqa: F401
from tests.helpers.registry import registry, url  # noqa: F401
from tests.helpers.runs import many_images  # noqa: F401

ROOT = Path(__file__).resolve().parents[2]

# The same cases on every machine, and no clock: it may be busy training.
hypothesis.settings.register_profile("flatland", deadline=None, derandomize=True)
hypothesis.settings.load_profile("flatland")


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
def image_folder(tmp_path: Path) -> MakeFolder:
    """Make class folders of small random images: `image_folder({"cat": 12, "dog": 12})`.

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
    """An empty catalog: `data/datasets` in the folder of the test."""
    return Catalog(tmp_path / "data" / "datasets")


@pytest.fixture
def dataset(image_folder: MakeFolder, catalog: Catalog) -> Dataset:
    """Two classes of 12 images, called "existing", in the catalog of the test."""
    return import_folder(image_folder(name="of-dataset"), "existing", catalog)


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


RunOnSmallDisk = Callable[..., dict[str, Any]]

_BEFORE_SCRIPT = """
import json, os, sys
from pathlib import Path
disk = Path(os.environ["SMALL_DISK"])
results = {}
def listing():
    files = sorted(path for path in disk.rglob("*") if path.is_file() or path.name[0] == ".")
    return [(str(path), path.read_bytes().hex()) for path in files]
def fill():
    with (disk / "filling").open("wb", buffering=0) as file:
        while True:
            try:
                file.write(bytes(4096))
            except OSError:
                return
"""
_AFTER_SCRIPT = "print(json.dumps(results))"


@pytest.fixture
def small_disk(tmp_path: Path) -> RunOnSmallDisk:
    """Run Python in a process that has a disk of a megabyte: `small_disk(script, *arguments)`.

    The script finds the disk as `disk`, can `fill()` it, and puts what it found into
    the dictionary `results`, which comes back. It must end with code 0.
    """

    def run(script: str, *arguments: object) -> dict[str, Any]:
        folder = tmp_path / "small-disk"
        folder.mkdir()
        mount = 'mount -t tmpfs -o size=1m tmpfs "$SMALL_DISK"'
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        isolate = ["unshare", "-m" if is_root else "-rm"]
        environment = os.environ | {"SMALL_DISK": str(folder), "PYTHONPATH": str(ROOT)}
        _skip_unless_runs([*isolate, "sh", "-c", mount], environment)
        code = "\n".join([_BEFORE_SCRIPT, textwrap.dedent(script), _AFTER_SCRIPT])
        command = [sys.executable, "-c", code, *(str(argument) for argument in arguments)]
        ended = subprocess.run(
            [*isolate, "sh", "-c", f'{mount} && exec "$@"', "sh", *command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return dict(json.loads(ended.stdout))

    return run


def _skip_unless_runs(command: list[str], environment: dict[str, str]) -> None:
    try:
        probe = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False
        )
        trouble = (probe.stderr.strip() or "it fails") if probe.returncode else ""
    except FileNotFoundError as error:
        trouble = str(error)
    if trouble:
        pytest.skip(f"no way to mount a disk that can run full here: {trouble}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real photographs; tests that need them are skipped without it."""
    given = os.environ.get("FLATLAND_TEST_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real photographs in '{folder}'; set FLATLAND_TEST_DATA to their folder")
    return folder
