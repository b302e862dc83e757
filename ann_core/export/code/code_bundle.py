"""A run as programs, in one zip file: train it again, and ask it."""

from __future__ import annotations

import io
import json
import zipfile
from importlib import metadata

import numpy as np

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.errors import DatasetError, NotTrainedError, RunError
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.export.archive.archive_format import CODE_FILE
from ann_core.export.code.model_card import model_card
from ann_core.export.code.ood_code import RULE_FILE
from ann_core.export.code.predict_script import predict_script
from ann_core.export.code.train_script import IMAGES_FILE, images_table, train_script
from ann_core.imaging.ood_rule import load_ood_rule
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import Run
from ann_core.runs.variation import ORDINARY
from ann_core.settings import Settings

_PACKAGES = ("tensorflow-cpu", "tensorflow", "keras", "numpy", "pillow", "ai-edge-litert")

NOT_AGAIN = (
    "There is no code that trains it again, only code that uses the model on pictures: an "
    "experiment changed its training pictures ({}). Start the experiment again instead."
)


def code_bundle(run: Run, settings: Settings, *, with_images: bool = True) -> bytes:
    """Pack programs, model and card of a finished run.

    Without its data set, there is nothing to train on: then the training is left out, as it is
    of a run for which an experiment changed the training pictures.

    Parameters
    ----------
    with_images : bool
        Whether they may know of its images: their names are in the list to train on.

    Raises
    ------
    RunError
        If the run has no model.
    """
    folder = RunFolder.of(settings.runs_dir, run.id)
    if not run.has_model or not folder.litert_model.is_file():
        raise NotTrainedError()
    dataset = dataset_of(run, settings) if with_images and not is_varied(run) else None
    class_names = folder.read_class_names()
    rule = load_ood_rule(folder.ood_rule, run.config.preprocess.image_shape)
    files = {
        "README.md": model_card(run, folder, dataset)
        + _files(dataset is not None, rule is not None)
        + (f"\n{NOT_AGAIN.format(run.config.variation.text())}\n" if is_varied(run) else ""),
        "requirements.txt": _requirements(),
        CODE_FILE: predict_script(run.config.preprocess, class_names, has_rule=rule is not None),
    }
    if rule is not None:
        files[RULE_FILE] = json.dumps(rule.as_dict()) + "\n"
    if dataset is not None:
        n_threads = run.learned.n_threads or settings.n_threads
        program = train_script(run, dataset, n_threads, rule=rule)
        files["train.py"], files["train.ipynb"] = program.script, program.notebook
        files[IMAGES_FILE] = images_table(dataset, _rows(folder, dataset))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.write(folder.litert_model, "model.tflite", zipfile.ZIP_STORED)
    return content.getvalue()


def is_varied(run: Run) -> bool:
    """Whether an experiment changed its training pictures, so that no program trains it again."""
    return run.config.variation != ORDINARY


def dataset_of(run: Run, settings: Settings) -> Dataset | None:
    """Find the images that a run was trained on; None if they are gone or have changed."""
    catalog = Catalog(settings.datasets_dir)
    info = catalog.find(run.config.dataset, run.config.fingerprint)
    try:
        return None if info is None else catalog.load(info.name)
    except DatasetError:
        return None


def _rows(folder: RunFolder, dataset: Dataset) -> np.ndarray:
    """Find which images the run read: a file may have become unreadable since its import."""
    try:
        return load_predictions(folder.predictions, len(dataset.class_names)).rows
    except RunError:  # a run of an older Flatland kept no answers
        return np.arange(len(dataset))


def _files(trains: bool, has_rule: bool) -> str:
    lines = [
        "",
        "## Files",
        "",
        "- `predict.py` predicts pictures with `model.tflite`: `python predict.py picture.jpg`, "
        "with `--json` for machines.",
    ]
    if trains:
        lines += [
            f"- `train.py` trains the network again, on the pictures that `{IMAGES_FILE}` lists: "
            "`python train.py FOLDER`. The folder is that of the data set in Flatland, or the one "
            "that the pictures came from. On the same computer it ends with the same accuracy.",
            "- `train.ipynb` is the same as a notebook.",
        ]
    if has_rule:
        lines.append(f"- `{RULE_FILE}` is the rule by which they warn of unlike pictures.")
    lines.append("- `pip install -r requirements.txt` installs what they need.")
    return "\n".join(lines) + "\n"


def _requirements() -> str:
    lines = []
    for name in _PACKAGES:
        try:
            lines.append(f"{name}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:  # one of the two builds of TensorFlow
            continue
    return "\n".join(lines) + "\n"
