"""The command line as its users meet it: real processes for the main way."""

from __future__ import annotations

import json
import random
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.features import load_features
from ann_core.datasets.split import SplitConfig
from ann_core.evaluation.baselines import TITLES
from ann_core.evaluation.run_inputs import load_run_inputs
from ann_core.evaluation.shift_result import ShiftTests
from ann_core.evaluation.shift_sentences import describe_shift
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image, process_image
from ann_core.imaging.perturbation import shift as move
from ann_core.imaging.preprocessing import preprocess
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.run import RunConfig
from tests.helpers.command_line import (
    LONG,
    CommandLine,
    Session,
    assert_one_sentence,
)
from tests.helpers.download_site import Site, serving
from tests.helpers.open_files import open_files
from tests.helpers.runs import PIXELS, write_images


def test_import_tells_what_came_in_and_what_was_left_out(session: Session) -> None:
    printed = json.loads(session.imported.out)

    assert (printed["name"], printed["n_images"], printed["n_skipped"]) == ("toy", 120, 1)
    rule = {"rule": "article", "train": 0.8, "validation": 0.1, "seed": 42}
    assert printed["split"] == SplitConfig.parse(rule).model_dump(mode="json")
    throw = random.Random(42).random
    throws = [throw() for _ in range(60)]
    assert printed["counts"]["bright"] == {
        "train": sum(value <= 0.8 for value in throws),
        "validation": sum(0.8 < value <= 0.9 for value in throws),
        "test": sum(value > 0.9 for value in throws),
    }
    (left_out,) = printed["skipped"]
    assert left_out["source"] == "dark/broken.png"
    assert left_out["reason"]
    assert "importing toy" in session.imported.err


def test_train_prints_its_result_as_pure_json(session: Session) -> None:
    assert session.trained.code == 0, session.trained.err
    run = session.run

    assert (run["status"], run["name"], run["epoch"]) == ("done", "[red] first", 40)
    assert [epoch["epoch"] for epoch in run["history"]] == list(range(1, 41))
    assert run["history"][-1]["val_accuracy"] > 0.8
    assert run["config"]["network"]["hidden_units"] == [8]
    assert run["config"]["preprocess"]["image_size"] == [8, 8]
    assert run["config"]["preprocess"]["scaling"] == "standard"
    assert run["finished"].startswith(run["created"][:10] + "T")


def test_train_says_on_the_way_how_it_goes(session: Session) -> None:
    lines = session.trained.err.splitlines()

    for epoch in (1, 2, 39, 40):
        (printed,) = [line for line in lines if line.startswith(f"epoch {epoch}/40: ")]
        score = session.run["history"][epoch - 1]["val_accuracy"]
        assert printed == f"epoch {epoch}/40: validation accuracy {score:.4f}"
    assert "training" in lines
    assert lines[-1] == "done"
    assert max(map(len, lines)) < 80


def test_a_second_training_waits_behind_the_first(session: Session) -> None:
    waiting = session.heard.index("waiting\n")

    assert waiting < next(n for n, text in enumerate(session.heard) if text.startswith("epoch 1/"))


def test_ctrl_c_stops_the_training_and_keeps_the_model(session: Session) -> None:
    assert session.stopped.code == 0, session.stopped.err
    assert "Stopping after this batch; what was learned is kept.\n" in session.stopped.err
    assert f"run {session.stopped_id}: stopped\n" in session.stopped.out
    assert "test accuracy" not in session.stopped.out
    assert re.search(r"^validation accuracy [01]\.\d{4} with", session.stopped.out, re.MULTILINE)
    folder = RunFolder.of(session.line.data_dir / "runs", session.stopped_id)
    assert f"files: {folder.path}\n" in session.stopped.out
    assert Classifier(folder).preprocess == PIXELS


def test_runs_lists_both_without_cutting_anything(session: Session, quick: Any) -> None:
    listed = session.line.run("runs")  # stdout is a pipe of no width
    assert (listed.code, listed.err) == (0, "")
    header, newest, oldest = listed.out.splitlines()

    assert header.split("  ")[0] == "run"
    assert newest.split()[0] == session.stopped_id
    assert newest.split()[3] == "stopped"
    accuracy = session.run["result"]["accuracy"]["validation"]
    for value in (session.run["id"], "[red] first", "toy", "done", "40/40", f"{accuracy:.4f}"):
        assert value in oldest
    printed = json.loads(quick("runs", "--json", data_dir=session.line.data_dir).out)
    assert [run["id"] for run in printed] == [session.stopped_id, session.run["id"]]


def test_show_tells_settings_history_and_result(session: Session, quick: Any) -> None:
    shown = quick("show", session.run["id"], data_dir=session.line.data_dir)
    lines = shown.out.splitlines()

    assert (shown.code, shown.err) == (0, "")
    assert lines[0] == f"run {session.run['id']}: done"
    happened = [line.split()[-1] for line in lines[1:5]]
    assert happened == ["queued", "claimed", "started", "done"]
    assert lines[5] == "data set toy, network 8, 40/40 epochs"
    assert f"validation accuracy {session.run['history'][-1]['val_accuracy']:.4f}" in lines[6]
    best = session.run["result"]["best_epoch"]
    assert lines[7] == f"weights of epoch {best}, the best by validation loss"
    assert lines[8].startswith("test accuracy ")
    assert lines[9].split() == ["class", "precision", "recall", "as", "bright", "as", "dark"]
    printed = quick("show", session.run["id"], "--json").out
    assert json.loads(printed) == session.run


def test_shift_gives_what_training_found_and_the_exported_model_says(
    session: Session, quick: Any
) -> None:
    data_dir, run_id = session.line.data_dir, session.run["id"]
    folder = RunFolder.of(data_dir / "runs", run_id)
    stored = json.loads(folder.shift_test.read_text())
    assert session.run["shift_test"] == stored
    config = session.run["config"]
    inputs = load_run_inputs(folder, RunConfig.parse(config), data_dir / "features")
    predictions = load_predictions(folder.predictions, n_classes=2).of("test")
    assert inputs is not None
    assert stored["test"]["n_correct"] == predictions.correct.sum()
    images = inputs.images(predictions.rows)
    for moved in stored["test"]["right"]:
        rows = np.stack([move(image, moved["pixels"], 0) for image in images])
        classes = Classifier(folder).predict_features(rows.reshape(len(rows), -1)).argmax(axis=1)
        assert moved["n_correct"] == (classes == predictions.labels).sum()

    folder.shift_test.unlink()  # a run of an older version
    assert json.loads(quick("show", run_id, "--json", data_dir=data_dir).out)["shift_test"] is None
    assert json.loads(quick("shift", run_id, "--json").out) == stored
    assert json.loads(folder.shift_test.read_text()) == stored
    printed = quick("shift", run_id).out
    words = describe_shift(ShiftTests.parse(stored).test).replace("**", "")
    assert words in printed
    assert words in quick("show", run_id).out
    last = stored["test"]["right"][-1]
    share = last["n_correct"] / stored["test"]["n_images"]
    assert f"{last['pixels']} right {share:.4f}" in re.sub(" +", " ", printed)


def test_evaluate_gives_what_training_found(session: Session, quick: Any) -> None:
    data_dir, run_id = session.line.data_dir, session.run["id"]
    test = session.run["result"]["test"]
    printed = json.loads(quick("evaluate", run_id, "--json", data_dir=data_dir).out)
    assert (printed["confusion"], printed["accuracy"]) == (test["confusion"], test["accuracy"])
    assert printed["loss"] == pytest.approx(test["loss"], abs=1e-5)

    everything = json.loads(quick("evaluate", run_id, "--split", "all", "--json").out)
    assert everything["n_images"] == 120
    printed = quick("evaluate", run_id).out
    assert printed.startswith(f"test accuracy {test['accuracy']:.4f} on {test['n_images']} pict")
    assert_one_sentence(quick("evaluate", run_id, "--split", "both"), "test or all", "'both'")


def test_compare_tells_what_differs_and_whether_it_is_luck(session: Session, quick: Any) -> None:
    data_dir, pair = session.line.data_dir, (session.run["id"], session.stopped_id)
    printed = json.loads(quick("compare", *pair, "--json", data_dir=data_dir).out)
    assert list(printed["differing"]) == ["scaling", "batch size", "epochs"]
    assert printed["accuracy"][pair[0]] == session.run["result"]["test"]["accuracy"]
    n_apart = len(printed["only_first"]) - len(printed["only_second"])
    shares = [printed["accuracy"][run_id] for run_id in pair]
    assert (shares[0] - shares[1]) * printed["n_images"] == pytest.approx(n_apart)
    verdict = (
        "small enough to be chance" if printed["within_luck"] else "larger than chance explains"
    )
    rate = session.run["config"]["network"]["learning_rate"]
    assert printed["settings"][pair[0]]["learning rate"] == rate
    assert set(printed["validation"]) == set(pair)
    printed = quick("compare", *pair).out
    assert_one_sentence(quick("compare", pair[0], pair[0]), "Expected two different runs")
    assert "3 settings differ: scaling, batch size, epochs." in printed
    assert "the results of 2 networks have been looked at" in printed
    assert f"this difference is {verdict}" in printed
    assert printed.splitlines()[0].split() == list(pair)


def test_a_run_is_named_and_noted(session: Session, quick: Any) -> None:
    run_id = session.stopped_id
    words = ("--name", "stopped early", "--notes", "two epochs")
    printed = json.loads(
        quick("describe", run_id, *words, "--json", data_dir=session.line.data_dir).out
    )
    assert (printed["name"], printed["notes"]) == ("stopped early", "two epochs")
    quick("describe", run_id, "--name", "")
    shown = json.loads(quick("show", run_id, "--json").out)
    assert (shown["name"], shown["notes"]) == ("", "two epochs")


def test_baselines_are_the_same_for_people_and_machines(session: Session, quick: Any) -> None:
    options = ("baselines", "toy", "--image-size", "8")
    printed = json.loads(quick(*options, "--json", data_dir=session.line.data_dir).out)
    assert [each["key"] for each in printed] == list(TITLES)
    lines = quick(*options).out.splitlines()
    for baseline, line in zip(printed, lines[1:], strict=True):
        assert line.startswith(TITLES[baseline["key"]])
        assert f"{baseline['test']:.4f}" in line


def test_predict_answers_for_files_and_folders_and_tells_what_it_cannot_read(
    session: Session, tmp_path: Path
) -> None:
    images = write_images(tmp_path / "pictures", n_images=2)
    broken = tmp_path / "broken [bold].png"
    broken.write_text("no picture")
    deep = images / "bright" / "2024" / "june" / "beach"
    deep.mkdir(parents=True)
    shutil.copy(images / "dark" / "1.png", deep / "without an ending")
    (deep / "scan").write_bytes(b"%PDF-1.4\n")
    (deep / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    (deep / ".hidden").write_bytes(b"litter")
    paths = [str(images / "dark" / "0.png"), str(broken), str(images / "bright")]
    missing = str(tmp_path / "missing.jpg")
    printed = session.line.run("predict", session.run["id"], *paths, missing, "--json")

    assert printed.code == 0, printed.err
    predictions = {
        Path(prediction["picture"]).name: prediction for prediction in json.loads(printed.out)
    }
    names = [prediction["picture"] for prediction in json.loads(printed.out)]
    inside = [str(images / "bright" / f"{number}.png") for number in (0, 1)]
    assert names == [
        *(paths[0], paths[1], *inside, str(deep / "without an ending"), missing),
        *(str(deep / "IMG_1.HEIC"), str(deep / "scan")),
    ]
    assert predictions["without an ending"]["class"] == "dark"
    assert "it is a HEIC photograph" in predictions["IMG_1.HEIC"]["error"]
    assert "it is a PDF document" in predictions["scan"]["error"]
    assert set(predictions["broken [bold].png"]) == {"picture", "error"}
    assert set(predictions["missing.jpg"]) == {"picture", "error"}
    assert sum(predictions["1.png"]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert predictions["1.png"]["class"] == "bright"


def test_predict_prints_a_line_for_each_image(session: Session, quick: Any, tmp_path: Path) -> None:
    long = write_images(tmp_path / ("a folder with a name of more than eighty characters" * 2))
    broken = tmp_path / "broken [bold].png"
    broken.write_text("no picture")
    empty = tmp_path / "empty"
    empty.mkdir()
    paths = [str(long / "dark" / "0.png"), str(broken)]
    pasted = [f"'{paths[0]}'", broken.as_uri(), str(empty)]
    shown = quick("predict", session.run["id"], *paths, *pasted, data_dir=session.line.data_dir)
    header, good, bad, *others = shown.out.splitlines()

    assert header.split() == ["picture", "class", "warning", "fingerprint", "bright", "dark"]
    assert good.startswith(paths[0] + "  dark")
    assert good.endswith("%")
    assert bad.startswith(paths[1])
    assert others[:2] == [good, bad]
    assert others[2].split("  ")[0] == str(empty)
    assert "there is no picture in this folder" in others[2]
    failed = quick("predict", session.run["id"], str(broken))
    assert failed.code == 1
    assert "none of the files could be read" in failed.err


def test_predict_fetches_a_picture_by_its_address(
    session: Session, quick: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_images(tmp_path / "pictures", n_images=2) / "dark" / "0.png"
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("ANN_ALLOW_PRIVATE_ADDRESSES", "true")
    with serving(Site()) as site:
        site.files["/dark.png?sig=hush"] = path.read_bytes()
        given = (str(path), f"{site.url}/dark.png?sig=hush")
        predict = ("predict", session.run["id"], *given, "--json")
        by_address, by_file = json.loads(quick(*predict, data_dir=session.line.data_dir).out)
    assert by_address["picture"] == "http://127.0.0.1/dark.png"
    assert by_address["probabilities"] == by_file["probabilities"]


def test_the_fingerprint_of_a_image_is_the_same_everywhere(session: Session, quick: Any) -> None:
    folder = RunFolder.of(session.line.data_dir / "runs", session.run["id"])
    dataset = Catalog(session.line.data_dir / "datasets").load("toy")
    first = dataset.indices("test")[:5]
    paths = [dataset.path(index) for index in first]
    images = [open_image(path).image for path in paths]
    by_worker = json.loads(folder.fingerprints.read_text())
    by_worker_log = re.findall("fingerprint ([0-9a-f]{16}) of (.+)", folder.log.read_text())
    paths = ["predict", session.run["id"], *paths]
    by_command = json.loads(quick(*paths, "--json", data_dir=session.line.data_dir).out)
    lines = quick(*paths).out.splitlines()[1:]
    classifier = Classifier(folder)

    expected = [vector_fingerprint(preprocess(image, PIXELS).ravel()) for image in images]
    assert len(set(expected)) == 5
    assert list(by_worker) == dataset.images["source"].iloc[first].tolist()
    assert list(by_worker.values()) == expected
    assert [(name, digits) for digits, name in by_worker_log] == list(by_worker.items())
    assert [prediction["fingerprint"] for prediction in by_command] == expected
    assert [line.split()[-3] for line in lines] == expected
    assert [classifier.predict(image).fingerprint for image in images] == expected


def test_the_model_standardises_over_the_training_images(session: Session) -> None:
    folder = RunFolder.of(session.line.data_dir / "runs", session.run["id"])
    dataset = Catalog(session.line.data_dir / "datasets").load("toy")
    train = [process_image(dataset.path(index), PIXELS) for index in dataset.indices("train")]
    with zipfile.ZipFile(folder.keras_model) as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    values = {layer["config"]["name"]: layer["config"] for layer in layers}
    whole = np.asarray(values["centred"]["offset"]["config"]["value"])

    pixels = np.stack(train) * 255
    assert values["scaled"]["mean"] - whole == pytest.approx(pixels.mean(axis=0))
    assert values["scaled"]["variance"] == pytest.approx(pixels.var(axis=0))


def test_table_writes_what_pandas_reads(session: Session, quick: Any, tmp_path: Path) -> None:
    data_dir, out = session.line.data_dir, tmp_path / "test set.parquet"
    shown = quick(
        *("table", "toy", "--split", "test", "--image-size", "8", "--out", str(out)),
        data_dir=data_dir,
    )
    table = pd.read_parquet(out)
    n_rows = session.run["result"]["test"]["n_images"]

    assert shown.code == 0, shown.err
    assert table.shape == (n_rows, 65)
    assert shown.out.startswith(f"{out}: {n_rows} rows, 65 columns, ")
    assert f"pandas.read_parquet('{out}')" in shown.out
    assert "writing the table" in shown.err
    printed = json.loads(
        quick("table", "toy", "--image-size", "8", "--out", str(out), "--json").out
    )
    assert printed == {
        **{"path": str(out), "n_rows": len(pd.read_parquet(out)), "n_columns": 65},
        **{"n_bytes": out.stat().st_size},
    }
    wrong = ["table", "toy", "--out", str(tmp_path / "nowhere" / "x.parquet")]
    assert_one_sentence(quick(*wrong), "Expected the name of a file in a folder that exists")
    wrong = ["table", "toy", "--out", str(out), "--scaling", "huge"]
    assert_one_sentence(quick(*wrong), "scaling", "'unit' or 'standard'", "'huge'")


def test_the_features_of_training_are_found_again(session: Session) -> None:
    dataset = Catalog(session.line.data_dir / "datasets").load("toy")
    made = list((session.line.data_dir / "features").iterdir())
    load_features(dataset, PIXELS, session.line.data_dir / "features")

    assert list((session.line.data_dir / "features").iterdir()) == made
    assert len(made) == 2, "those of the import, in the article's size, and those of the training"


def test_a_training_is_paused_continued_stopped_and_deleted(
    session: Session, quick: Any, tmp_path: Path
) -> None:
    line = CommandLine(tmp_path / "data")
    shutil.copytree(session.line.data_dir / "datasets", line.data_dir / "datasets")
    training = line.begin("train", "toy", *LONG, "--name", "long")
    assert training.stderr and training.stdout
    run_id = training.stderr.readline().split()[1]
    for text in training.stderr:
        if text.startswith("epoch 2/"):
            break
    assert quick("delete", run_id, data_dir=line.data_dir).err == (
        "This training is still under way. Stop it first, then delete it.\n"
    )
    assert quick("pause", run_id).err == f"run {run_id}: running, asked to pause\n"
    out, _ = training.communicate(timeout=60)
    assert training.returncode == 0
    assert out.startswith(f"run {run_id}: paused\n")

    going_on = line.begin("resume", run_id, "--json")
    assert going_on.stderr
    heard = [text for text in iter(going_on.stderr.readline, "training\n") if text]
    assert not any(text.startswith("epoch 1/") for text in heard[1:]), "not from the beginning"
    assert quick("stop", run_id).code == 0
    out, _ = going_on.communicate(timeout=60)
    stopped = json.loads(out)
    assert (stopped["status"], stopped["attempt"]) == ("stopped", 2)
    epochs = [epoch["epoch"] for epoch in stopped["history"]]
    assert epochs == list(range(1, len(epochs) + 1))
    again = json.loads(quick("stop", run_id, "--json").out)
    assert again["status"] == "stopped", "stopping twice does no harm"
    assert_one_sentence(quick("resume", run_id), "has ended and cannot go on")

    assert json.loads(quick("delete", run_id, "--json").out) == {"deleted": run_id}
    assert quick("runs", "--json").out == "[]\n"
    assert list((line.data_dir / "runs").iterdir()) == []


def test_a_clone_has_the_same_settings_and_the_same_result(session: Session) -> None:
    cloned = session.line.run("clone", session.run["id"], "--json")
    assert cloned.code == 0, cloned.err
    again = json.loads(cloned.out)
    session.line.run("delete", again["id"])

    assert again["id"] != session.run["id"]
    assert (again["name"], again["config"]) == (session.run["name"], session.run["config"])
    assert again["result"]["test"] == session.run["result"]["test"]


def test_a_command_leaves_no_database_open(tmp_path: Path, quick: Any) -> None:
    assert quick("runs").code == 0
    assert list(tmp_path.glob("data/registry.db")), "it was opened"
    assert open_files(tmp_path) == []
