"""Data sets that only pictures of the guide need: some labels are wrong, or files have 16 bits."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from ann_core.datasets.sources.cartoon_files import write_cartoons
from ann_core.datasets.sources.cartoons import CartoonConfig

MISLABELLED, SCANS = "drawn-pets", "scans"
N_CARTOONS, N_WRONG, N_SCANS = 400, 5, 200
_LEVELS = 255  # for each of the 16 of a digit: 12 bits in all


def make_datasets(data_dir: Path) -> None:
    """Import both, and look for label mistakes."""
    with tempfile.TemporaryDirectory() as folder:
        swap_labels(Path(folder) / MISLABELLED)
        write_scans(Path(folder) / SCANS)
        for name in (MISLABELLED, SCANS):
            _command(data_dir, "import", f"{folder}/{name}", "--name", name)
    _command(data_dir, "dataset", "survey", MISLABELLED)


def swap_labels(folder: Path) -> None:
    """Draw cartoons, some of each class in the folder of the other one."""
    write_cartoons(folder, CartoonConfig(n_images=N_CARTOONS))
    for number in range(N_WRONG):
        cat, dog = (folder / name / f"{name}.{number}.jpg" for name in ("cat", "dog"))
        aside = cat.rename(folder / "cat.jpg")
        dog.rename(cat)
        aside.rename(dog)


def write_scans(folder: Path) -> None:
    """Write handwritten digits as files of 16 bits a value, of which they use 12."""
    digits = load_digits()
    for number, (image, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        if number == N_SCANS:
            return
        path = folder / str(label) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((_LEVELS * image).astype(np.uint16)).save(path)


def _command(data_dir: Path, *arguments: str) -> None:
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir)}
    subprocess.run([sys.executable, "-m", "ann_core", *arguments], env=environment, check=True)
