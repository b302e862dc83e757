"""What a new version of 22,498 pictures takes: seconds and bytes, three of them left out.

``python -m benchmarks.versions`` does nothing else; `benchmarks.limits` holds it against its
limits. The pictures are a few bytes each: a version does not read them.
"""

import hashlib
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import COLUMNS, Dataset, DatasetInfo, count, fingerprint
from ann_core.datasets.editing.draft import VersionOptions
from ann_core.datasets.editing.edits import LeaveOut
from ann_core.datasets.editing.versions import make_version
from ann_core.datasets.split import SplitConfig, stratified_split
from ann_core.files import staged_folder

N_IMAGES = 22_498  # of Dogs vs. Cats
_BLOCK = 512  # bytes that `st_blocks` counts


def stored_dataset(catalog: Catalog, n_images: int = N_IMAGES) -> Dataset:
    """Put a data set of that many tiny files into the catalog, as an import leaves it."""
    with staged_folder(catalog.root) as staging:
        folder, rows = staging / "dataset", []
        for number in range(n_images):
            label = ("Cat", "Dog")[number % 2]
            file, content = f"pictures/00{number % 2}/{number:06d}.jpg", b"%d" % number
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            about = (file, label, "", 500, 375, "JPEG", "RGB", len(content), digest)
            rows.append((*about, f"PetImages/{label}/{number}.jpg"))
        images = pd.DataFrame(rows, columns=list(COLUMNS))
        images["split"] = stratified_split(images["class_name"].tolist(), SplitConfig())
        info = DatasetInfo(
            name="photographs",
            source="benchmark",
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            class_names=("Cat", "Dog"),
            counts=count(images),
            n_images=n_images,
            n_skipped=0,
            fingerprint=fingerprint(images),
            split=SplitConfig(),
        )
        skipped = pd.DataFrame([], columns=["source", "reason"])
        return catalog.add(folder, Dataset(info, folder, images, skipped))


def version_cost(catalog: Catalog) -> tuple[float, float, int]:
    """Make a version without three images; return seconds, those of the processor, and bytes."""
    name = stored_dataset(catalog).name
    before = disk_bytes(catalog.root)
    began, busy = time.perf_counter(), time.process_time()
    dataset = catalog.load(name)
    options = VersionOptions("without-three")
    make_version(dataset, [LeaveOut(rows=(7, 77, 777))], catalog, options=options)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    return seconds, busy, disk_bytes(catalog.root) - before


def disk_bytes(folder: Path) -> int:
    """Bytes on the disk below a folder; what has two names counts once."""
    sizes = {}
    for root, _, names in os.walk(folder):
        for path in (root, *(f"{root}/{name}" for name in names)):
            status = os.lstat(path)
            sizes[status.st_ino] = status.st_blocks * _BLOCK
    return sum(sizes.values())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        seconds, busy, n_bytes = version_cost(Catalog(Path(scratch) / "datasets"))
    print(
        f"a version of {N_IMAGES:,} pictures without three: {seconds:.2f} s ({busy:.2f} s of the "
        f"processor), {n_bytes / 1e6:.2f} MB"
    )
