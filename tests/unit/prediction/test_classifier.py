"""The exported model answers the same by every way of asking, without TensorFlow."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ann_core.cli import main
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import FeatureSet, load_features
from ann_core.datasets.standardizing import standardiser_of
from ann_core.errors import RunError, ShapeError
from ann_core.imaging.fingerprint import vector_fingerprint
from ann_core.imaging.images import open_image
from ann_core.imaging.preprocessing import preprocess
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.model_files import save_model
from ann_core.runs.registry import Registry
from ann_core.settings import Settings
from ann_core.training.network import build
from tests.helpers.registry import RESULT
from tests.helpers.runs import make_dataset, run_config
from tests.helpers.training import train_until

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Trained:
    """A finished run, the data it learned from, and Keras' own answers."""

    settings: Settings
    run_id: str
    folder: RunFolder
    dataset: Dataset
    data: FeatureSet
    by_keras: np.ndarray


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    """A network that learned a little, saved as the worker does it."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("trained"), database_url="")
    dataset = make_dataset(settings.data_dir)
    config = run_config(dataset)
    data = load_features(dataset, config.preprocess, settings.features_dir)
    model = build(config.network, data.n_features, 2)
    train_until(model, data, config.network)
    registry = Registry(settings.registry_url)
    run = registry.submit(config, submit_key="key")
    folder = RunFolder.of(settings.runs_dir, run.id)
    folder.path.mkdir(parents=True)
    folder.write_config(config, dataset.class_names)
    save_model(model, folder)
    by_keras = model.predict(np.asarray(data.features), verbose=0)
    claimed = registry.attempts.claim(1)
    assert claimed is not None
    assert registry.attempts.start(*claimed, pid=1)
    assert registry.attempts.finish(*claimed, "done", result=RESULT)
    yield Trained(settings, run.id, folder, dataset, data, by_keras)
    registry.close()


@pytest.fixture
def damaged(trained: Trained, tmp_path: Path) -> RunFolder:
    """A copy of the run, to break."""
    return RunFolder(Path(shutil.copytree(trained.folder.path, tmp_path / "run")))


def test_every_way_of_asking_gives_the_same_answer(
    trained: Trained, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    classifier = Classifier(trained.folder)
    paths = [trained.dataset.path(index) for index in range(len(trained.dataset))]
    one_by_one = [classifier.predict(open_image(path).image) for path in paths]
    at_once = classifier.predict_features(np.asarray(trained.data.features))
    monkeypatch.setenv("ANN_DATA_DIR", str(trained.settings.data_dir))
    monkeypatch.setattr(
        sys, "argv", ["ann_core", "predict", trained.run_id, *map(str, paths), "--json"]
    )
    with pytest.raises(SystemExit, match="0"):
        main()
    rows = json.loads(capsys.readouterr().out)

    assert at_once == pytest.approx(trained.by_keras, abs=1e-6)
    pixels = [preprocess(open_image(path).image, classifier.preprocess) for path in paths]
    assert [classifier.predict_pixels(each) for each in pixels] == one_by_one
    assert at_once.std(axis=0).min() > 0.01, "or all answers are the same"
    for row, prediction, printed in zip(at_once, one_by_one, rows, strict=True):
        assert prediction.probabilities == pytest.approx(row.tolist(), abs=1e-6)
        printed_row = tuple(printed["probabilities"].values())
        assert printed_row == pytest.approx(prediction.probabilities, abs=1e-6)
        assert tuple(printed["probabilities"]) == prediction.class_names == ("bright", "dark")
        assert printed["class"] == prediction.class_name == prediction.class_names[row.argmax()]
        assert prediction.probability == pytest.approx(row.max(), abs=1e-6)
    prints = [vector_fingerprint(row) for row in np.asarray(trained.data.features)]
    assert [prediction.fingerprint for prediction in one_by_one] == prints
    assert [printed["fingerprint"] for printed in rows] == prints
    assert len(set(prints)) == len(prints)


def test_a_standardising_model_answers_as_keras_does(trained: Trained, tmp_path: Path) -> None:
    data = replace(
        trained.data,
        preprocess=trained.data.preprocess.model_copy(update={"scaling": "standard"}),
    )
    config = run_config(trained.dataset).model_copy(update={"preprocess": data.preprocess})
    standardiser = standardiser_of(data)
    model = build(config.network, data.n_features, 2, standardiser=standardiser)
    train_until(model, data, config.network)
    folder = RunFolder(tmp_path)
    folder.write_config(config, data.class_names)
    save_model(model, folder)
    features = np.asarray(data.features)
    by_keras = model.predict(features, verbose=0)
    import keras

    again = keras.models.load_model(folder.keras_model).predict(features, verbose=0)
    classifier = Classifier(folder)
    one_by_one = [
        classifier.predict(open_image(trained.dataset.path(index)).image).probabilities
        for index in range(len(trained.dataset))
    ]

    assert classifier.preprocess.scaling == "standard"
    assert np.array_equal(again, by_keras)
    assert classifier.predict_features(features) == pytest.approx(by_keras, abs=1e-5)
    assert one_by_one == [pytest.approx(row, abs=1e-5) for row in by_keras.tolist()]
    assert by_keras.std(axis=0).min() > 0.01, "or all answers are the same"
    assert np.abs(by_keras - trained.by_keras).max() > 0.01, "or scaling makes no difference"


def test_threads_may_share_a_classifier(trained: Trained) -> None:
    classifier = Classifier(trained.folder)
    features = np.asarray(trained.data.features)
    parts = [features[start : start + size] for size in (1, 3, 8, 40) for start in (0, 5, 9)]
    alone = [Classifier(trained.folder).predict_features(part) for part in parts]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(classifier.predict_features, parts * 20))

    for number, prediction in enumerate(together):
        assert np.array_equal(prediction, alone[number % len(parts)])


@pytest.mark.parametrize("n_images", [0, 1, 255, 256, 257, 600])
def test_any_number_of_images_is_answered_in_order(trained: Trained, n_images: int) -> None:
    classifier = Classifier(trained.folder)
    rows = np.arange(n_images) % len(trained.by_keras)
    predictions = classifier.predict_features(np.asarray(trained.data.features)[rows])

    assert predictions.shape == (n_images, 2)
    assert predictions.dtype == np.float32
    assert predictions == pytest.approx(trained.by_keras[rows], abs=1e-6)


@pytest.mark.parametrize(
    "features",
    [
        np.zeros((2, 63), np.uint8),
        np.zeros(64, np.uint8),
        np.zeros((1, 8, 8), np.uint8),
        np.zeros((2, 64), np.float64),
    ],
    ids=["a pixel too few", "one axis", "not flattened", "already scaled"],
)
def test_features_of_another_kind_are_refused(trained: Trained, features: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"Expected uint8 features with shape \(n_images, 64\)"):
        Classifier(trained.folder).predict_features(features)


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("model.tflite", None, "This network is not trained yet"),
        ("model.tflite", b"", "The model of this network is damaged"),
        ("model.tflite", b"no model", "The model of this network is damaged"),
        ("preprocessing.json", None, "preprocessing.json of this network is missing or damaged"),
        ("preprocessing.json", b"{", "preprocessing.json of this network is missing or damaged"),
        (
            "preprocessing.json",
            b'{"mode": "blue"}',
            "preprocessing.json of this network is missing",
        ),
        ("preprocessing.json", b"\xff\xfe", "preprocessing.json of this network is missing"),
        ("class_names.json", None, "class_names.json of this network is missing or damaged"),
        ("class_names.json", b"7", "class_names.json of this network is missing or damaged"),
        ("class_names.json", b'["cat", 7]', "class_names.json of this network is missing"),
        ("class_names.json", b'["a", "b", "c"]', "knows 2 classes, but the files .* speak of 64"),
        ("preprocessing.json", b"{}", "takes 64 values .* speak of 9,216"),
    ],
)
def test_a_damaged_run_is_told_in_a_sentence(
    damaged: RunFolder, file: str, content: bytes | None, sentence: str
) -> None:
    if content is None:
        (damaged.path / file).unlink()
    else:
        (damaged.path / file).write_bytes(content)

    with pytest.raises(RunError, match=sentence) as caught:
        Classifier(damaged)
    assert "\n" not in str(caught.value)


def test_a_model_that_was_cut_off_is_told_in_a_sentence(damaged: RunFolder) -> None:
    content = damaged.litert_model.read_bytes()
    for length in (4, 100, len(content) // 2, len(content) - 8):
        damaged.litert_model.write_bytes(content[:length])
        with pytest.raises(RunError, match="The model of this network is damaged"):
            Classifier(damaged)


def test_no_tensorflow_is_needed(trained: Trained) -> None:
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from ann_core.prediction.classifier import Classifier\n"
        "from ann_core.runs.folder import RunFolder\n"
        "classifier = Classifier(RunFolder(Path(sys.argv[1])))\n"
        "classifier.predict_features(np.zeros((1, 64), np.uint8))\n"
        "print(sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))\n"
    )
    command = [sys.executable, "-c", code, str(trained.folder.path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)

    assert done.stdout == "[]\n", "LiteRT prints nothing there, and loads none of these"
