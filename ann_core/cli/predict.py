"""Commands that ask a trained network: evaluate, predict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ann_core.cli.app import (
    JsonOption,
    RunArgument,
    app,
    catalog,
    progress_bar,
    registry,
    show_json,
    show_table,
)
from ann_core.cli.output import show_evaluation
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.file_listing import files_in
from ann_core.datasets.sources.addresses import AddressRules, is_address, shown_address
from ann_core.datasets.sources.from_address import fetch_image
from ann_core.datasets.validation import LeftOut
from ann_core.errors import DatasetError, ImageError
from ann_core.evaluation.metrics import evaluate as score
from ann_core.file_names import is_ignored, natural_key, typed_path
from ann_core.files import no_progress
from ann_core.imaging.images import why_not_taken
from ann_core.prediction.batch import UNLIKE, File, FilePrediction, predict_files
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.settings import get_settings

MANY = 256  # pictures for which it pays to pack the weights


@app.command()
def evaluate(
    run: RunArgument,
    dataset: Annotated[
        str, typer.Option(help="Another data set with the same classes; the run's own by default.")
    ] = "",
    split: Annotated[str, typer.Option(help="train, validation, test or all")] = "test",
    json: JsonOption = False,
) -> None:
    """Let the exported model answer for a whole split, and count."""
    settings = get_settings()
    runs = registry()
    trained = runs.get(run)
    _ = trained.learned  # a run that has not finished cannot be asked
    classifier = Classifier(RunFolder.of(settings.runs_dir, run), for_batch=True)
    data = catalog().load(dataset or trained.config.dataset)
    if data.class_names != classifier.class_names:
        raise DatasetError(
            f"Expected a data set with the classes {', '.join(classifier.class_names)}, "
            f"got '{data.name}' with {', '.join(data.class_names)}."
        )
    with progress_bar("preparing the pictures") as progress:
        features = load_features(
            data, classifier.preprocess, settings.features_dir, progress=progress
        )
    rows = features.chosen(split)
    probabilities = classifier.predict_features(features.features[rows])
    result = score(probabilities, features.labels[rows], classifier.class_names, split=split)
    if split in {"test", "all"} and data.fingerprint == trained.config.fingerprint:
        runs.looks.add([trained])
    if json:
        show_json(result.as_dict())
    else:
        show_evaluation(result)


@app.command()
def predict(
    run: RunArgument,
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="pictures...", help="Picture files, folders of them, or addresses of pictures."
        ),
    ],
    json: JsonOption = False,
) -> None:
    """Ask a trained network about pictures."""
    _ = registry().get(run).learned  # as in `evaluate`
    fetched = [_fetched(each) for each in images if is_address(each)]
    given = [_path(each) for each in images if not is_address(each)]
    files, left_out = _listed(given) if given else ([], [])
    files = [*fetched, *files]
    folder = RunFolder.of(get_settings().runs_dir, run)
    many = len(files) >= MANY
    classifier = Classifier(folder, for_batch=many)
    with progress_bar("asking about the pictures") as progress:
        file_predictions = predict_files(classifier, files, progress if many else no_progress)
    file_predictions += [FilePrediction(each.name, None, each.reason) for each in left_out]
    predictions = [_as_dict(file_prediction) for file_prediction in file_predictions]
    if json:
        show_json(predictions)
    else:
        columns = ("picture", "class", "warning", "fingerprint", *classifier.class_names)
        rows = [
            (
                *(a["picture"], a.get("class", a.get("error"))),
                *(UNLIKE if a.get("unlike") else "", a.get("fingerprint", "")),
                *_percentages(a, classifier),
            )
            for a in predictions
        ]
        show_table(columns, rows)
    if all("error" in file_prediction for file_prediction in predictions):
        raise ImageError("none of the files could be read; " + predictions[0]["error"])


def _fetched(url: str) -> tuple[str, bytes]:
    """Fetch a picture; its address is shown without what may be a secret."""
    return shown_address(url), fetch_image(url, AddressRules.of(get_settings()))


def _path(text: str) -> Path:
    """Take a path as it is, or as people paste it."""
    return path if (path := Path(text)).exists() else typed_path(text)


def _listed(paths: list[Path]) -> tuple[list[File], list[LeftOut]]:
    """List what is to be asked about, folders to any depth; and what in them is no image."""
    files: list[File] = []
    left_out: list[LeftOut] = []
    for path in paths:
        if not path.is_dir():
            files.append((str(path), path))
            continue
        in_folder, special = files_in(path)
        in_folder = [each for each in in_folder if not is_ignored(each.name)]
        if not in_folder and not special:
            left_out.append(LeftOut(str(path), "there is no picture in this folder"))
        left_out += [LeftOut(str(path / each.name), each.reason) for each in special]
        for each in sorted(in_folder, key=lambda file: natural_key(file.name)):
            name = str(path / each.name)
            if reason := why_not_taken(each.path, each.name):
                left_out.append(LeftOut(name, reason))
            else:
                files.append((name, each.path))
    return files, left_out


def _as_dict(file_prediction: FilePrediction) -> dict[str, Any]:
    prediction = file_prediction.prediction
    if prediction is None:
        return {"picture": file_prediction.name, "error": file_prediction.reason}
    probabilities = dict(zip(prediction.class_names, prediction.probabilities, strict=True))
    return {
        "picture": file_prediction.name,
        "class": prediction.class_name,
        "unlike": prediction.unlike,
        "fingerprint": prediction.fingerprint,
        "probabilities": probabilities,
    }


def _percentages(file_prediction: dict[str, Any], classifier: Classifier) -> list[str]:
    values = file_prediction.get("probabilities", {})
    return [f"{values[c]:.1%}" if c in values else "" for c in classifier.class_names]
