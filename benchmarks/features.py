"""Images to features: ours against the article's code, 1,000 cartoons.

The peer is what the article prints: open, gray, resize, ravel, divide, append to
a list, make a table. Ours also checks each image, turns it upright, and writes
a matrix to the disk.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.datasets.sources.cartoons import CartoonConfig
from ann_core.imaging.preprocessing import PreprocessConfig
from benchmarks.timing import compare


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        knobs = CartoonConfig(n_images=1000)
        dataset = import_builtin("cartoons", "cartoons", Catalog(root / "datasets"), cartoons=knobs)
        paths = [dataset.path(row) for row in range(len(dataset))]
        fresh = iter(range(1000))

        def ours() -> None:
            load_features(dataset, PreprocessConfig(), root / f"features-{next(fresh)}")

        def article() -> None:
            rows = []
            for path in paths:
                image = ImageOps.grayscale(Image.open(path)).resize(size=(96, 96))
                rows.append(np.ravel(image) / 255.0)
            pd.DataFrame(rows)

        compare(ours, article)
