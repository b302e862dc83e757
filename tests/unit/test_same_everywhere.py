"""The same 200 images, by every way there is: the same classes, probabilities and warnings.

They have 16 bits a value and use 12, so every way has to stretch them by the same rule. The network
learned in bfloat16, where there is a unit for it; all answers are computed in float32.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.evaluation.stored_predictions import Predictions, load_predictions
from ann_core.export.code.code_bundle import code_bundle
from ann_core.imaging.images import open_image
from ann_core.imaging.ood_rule import load_ood_rule
from ann_core.imaging.preprocessing import preprocess
from ann_core.prediction.batch import UNLIKE
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.training.precision import has_bfloat16_here
from tests.helpers.exported_run import Trained, train

N_IMAGES = 200
AGREEMENT = 1e-5
PRECISION = "bfloat16" if has_bfloat16_here() else "float32"
ROOT = Path(__file__).resolve().parents[2]
# Runs train.py, and keeps what its own network said at its end.
TRAIN_AGAIN = """
import runpy
import numpy as np
np.save("probabilities.npy", runpy.run_path("train.py")["probabilities"])
"""
# Opens the Predict page as a visitor does, uploads a zip file there and prints the table.
ASK_THE_PAGE = """
import sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from ui.base import services

services._started = True
run_id, bundle = sys.argv[1:]
page = AppTest.from_file("streamlit_app.py", default_timeout=120)
page.switch_page("pages/predict.py")
page.query_params["run"], page.query_params["ask"] = run_id, "Many pictures"
page.run()
upload = [("pictures.zip", Path(bundle).read_bytes(), "application/zip")]
page.get_by_key("many_upload").set_value(upload).run()
assert not page.exception and not page.error
print(page.dataframe[0].value.drop(columns="picture").to_json(orient="split", double_precision=15))
"""


@dataclass(frozen=True)
class Ways:
    """A run, its images and its programs."""

    trained: Trained
    dataset: Dataset
    predictions: Predictions
    programs: Path

    @property
    def files(self) -> list[Path]:
        """The images, in the order of the answers."""
        return [self.dataset.path(row) for row in self.predictions.rows]

    def run(self, *command: str, folder: Path | None = None) -> str:
        """Run a program; without `folder`, Flatland's own."""
        flatland = {"PYTHONPATH": str(ROOT)} if folder is None else {}
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment |= {"ANN_DATA_DIR": str(self.trained.settings.data_dir), **flatland}
        environment |= {"TF_CPP_MIN_LOG_LEVEL": "2"}
        done = subprocess.run(
            [sys.executable, *command],
            cwd=folder or ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Ways:
    folder = tmp_path_factory.mktemp("ways")
    network = {"dropout_rate": 0.2, "learning_rate": 0.001, "precision": PRECISION}
    trained = train(folder / "data", N_IMAGES // 2, bits=12, **network)
    assert trained.run.learned.precision == PRECISION
    dataset = Catalog(trained.settings.datasets_dir).load("toy")
    programs = folder / "programs"
    with zipfile.ZipFile(io.BytesIO(code_bundle(trained.run, trained.settings))) as archive:
        archive.extractall(programs)
    predictions = load_predictions(trained.folder.predictions, len(dataset.class_names))
    return Ways(trained, dataset, predictions, programs)


def unlike(ways: Ways) -> list[bool]:
    """What the rule of the run says, of the numbers that the network was trained on."""
    config = ways.trained.run.config.preprocess
    rule = load_ood_rule(ways.trained.folder.ood_rule, config.image_shape)
    assert rule is not None
    images = (open_image(path, bits_used=config.bits_used).image for path in ways.files)
    return [rule.is_unlike(preprocess(image, config)) for image in images]


def of_the_app(ways: Ways) -> np.ndarray:
    classifier = Classifier(RunFolder.of(ways.trained.settings.runs_dir, ways.trained.run.id))
    return np.array([classifier.predict(path).probabilities for path in ways.files])


def of_the_page(ways: Ways) -> np.ndarray:
    bundle = ways.programs / "pictures.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for number, path in enumerate(ways.files):
            archive.write(path, f"{number:03}{path.suffix}")
    printed = ways.run("-c", ASK_THE_PAGE, ways.trained.run.id, str(bundle))
    table = pd.read_json(io.StringIO(printed.splitlines()[-1]), orient="split", precise_float=True)
    assert table["file"].str[:3].astype(int).tolist() == list(range(N_IMAGES))
    names = ways.dataset.class_names
    assert table["warning"].tolist() == [UNLIKE if each else "" for each in unlike(ways)]
    probabilities = table[[f"p({name})" for name in names]].to_numpy()
    assert table["class"].tolist() == [
        names[predicted] for predicted in probabilities.argmax(axis=1)
    ]
    return probabilities


def of_the_command_line(ways: Ways) -> np.ndarray:
    paths = [str(path) for path in ways.files]
    printed = ways.run("-m", "ann_core", "predict", ways.trained.run.id, "--json", *paths)
    return printed_probabilities(printed, ways)


def of_the_exported_program(ways: Ways) -> np.ndarray:
    printed = ways.run("predict.py", "--json", *map(str, ways.files), folder=ways.programs)
    return printed_probabilities(printed, ways)


def of_the_exported_script(ways: Ways) -> np.ndarray:
    printed = ways.run("-c", TRAIN_AGAIN, str(ways.dataset.folder), folder=ways.programs)
    accuracy = ways.trained.run.learned.test.accuracy
    assert f"Test accuracy: {accuracy}\n" in printed
    test = ways.predictions.splits == "test"
    warned = int(np.array(unlike(ways))[test].sum())
    assert f"It warns of {warned} of {test.sum()} test pictures\n" in printed
    assert f"In Flatland: {warned} of {test.sum()}\n" in printed
    probabilities: np.ndarray = np.load(ways.programs / "probabilities.npy")
    return probabilities


def printed_probabilities(printed: str, ways: Ways) -> np.ndarray:
    predictions = json.loads(printed)
    assert [prediction["unlike"] for prediction in predictions] == unlike(ways)
    assert [prediction["picture"] for prediction in predictions] == [
        str(path) for path in ways.files
    ]
    names = ways.dataset.class_names
    assert all(list(prediction["probabilities"]) == list(names) for prediction in predictions)
    probabilities = np.array(
        [list(prediction["probabilities"].values()) for prediction in predictions]
    )
    predicted = [names.index(prediction["class"]) for prediction in predictions]
    assert predicted == probabilities.argmax(axis=1).tolist()
    return probabilities


WAYS = (
    of_the_app,
    of_the_page,
    of_the_command_line,
    of_the_exported_program,
    of_the_exported_script,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_gives_what_the_training_process_gave(
    ways: Ways, way: Callable[[Ways], np.ndarray]
) -> None:
    expected = ways.predictions.probabilities
    assert len(expected) == N_IMAGES
    assert ways.trained.run.config.preprocess.bits_used == 12
    probabilities = way(ways)
    assert np.abs(probabilities - expected).max() <= AGREEMENT
    assert np.array_equal(probabilities.argmax(axis=1), ways.predictions.predicted)
    # Neither one warning nor one answer for all: the test could not tell two networks apart then.
    assert len(set(unlike(ways))) == 2
    assert len(set(ways.predictions.predicted.tolist())) == 2
    assert expected.max(axis=1).min() < 0.99


def test_what_cannot_be_read_is_told_by_the_exported_program(ways: Ways, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    printed = ways.run("predict.py", str(broken), str(ways.files[0]), folder=ways.programs)
    head, first, second = printed.splitlines()
    assert head == "picture,class,warning,bright,dark"
    assert first.startswith(f"{broken},cannot identify image file")
    assert second.startswith(f"{ways.files[0]},")
