"""Train the two networks that come with Flatland as examples, and pack them.

It takes a minute: ``python scripts/make_examples.py``. Each is trained as visitors train theirs,
and packed as the command ``export`` packs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "ann_core" / "jobs" / "examples"


@dataclass(frozen=True)
class Example:
    """What a network is trained on, and what it is called."""

    dataset: str
    name: str
    options: tuple[str, ...]
    notes: str


EXAMPLES = (
    Example(
        "cartoons",
        "Example: cartoons",
        ("--image-size", "32", "--hidden-units", "32,16", "--epochs", "30"),
        "Comes with Flatland. It learned from 1,600 drawn cats and dogs.",
    ),
    Example(
        "digits",
        "Example: handwritten digits",
        ("--image-size", "8", "--hidden-units", "32", "--epochs", "30"),
        "Comes with Flatland. It learned from scikit-learn's handwritten digits of 8 x 8 pixels.",
    ),
)


def call(*words: str, data_dir: Path) -> str:
    """Run a command of Flatland and return what it printed."""
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "ann_core", *words]
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def main() -> None:
    """Train and pack both."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder)
        for each in EXAMPLES:
            call("import", each.dataset, data_dir=data_dir)
            words = ("train", each.dataset, *each.options, "--batch-size", "32", "--json")
            run = json.loads(call(*words, "--name", each.name, data_dir=data_dir))["id"]
            call("describe", run, "--notes", each.notes, data_dir=data_dir)
            call("export", run, "--to", str(FOLDER / f"{each.dataset}.zip"), data_dir=data_dir)
            print(call("shift", run, data_dir=data_dir))


if __name__ == "__main__":
    main()
