"""Many files at once: the predictions of one at a time, in order, in a table."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ann_core.datasets.importing.archives import ArchiveLimits
from ann_core.errors import ArchiveError
from ann_core.imaging.images import open_image
from ann_core.prediction.batch import (
    MAX_CLASSES,
    FilePrediction,
    class_counts,
    gather,
    predict_files,
    predictions_csv,
    predictions_table,
)
from ann_core.prediction.classifier import Classifier, Prediction
from ann_core.runs.folder import RunFolder
from tests.helpers.untrained_run import CLASS_NAMES, SIDE, save_untrained_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    return save_untrained_run(tmp_path_factory.mktemp("run"))


def png(seed: int, size: tuple[int, int] = (20, 12)) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(**files: bytes) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    buffer.seek(0)
    return buffer


def test_answers_are_those_of_one_image_at_a_time_in_order(
    folder: RunFolder, tmp_path: Path
) -> None:
    """Over several batches, from memory and from disk, broken files between them."""
    files: list[tuple[str, Path | bytes]] = []
    for number in range(150):
        if number % 7 == 3:
            files.append((f"{number}", b"no picture"))
        elif number % 2:
            path = tmp_path / f"{number}.png"
            path.write_bytes(png(number))
            files.append((f"{number}", path))
        else:
            files.append((f"{number}", png(number)))
    files.append(("gone", tmp_path / "gone.png"))
    progress: list[tuple[int, int]] = []
    classifier = Classifier(folder)
    file_predictions = predict_files(
        classifier, files, lambda done, total: progress.append((done, total)), thumbnails=True
    )

    assert [file_prediction.name for file_prediction in file_predictions] == [
        name for name, _ in files
    ]
    assert progress[0] == (0, 151)
    assert progress[-1] == (151, 151)
    for (_, source), file_prediction in zip(files, file_predictions, strict=True):
        if file_prediction.prediction is None:
            assert file_prediction.reason
            assert source in (b"no picture", tmp_path / "gone.png")
            continue
        alone = classifier.predict(open_image(source).image)
        assert file_prediction.prediction.fingerprint == alone.fingerprint
        assert file_prediction.prediction.probabilities == pytest.approx(
            alone.probabilities, abs=1e-6
        )
        assert max(open_image(file_prediction.thumbnail).image.size) <= 48
    assert sum(file_prediction.prediction is None for file_prediction in file_predictions) == 22
    assert len({file_prediction.prediction for file_prediction in file_predictions}) > 100


def test_no_files_have_no_answers(folder: RunFolder) -> None:
    assert predict_files(Classifier(folder), []) == []
    only_broken = predict_files(Classifier(folder), [("x", b"")])
    assert [file_prediction.reason for file_prediction in only_broken] == [
        "the file is empty (0 bytes)"
    ]


def test_the_table_names_at_most_twenty_classes(folder: RunFolder) -> None:
    file_predictions = predict_files(Classifier(folder), [("a", png(1)), ("b", b"")])
    table = predictions_table(file_predictions, CLASS_NAMES)
    assert list(table)[:5] == ["file", "class", "probability", "warning", "reason"]
    assert [name for name in table if name.startswith("p(")] == [
        f"p({name})" for name in CLASS_NAMES[:MAX_CLASSES]
    ]
    assert table["class"].tolist() == [file_predictions[0].prediction.class_name, ""]  # type: ignore[union-attr]
    assert table["probability"].isna().tolist() == [False, True]
    assert table["reason"].tolist() == ["", "the file is empty (0 bytes)"]
    with_thumbnails = predict_files(Classifier(folder), [("a", png(1))], thumbnails=True)
    [address] = predictions_table(with_thumbnails, CLASS_NAMES)["picture"]
    assert address.startswith("data:image/jpeg;base64,")


def test_predictions_are_counted_the_most_frequent_first() -> None:
    rows = {"cat": (0.7, 0.2, 0.1), "dog": (0.1, 0.8, 0.1), "owl": (0.1, 0.2, 0.7)}
    predictions = [
        FilePrediction(name, Prediction(tuple(rows), rows[name]))
        for name in ("cat", "owl", "dog", "owl", "cat", "owl")
    ]
    broken = FilePrediction("x", None, "it is no image")
    counts = class_counts([broken, *predictions])
    assert list(counts.items()) == [("owl", 3), ("cat", 2), ("dog", 1)]
    assert class_counts([broken]) == {}


def test_no_cell_of_the_csv_is_a_formula(folder: RunFolder) -> None:
    names = ["=1+2", "+1", "-1", "@x", "\t=1", "good.png"]
    file_predictions = predict_files(Classifier(folder), [(name, png(0)) for name in names])
    text = predictions_csv(file_predictions, CLASS_NAMES).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert [row[0] for row in rows] == ["'=1+2", "'+1", "'-1", "'@x", "'\t'=1", "good.png"]
    assert not any(cell.startswith(("=", "+", "@")) for row in [header, *rows] for cell in row)
    prediction = file_predictions[0].prediction
    assert prediction is not None
    assert float(rows[0][2]) == pytest.approx(prediction.probability, abs=1e-7)
    assert rows[0][5] == prediction.fingerprint


def test_uploads_are_taken_apart_in_memory() -> None:
    uploads = [
        ("own.png", io.BytesIO(png(0))),
        ("MORE.ZIP", zipped(**{"cats/1.png": png(1), "notes.txt": b"x", ".hidden": b"x"})),
        ("more.zip", zipped(**{"cats/1.png": png(2)})),
    ]
    files = gather(uploads)
    assert [name for name, _ in files] == ["own.png", "cats/1.png", "notes.txt", "cats/1.png"]
    contents = [content() if callable(content) else content for _, content in files]
    assert contents == [png(0), png(1), b"x", png(2)]


def test_a_damaged_entry_has_its_reason(folder: RunFolder) -> None:
    whole = zipped(**{"1.png": png(1), "2.png": png(2)}).getvalue()
    index = whole.index(png(1)) + 100
    broken = whole[:index] + b"!!!!" + whole[index + 4 :]
    first, second = predict_files(Classifier(folder), gather([("x.zip", io.BytesIO(broken))]))
    assert (first.name, first.reason) == ("1.png", "its bytes in the zip file are damaged")
    assert second.name == "2.png"
    assert second.prediction is not None


@pytest.mark.parametrize(
    ("uploads", "words"),
    [
        ([("a.zip", b"no zip")], "Expected a zip or tar file of pictures, but this is text"),
        ([("a.zip", {"../x.png": b""})], "leads out of its folder"),
        ([("a.zip", {f"{n}.png": b"" for n in range(4)})], "4 entries; at most 3"),
        ([(f"{n}.png", b"") for n in range(4)], "at most 3 files at once, got 4"),
        ([("a.zip", {"1.png": b"", "2.png": b""})] * 2, "at most 3 files at once, got 4"),
        ([("a.zip", {"1.png": bytes(2000)})], "unpacks to more than"),
        ([("a.zip", {"1.png": bytes(600)})] * 2, "which is what the files before it have left"),
    ],
)
def test_what_is_too_much_is_refused_in_a_sentence(
    uploads: list[tuple[str, bytes | dict[str, bytes]]], words: str
) -> None:
    opened = [
        (name, zipped(**content) if isinstance(content, dict) else io.BytesIO(content))
        for name, content in uploads
    ]
    with pytest.raises(ArchiveError, match=words):
        gather(opened, limits=ArchiveLimits(max_entries=3, max_bytes=1000))


def test_packed_weights_give_the_same_answers(folder: RunFolder) -> None:
    features = np.random.default_rng(0).integers(0, 256, (300, SIDE * SIDE * 3), dtype=np.uint8)
    mapped, packed = Classifier(folder), Classifier(folder, for_batch=True)
    ours, theirs = mapped.predict_features(features), packed.predict_features(features)
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert ours.std(axis=0).max() > 0.001, "or all answers are the same"
    described = mapped.describe_features(features)
    assert described is not None
    assert described == pytest.approx(packed.describe_features(features), rel=1e-5, abs=1e-4)
