"""One network, many files: a table of predictions, and a reason for each file that is no image.

Images are decoded by all cores while the network predicts those before them.
"""

from __future__ import annotations

import base64
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from PIL import Image

from ann_core.datasets.importing.archives import ArchiveLimits, packed_files
from ann_core.errors import ArchiveError, ImageError
from ann_core.escaping import spreadsheet_csv
from ann_core.files import ProgressCallback, no_progress
from ann_core.imaging.decoding import quietly
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import preprocess
from ann_core.prediction.classifier import Classifier, Prediction

MAX_CLASSES = 20  # that have a column of their own
MAX_FILES = 2_000
"""That a page predicts at once; the command line takes any number."""

THUMBNAIL = 48  # pixels

UNLIKE = "none of these?"
"""What tables say of an image that is unlike those which the network was trained on."""

_BATCH = 64  # images in memory at once, twice: those being decoded, those being predicted

File = tuple[str, Path | bytes | Callable[[], bytes]]
"""The name that the owner gave a file, and where it is, what is in it, or a way to read that."""


@dataclass(frozen=True)
class FilePrediction:
    """What became of one file: a prediction, or the reason why there is none.

    Attributes
    ----------
    thumbnail : bytes
        A small JPEG, if one was asked for.
    """

    name: str
    prediction: Prediction | None
    reason: str = ""
    thumbnail: bytes = b""


@dataclass(frozen=True, eq=False)
class _Prepared:
    name: str
    features: np.ndarray
    unlike: bool | None
    thumbnail: bytes


def predict_files(
    classifier: Classifier,
    files: Sequence[File],
    progress: ProgressCallback = no_progress,
    *,
    thumbnails: bool = False,
) -> list[FilePrediction]:
    """Predict many files.

    Returns
    -------
    list of FilePrediction
        In the order of `files`. The numbers are those of `Classifier.predict`.
    """
    file_predictions: list[FilePrediction] = []
    progress(0, len(files))
    prepare = partial(_prepare, classifier=classifier, thumbnails=thumbnails)
    # Hushed out here as well: threads that come and go would undo each other's silence.
    with quietly(), ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        for batch in _prepared(pool, files, prepare):
            file_predictions += _predictions(classifier, batch)
            progress(len(file_predictions), len(files))
    return file_predictions


def gather(
    uploads: Sequence[tuple[str, BinaryIO]], *, limits: ArchiveLimits | None = None
) -> list[File]:
    """Take what a visitor uploaded apart: images as they are, zip files file by file.

    All stays in memory, zip files as they came: each file of theirs is unpacked when it is asked
    about, and let go.

    Parameters
    ----------
    uploads : sequence of (name, binary file)
        A name that ends in ".zip" means a zip file.
    limits : ArchiveLimits
        Of all zip files together, and of the number of files; by default `MAX_FILES`.

    Raises
    ------
    ArchiveError
        If a zip file is damaged, hostile or too large, or there are too many files.
    """
    files: list[File] = []
    limits = limits or ArchiveLimits(max_entries=MAX_FILES)
    for name, upload in uploads:
        if not name.lower().endswith(".zip"):
            files.append((name, upload.read()))
            continue
        packed = packed_files(upload, limits)
        limits = limits.without(sum(each.n_bytes for each in packed))
        files += [(each.name, each.read) for each in packed]
        _check_number(len(files), limits.max_entries)
    _check_number(len(files), limits.max_entries)
    return files


def _check_number(n_files: int, max_files: int) -> None:
    if n_files > max_files:
        raise ArchiveError(
            f"Expected at most {max_files:,} files at once, got {n_files:,}. Ask "
            "about them in parts; the command line takes any number: "
            "python -m ann_core predict RUN FOLDER"
        )


def predictions_table(
    file_predictions: Sequence[FilePrediction], class_names: Sequence[str]
) -> pd.DataFrame:
    """Lay predictions out, a row a file.

    Returns
    -------
    DataFrame
        Columns file, class, probability, warning, reason, fingerprint, and one for each of the
        first `MAX_CLASSES` classes, named "p(cat)"; NaN and "" where there is no prediction.
        The warning is `UNLIKE` or "". If there are thumbnails, the first column is picture:
        data addresses.
    """
    shown = list(class_names[:MAX_CLASSES])
    rows = [_row(each, shown) for each in file_predictions]
    columns = ["picture", "file", "class", "probability", "warning", "reason", "fingerprint"]
    table = pd.DataFrame(rows, columns=columns + [f"p({name})" for name in shown])
    has_thumbnails = any(each.thumbnail for each in file_predictions)
    return table if has_thumbnails else table.drop(columns="picture")


def class_counts(file_predictions: Sequence[FilePrediction]) -> dict[str, int]:
    """Count the predictions of each class, the most frequent first."""
    counts = Counter(
        each.prediction.class_name for each in file_predictions if each.prediction is not None
    )
    return dict(sorted(counts.items(), key=lambda item: item[::-1], reverse=True))


def predictions_csv(
    file_predictions: Sequence[FilePrediction], class_names: Sequence[str]
) -> bytes:
    """Write the table for a spreadsheet, no cell a formula."""
    table = predictions_table(file_predictions, class_names)
    return spreadsheet_csv(table.drop(columns="picture", errors="ignore"))


def _row(file_prediction: FilePrediction, class_names: Sequence[str]) -> list[object]:
    thumbnail = base64.b64encode(file_prediction.thumbnail).decode()
    thumbnail = f"data:image/jpeg;base64,{thumbnail}" if thumbnail else ""
    name, prediction = file_prediction.name, file_prediction.prediction
    if prediction is None:
        none = float("nan")
        columns = ("", none, "", file_prediction.reason, "")
        return [thumbnail, name, *columns, *[none] * len(class_names)]
    warning = UNLIKE if prediction.unlike else ""
    columns = (prediction.class_name, prediction.probability, warning, "", prediction.fingerprint)
    return [thumbnail, name, *columns, *prediction.probabilities[: len(class_names)]]


def _prepared(
    pool: ThreadPoolExecutor,
    files: Sequence[File],
    prepare: Callable[[File], _Prepared | FilePrediction],
) -> Iterator[list[_Prepared | FilePrediction]]:
    """Decode batch after batch, always one ahead."""
    waiting: list[Future[_Prepared | FilePrediction]] = []
    for start in [*range(0, len(files), _BATCH), len(files)]:
        batch = files[start : start + _BATCH]
        next_ones = [pool.submit(prepare, file) for file in batch]
        if waiting:
            yield [future.result() for future in waiting]
        waiting = next_ones


def _prepare(file: File, classifier: Classifier, thumbnails: bool) -> _Prepared | FilePrediction:
    name, source = file
    try:
        content = source() if callable(source) else source
        image = open_image(content, bits_used=classifier.preprocess.bits_used).image
    except ImageError as error:
        return FilePrediction(name, None, error.reason)
    pixels = preprocess(image, classifier.preprocess)
    thumbnail = _thumbnail(image) if thumbnails else b""
    return _Prepared(name, pixels.ravel(), classifier.is_unlike(pixels), thumbnail)


def _thumbnail(image: Image.Image) -> bytes:
    small = image.reduce(max(1, max(image.size) // (2 * THUMBNAIL)))
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def _predictions(
    classifier: Classifier, batch: Sequence[_Prepared | FilePrediction]
) -> Iterator[FilePrediction]:
    good = [one.features for one in batch if isinstance(one, _Prepared)]
    rows = iter(classifier.predict_features(np.stack(good)) if good else ())
    for one in batch:
        if isinstance(one, FilePrediction):
            yield one
            continue
        probabilities = tuple(float(p) for p in next(rows))
        fingerprint = vector_fingerprint(one.features)
        prediction = Prediction(classifier.class_names, probabilities, fingerprint, one.unlike)
        yield FilePrediction(one.name, prediction, thumbnail=one.thumbnail)
