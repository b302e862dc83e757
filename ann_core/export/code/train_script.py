"""The training of a run as a program of its own: plain Keras, NumPy and Pillow.

It gives the same weights as the run did, on the same computer: same images, same seeds,
same order, same number of threads.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

import numpy as np

from ann_core.datasets.dataset import Dataset
from ann_core.escaping import spreadsheet_text
from ann_core.export.code.network_code import (
    model_cell,
    needs_math,
    settings_code,
    standardising_cell,
    training_cell,
)
from ann_core.export.code.notebook import NotebookCell, as_notebook, as_script, assemble, render
from ann_core.export.code.ood_code import ood_code
from ann_core.export.code.preprocess_code import imports_of_pillow, preprocess_cell
from ann_core.export.code.step_code import StepKind, step_cell
from ann_core.imaging.ood_rule import OodRule
from ann_core.runs.run import Run
from ann_core.training.network_config import CHECK_BATCH
from ann_core.training.precision import Precision

IMAGES_FILE = "pictures.csv"

_FOLDER_OF_SCRIPT = """
HERE = Path(__file__).parent
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else "pictures")
"""
_FOLDER_OF_NOTEBOOK = """
HERE = Path()
FOLDER = Path("pictures")  # write the path of your folder here
"""

_IMPORTS = """
import csv
$MATH
import os
import sys
from pathlib import Path

import numpy as np
from PIL import $PILLOW

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import keras
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads($N_THREADS)
tf.config.threading.set_inter_op_parallelism_threads(1)
"""

_READ = '''
def find(row):
    """A data set folder of Flatland has a picture as file, the folder it came from as source."""
    for name in (row["file"], row["source"]):
        if name and (FOLDER / name).is_file():
            return FOLDER / name
    sys.exit(f"There is no {row['file']} in {FOLDER}: name the folder of the pictures.")


with open(HERE / "pictures.csv", newline="", encoding="utf-8-sig") as file:
    rows = list(csv.DictReader(file))
x = np.stack([to_row(find(row)) for row in rows])
labels = np.array([int(row["label"]) for row in rows])
y = np.eye(len(CLASSES), dtype=np.float32)[labels]
splits = np.array([row["split"] for row in rows])
train, validation, test = (
    np.flatnonzero(splits == split) for split in ("train", "validation", "test")
)
print(f"{len(train)} pictures to learn from, {len(validation)} to check, {len(test)} to test")
'''

_TEST = """
probabilities = np.concatenate(
    [model.predict_on_batch(x[start : start + $CHECK]) for start in range(0, len(x), $CHECK)]
)
right = probabilities.argmax(axis=1) == labels
for split, part in (("training", train), ("validation", validation), ("test", test)):
    print(f"{split}: {right[part].sum()} of {len(part)} right")
print("In Flatland: $N_CORRECT of $N_TEST test pictures right")
print(f"Test accuracy: {right[test].mean()}")
model.save("trained.keras")
"""


_WARN = """


unlike = sum(is_unlike(row) for row in x[test])
print(f"It warns of {{unlike}} of {{len(test)}} test pictures")
print("In Flatland: {}")
"""


@dataclass(frozen=True)
class Script:
    """What `train_script` gives: the same code as a script and as a notebook."""

    script: str
    notebook: str


def train_script(
    run: Run, dataset: Dataset, n_threads: int, *, rule: OodRule | None = None
) -> Script:
    """Write the training of a finished run.

    Parameters
    ----------
    n_threads : int
        Of the worker; sums of fractions depend on how they are shared out.
    rule : OodRule, optional
        Of the run; lies beside the program.
    """
    title = "Train a dense network on flattened pictures, as a run of Flatland did."
    head, rest = _head(run, n_threads), _rest(run, dataset)
    rest += [] if rule is None else [_rule_cell(rule)]
    how = (
        "How pictures become numbers, and how the network learns. The program takes the "
        "folder of the pictures: python train.py FOLDER"
    )
    script = [head, NotebookCell(how, _settings(run, dataset, _FOLDER_OF_SCRIPT)), *rest]
    how = how.replace("The program takes the folder of the pictures: python train.py FOLDER", "")
    how += "FOLDER must be the folder of the pictures."
    cells = [head, NotebookCell(how, _settings(run, dataset, _FOLDER_OF_NOTEBOOK)), *rest]
    return Script(as_script(title, script), as_notebook(title.rstrip("."), cells))


def images_table(dataset: Dataset, rows: np.ndarray) -> str:
    """List the images of a run as CSV: file, source, class, label and split, in its order.

    It is read by the program, and safe to be opened in a spreadsheet.

    Parameters
    ----------
    rows : int array
        Rows of ``Dataset.images`` that the run read.
    """
    images = dataset.images.iloc[rows]
    unclear = images["source"].duplicated(keep=False)
    buffer = io.StringIO("\ufeff")
    buffer.seek(0, io.SEEK_END)
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["file", "source", "class", "label", "split"])
    columns = ("file", "source", "class_name", "split")
    for values, twice in zip(images[list(columns)].itertuples(index=False), unclear, strict=True):
        file, source, class_name, split = map(str, values)
        usable = not twice and _stays_inside(source) and spreadsheet_text(source) == source
        label = dataset.class_names.index(class_name)
        source = source if usable else ""
        writer.writerow([file, source, spreadsheet_text(class_name), label, split])
    return buffer.getvalue()


def _head(run: Run, n_threads: int) -> NotebookCell:
    lines = assemble(
        _IMPORTS,
        MATH="import math" if needs_math(run.config.network) else "",
        PILLOW=imports_of_pillow(run.config.preprocess),
        N_THREADS=str(n_threads),
    )
    return NotebookCell(
        "It needs TensorFlow, NumPy and Pillow (see requirements.txt), and pictures.csv beside "
        "it. Sums of fractions depend on how many threads share them, so their number is part "
        "of the recipe.",
        lines.replace("import csv\n\n", "import csv\n"),
    )


def _settings(run: Run, dataset: Dataset, folder: str) -> str:
    height, width = run.config.preprocess.image_size
    sizes = render("HEIGHT, WIDTH = $H, $W\nCLASSES = $C", H=height, W=width, C=dataset.class_names)
    return "\n".join([folder.strip("\n"), sizes, settings_code(run.config.network)])


def _rest(run: Run, dataset: Dataset) -> list[NotebookCell]:
    network, preprocess, test = run.config.network, run.config.preprocess, run.learned.test
    images = dataset.images
    kinds = zip(images["format"].astype(str), images["mode"].astype(str), strict=True)
    whole = run.status == "done"
    precision = run.learned.precision
    n_correct = sum(row[number] for number, row in enumerate(test.confusion))
    tested = assemble(
        _TEST, CHECK=str(CHECK_BATCH), N_CORRECT=str(n_correct), N_TEST=str(test.n_images)
    )
    reading = "All pictures at once: a row of x is a picture, a column is a pixel, a value a byte."
    testing = (
        "The test, once: pictures that neither taught the network nor decided when to stop. The "
        "gap to the training pictures is what it learned by heart, if they are right more often "
        "than by guessing."
    )
    return [
        preprocess_cell(preprocess, kinds),
        NotebookCell(reading, _READ.strip("\n")),
        *([standardising_cell()] if preprocess.scaling == "standard" else []),
        model_cell(network, preprocess),
        *([] if precision is None else [step_cell(_kind(run, precision))]),
        training_cell(
            network,
            by_keras=precision is None,
            n_epochs=network.epochs if whole else run.epoch,
            n_batches=0 if whole else run.learned.cut_batches,
        ),
        NotebookCell(testing, tested),
    ]


def _kind(run: Run, precision: Precision) -> StepKind:
    """Say how the run computed its steps."""
    return StepKind.of(
        *(run.config.network, precision),
        n_train=run.learned.n_images["train"],
        n_features=run.config.preprocess.n_features,
    )


def _rule_cell(rule: OodRule) -> NotebookCell:
    """Write which test pictures the rule of the run warns of."""
    text = (
        "None of these? The network has an answer for every picture. This rule, made by Flatland, "
        "warns of pictures unlike those that it was trained on: by light, colours and textures, "
        "not by what they show."
    )
    return NotebookCell(text, f"import json\n\n{ood_code('HERE')}{_WARN.format(rule.own)}")


def _stays_inside(name: str) -> bool:
    """Whether a name given by a stranger is a path within a folder, on every system."""
    windows = PureWindowsPath(name)
    leaves = windows.drive or windows.root or PurePosixPath(name).is_absolute()
    return not leaves and ".." not in windows.parts and name.isprintable()
