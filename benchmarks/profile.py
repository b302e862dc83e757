"""A whole profile against decoding alone, 2,000 cartoons: ``python -m benchmarks.profile``.

The peer opens every image and makes it small and gray, as features are made.
Ours does that too, measures each image, compares all with all, finds means,
axes and neighbours, and writes them to the disk.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.profile.profile import load_profile, profile_dataset
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig, preprocess
from benchmarks.timing import compare


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        knobs = CartoonConfig(n_images=2000)
        dataset = import_builtin("cartoons", "cartoons", Catalog(root / "datasets"), cartoons=knobs)
        fresh = iter(range(1000))
        compare(
            lambda: profile_dataset(dataset, root / f"profiles-{next(fresh)}"),
            lambda: decode(dataset),
            repeats=3,
        )
        print(f"  opened in {1000 * opening(dataset, root / 'profiles-0'):.1f} ms")


def decode(dataset: Dataset) -> None:
    for row in range(len(dataset)):
        preprocess(open_image(dataset.path(row)).image, PreprocessConfig())


def opening(dataset: Dataset, root: Path) -> float:
    seconds = []
    for _ in range(9):
        started = time.perf_counter()
        load_profile(dataset, root)
        seconds.append(time.perf_counter() - started)
    return median(seconds)


if __name__ == "__main__":
    run()
