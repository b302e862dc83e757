"""Many files at once, and the shelf that keeps networks open: small networks, real files."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ann_core.errors import ArchiveError, RunError
from ann_core.evaluation.knn import distance_beyond, nearest
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.batch import (
    MAX_CLASSES,
    gather,
    predict_files,
    predictions_csv,
    predictions_table,
)
from ann_core.prediction.classifier import Classifier
from ann_core.prediction.model_cache import ModelCache
from ann_core.runs.folder import RunFolder, write_json
from ann_core.runs.model_files import save_model
from ann_core.training.network import build
from ann_core.training.network_config import NetworkConfig

ROOT = Path(__file__).resolve().parents[3]
SIDE = 8
N_CLASSES = MAX_CLASSES + 2
CLASS_NAMES = tuple(f"={number}" if number == 1 else f"k{number}" for number in range(N_CLASSES))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A network with random weights, which has learned nothing."""
    folder = RunFolder(tmp_path_factory.mktemp("run"))
    config = PreprocessConfig(image_size=(SIDE, SIDE), mode="rgb", resize="pad")
    model = build(NetworkConfig(hidden_units=(4,)), config.n_features, N_CLASSES)
    save_model(model, folder)
    write_json(folder.preprocessing, config.model_dump(mode="json"))
    write_json(folder.class_names, list(CLASS_NAMES))
    return folder


@pytest.fixture
def copies(folder: RunFolder, tmp_path: Path) -> list[RunFolder]:
    return [
        RunFolder(Path(shutil.copytree(folder.path, tmp_path / f"run{number}")))
        for number in range(5)
    ]


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
    told: list[tuple[int, int]] = []
    classifier = Classifier(folder)
    file_predictions = predict_files(
        classifier, files, lambda done, total: told.append((done, total)), thumbnails=True
    )

    assert [file_prediction.name for file_prediction in file_predictions] == [
        name for name, _ in files
    ]
    assert told[0] == (0, 151)
    assert told[-1] == (151, 151)
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
    assert list(table)[:5] == ["file", "class", "probability", "reason", "fingerprint"]
    assert [name for name in table if name.startswith("p(")] == [
        f"p({name})" for name in CLASS_NAMES[:MAX_CLASSES]
    ]
    assert table["class"].tolist() == [file_predictions[0].prediction.class_name, ""]  # type: ignore[union-attr]
    assert table["probability"].isna().tolist() == [False, True]
    assert table["reason"].tolist() == ["", "the file is empty (0 bytes)"]
    with_thumbnails = predict_files(Classifier(folder), [("a", png(1))], thumbnails=True)
    [address] = predictions_table(with_thumbnails, CLASS_NAMES)["picture"]
    assert address.startswith("data:image/jpeg;base64,")


def test_no_cell_of_the_csv_is_a_formula(folder: RunFolder) -> None:
    names = ["=1+2", "+1", "-1", "@x", "\t=1", "good.png"]
    file_predictions = predict_files(Classifier(folder), [(name, png(0)) for name in names])
    text = predictions_csv(file_predictions, CLASS_NAMES).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert [row[0] for row in rows] == ["'=1+2", "'+1", "'-1", "'@x", "'\t'=1", "good.png"]
    assert not any(cell.startswith(("=", "+", "@")) for row in [header, *rows] for cell in row)
    told = file_predictions[0].prediction
    assert told is not None
    assert float(rows[0][2]) == pytest.approx(told.probability, abs=1e-7)
    assert rows[0][4] == told.fingerprint


def test_uploads_are_taken_apart(tmp_path: Path) -> None:
    uploads = [
        ("own.png", io.BytesIO(png(0))),
        ("MORE.ZIP", zipped(**{"cats/1.png": png(1), "notes.txt": b"x", ".hidden": b"x"})),
        ("more.zip", zipped(**{"cats/1.png": png(2)})),
    ]
    files, damaged = gather(uploads, tmp_path)
    assert [name for name, _ in files] == ["own.png", "cats/1.png", "notes.txt", "cats/1.png"]
    assert damaged == []
    contents = [s if isinstance(s, bytes) else s.read_bytes() for _, s in files]
    assert contents == [png(0), png(1), b"x", png(2)]


def test_a_damaged_entry_has_its_reason(tmp_path: Path) -> None:
    whole = zipped(**{"1.png": png(1), "2.png": png(2)}).getvalue()
    place = whole.index(png(1)) + 100
    broken = whole[:place] + b"!!!!" + whole[place + 4 :]
    files, damaged = gather([("x.zip", io.BytesIO(broken))], tmp_path)
    assert [name for name, _ in files] == ["2.png"]
    assert [(one.name, one.reason) for one in damaged] == [
        ("1.png", "its bytes in the zip file are damaged")
    ]


@pytest.mark.parametrize(
    ("uploads", "words"),
    [
        ([("a.zip", b"no zip")], "Expected a whole zip file"),
        ([("a.zip", {"../x.png": b""})], "leads out of its folder"),
        ([("a.zip", {f"{n}.png": b"" for n in range(4)})], "4 entries; at most 3"),
        ([(f"{n}.png", b"") for n in range(4)], "at most 3 files at once, got 4"),
        ([("a.zip", {"1.png": b"", "2.png": b""})] * 2, "at most 3 files at once, got 4"),
        ([("a.zip", {"1.png": bytes(2000)})], "unpacks to more than"),
    ],
)
def test_what_is_too_much_is_refused_in_a_sentence(
    tmp_path: Path, uploads: list[tuple[str, bytes | dict[str, bytes]]], words: str
) -> None:
    opened = [
        (name, zipped(**content) if isinstance(content, dict) else io.BytesIO(content))
        for name, content in uploads
    ]
    with pytest.raises(ArchiveError, match=words):
        gather(opened, tmp_path, max_files=3, max_bytes=1000)


def test_packed_weights_give_the_same_answers(folder: RunFolder) -> None:
    features = np.random.default_rng(0).integers(0, 256, (300, SIDE * SIDE * 3), dtype=np.uint8)
    mapped, packed = Classifier(folder), Classifier(folder, for_batch=True)
    ours, theirs = mapped.predict_features(features), packed.predict_features(features)
    assert ours == pytest.approx(theirs, abs=1e-6)
    assert ours.std(axis=0).max() > 0.001, "or all answers are the same"
    described = mapped.describe_features(features)
    assert described is not None
    assert described == pytest.approx(packed.describe_features(features), rel=1e-5, abs=1e-4)


def test_the_least_used_network_is_let_go_first(copies: list[RunFolder]) -> None:
    model_cache = ModelCache(max_open=3)
    first = model_cache.open(copies[0])
    model_cache.open(copies[1])
    model_cache.open(copies[2])
    assert model_cache.open(copies[0]) is first
    model_cache.open(copies[3])
    assert model_cache.opened == [copies[n].path for n in (2, 0, 3)], (
        "the second one was waiting longest"
    )
    assert model_cache.open(copies[0]) is first


def test_large_networks_make_room_for_each_other(copies: list[RunFolder]) -> None:
    size = copies[0].litert_model.stat().st_size
    model_cache = ModelCache(max_open=5, max_bytes=2 * size)
    for copy in copies:
        model_cache.open(copy)
    assert model_cache.opened == [copies[3].path, copies[4].path]
    smaller = ModelCache(max_bytes=1)
    smaller.open(copies[0])
    smaller.open(copies[1])
    assert smaller.opened == [copies[1].path], "the one that is asked stays, however large"


def test_a_model_that_was_replaced_is_opened_anew(copies: list[RunFolder]) -> None:
    model_cache = ModelCache()
    before = model_cache.open(copies[0])
    os.utime(copies[0].litert_model, ns=(1, 1))
    assert model_cache.open(copies[0]) is not before
    copies[0].litert_model.unlink()
    with pytest.raises(RunError, match="no model yet"):
        model_cache.open(copies[0])


def test_a_large_question_has_the_memory_for_itself(copies: list[RunFolder]) -> None:
    model_cache = ModelCache()
    model_cache.open(copies[0])
    waited = threading.Event()

    def another() -> None:
        with model_cache.for_batch(copies[1]):
            waited.set()

    with model_cache.for_batch(copies[0]) as classifier:
        assert model_cache.opened == []
        assert classifier.predict_features(np.zeros((2, SIDE * SIDE * 3), np.uint8)).shape[0] == 2
        thread = threading.Thread(target=another)
        thread.start()
        assert not waited.wait(0.2)
    thread.join(10)
    assert waited.is_set()


OPEN_ALL = """
import json, sys
from pathlib import Path
import numpy as np
import psutil
from ann_core.runs.folder import RunFolder
from ann_core.prediction.model_cache import ModelCache
cache, used = ModelCache(), []
for path in [Path(sys.argv[1]), *map(Path, sys.argv[1:])]:
    classifier = cache.open(RunFolder(path))
    classifier.predict_features(np.ones((1, classifier.preprocess.n_features), np.uint8))
    used.append(psutil.Process().memory_info().rss)
with cache.for_batch(RunFolder(Path(sys.argv[1]))) as classifier:
    classifier.predict_features(np.ones((300, classifier.preprocess.n_features), np.uint8))
    del classifier
used.append(psutil.Process().memory_info().rss)
print(json.dumps(used))
"""


def test_an_open_network_takes_no_more_memory_than_its_file(tmp_path: Path) -> None:
    """Three of them, each 38 MB; a copy of the weights in another order would double that."""
    first = RunFolder(tmp_path / "0")
    first.path.mkdir()
    config = PreprocessConfig()
    save_model(build(NetworkConfig(hidden_units=(1024,)), config.n_features, 2), first)
    first.keras_model.unlink()
    write_json(first.preprocessing, config.model_dump(mode="json"))
    write_json(first.class_names, ["cat", "dog"])
    paths = [first.path, *(shutil.copytree(first.path, tmp_path / name) for name in "12")]
    command = [sys.executable, "-c", OPEN_ALL, *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    one, again, *_, three, after_many = json.loads(done.stdout)

    size = first.litert_model.stat().st_size
    assert size > 37e6
    assert again - one < 0.1 * size, "the same network is opened once"
    assert three - one < 2.2 * size
    assert after_many < three - 1.8 * size, "a large question lets go of all"


def test_a_distance_is_told_if_nothing_lies_within_the_limit() -> None:
    table = np.random.default_rng(0).integers(0, 256, (2500, 12), dtype=np.uint8)
    query = np.full(12, 255, np.uint8)
    places = np.arange(100, 2500)
    [[closest]] = nearest(query[np.newaxis], table, places, k=1)[1]
    assert closest == np.linalg.norm(table[places].astype(float) - 255, axis=1).min()
    assert distance_beyond(query, table, places, limit=closest - 1) == closest
    assert distance_beyond(query, table, places, limit=closest) is None
    assert distance_beyond(query, table, places[:0], limit=1.0) is None


def test_the_pages_of_a_map_are_handed_back(tmp_path: Path) -> None:
    """A table is read in blocks: what was read once is not kept as memory of the process."""
    import psutil

    path = tmp_path / "table.npy"
    np.save(path, np.zeros((30_000, 4096), np.uint8))
    table = np.load(path, mmap_mode="r")
    query = np.zeros((1, 4096), np.uint8)
    nearest(query, table, np.arange(2000))
    before = psutil.Process().memory_info().rss
    places, distances = nearest(query, table, np.arange(len(table)), k=3)
    grown = psutil.Process().memory_info().rss - before
    assert distances.tolist() == [[0, 0, 0]]
    assert places.tolist() == [[0, 1, 2]]
    assert grown < 60e6, f"{grown / 1e6:.0f} MB of a table of 123 MB"
