"""The programs that a run becomes: they give what the run gave, without Flatland."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.standardizing import standardiser_of
from ann_core.export.code.code_bundle import code_bundle, dataset_of
from ann_core.export.code.model_card import model_card
from ann_core.export.code.network_code import model_cell, standardising_cell
from ann_core.export.code.notebook import as_notebook
from ann_core.export.code.preprocess_code import imports_of_pillow, preprocess_cell
from ann_core.export.code.train_script import train_script
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.folder import RunFolder
from ann_core.runs.result import RunResult
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import NetworkConfig
from ann_core.training.precision import has_bfloat16_here
from tests.helpers.hostile_files import exif, photo, saved
from tests.helpers.runs import Workshop

CLASSES = ('cat\'s "eye"', "dög")
RICH = NetworkConfig(
    hidden_units=(16, 8),
    activation="gelu",
    dropout_rate=0.3,
    batch_normalization=True,
    l2=0.001,
    optimizer="rmsprop",
    schedule="cosine",
    batch_size=16,
    epochs=12,
    seed=7,
    early_stopping_patience=2,
    precision="bfloat16" if has_bfloat16_here() else "float32",
)
PIXELS = PreprocessConfig(image_size=(8, 10), mode="rgb", resize="pad", scaling="standard")
WORDS = re.compile(r"^Test accuracy: (.+)$", re.MULTILINE)


def odd_images(folder: Path) -> Path:
    """Images with all that a decoder may stumble over: turned, transparent, 16 bits, gray."""
    for label, name in enumerate(CLASSES):
        (folder / name).mkdir(parents=True)
        for number in range(60):
            image = photo(100 * label + number, 24 - 4 * label, 16 + number % 3)
            content = odd(image, number)
            (folder / name / f"{number}.{content[0]}").write_bytes(content[1])
    return folder


def odd(image: Image.Image, number: int) -> tuple[str, bytes]:
    kind = number % 8
    if kind == 0:
        return "jpg", saved(image, "JPEG", exif=exif(1 + number // 8).tobytes())
    if kind == 1:
        alpha = image.convert("L")
        image.putalpha(alpha)
        return "png", saved(image, "PNG")
    if kind == 2:
        values = np.asarray(image.convert("L"), dtype=np.uint16) * 257
        return "png", saved(Image.fromarray(values), "PNG")
    if kind == 3:
        return "gif", saved(image.quantize(16), "GIF", transparency=3)
    if kind == 4:
        return "jpg", saved(image.convert("CMYK"), "JPEG")
    if kind == 5:
        return "png", saved(image, "PNG", transparency=image.getpixel((0, 0)))
    if kind == 6:
        return "jpg", saved(image.convert("L"), "JPEG")
    return "webp", saved(image, "WEBP", exif=exif(6).tobytes())


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("script")
    source = odd_images(folder / "source")
    return import_folder(source, "odd", Catalog(folder / "data" / "datasets"))


@pytest.fixture(scope="module")
def trained(dataset: Dataset) -> tuple[Run, Settings]:
    """A run in which nearly everything is not as it is by default."""
    workshop = Workshop(dataset.folder.parents[1])
    try:
        config = RunConfig(
            dataset=dataset.name,
            fingerprint=dataset.fingerprint,
            preprocess=PIXELS,
            network=RICH,
        )
        run = workshop.wait_for_end(workshop.start(config))
        assert run.status == "done", run.error
        return run, workshop.settings
    finally:
        workshop.close()


@pytest.fixture(scope="module")
def bundle(trained: tuple[Run, Settings], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the run, unpacked."""
    folder = tmp_path_factory.mktemp("bundle")
    with zipfile.ZipFile(io.BytesIO(code_bundle(*trained))) as archive:
        archive.extractall(folder)
    return folder


def begin(folder: Path, script: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a program where nothing of Flatland can be imported."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONSAFEPATH": "1"}
    return subprocess.Popen(
        [sys.executable, script, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[str]) -> str:
    printed, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return printed


def code_of(notebook: str) -> str:
    """Join the code cells of a notebook."""
    cells = json.loads(notebook)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def test_script_and_notebook_reach_the_accuracy_of_the_run_exactly(
    bundle: Path, trained: tuple[Run, Settings], dataset: Dataset, tmp_path: Path
) -> None:
    run, result = trained[0], trained[0].learned
    assert result.precision == RICH.precision
    history = pd.read_csv(RunFolder.of(trained[1].runs_dir, run.id).history)
    notebook = tmp_path / "notebook.py"
    notebook.write_text(code_of((bundle / "train.ipynb").read_text()))
    for name in ("pictures.csv", "ood_rule.json"):
        (tmp_path / name).write_bytes((bundle / name).read_bytes())
    (tmp_path / "pictures").symlink_to(dataset.folder)
    # One finds the images in the data set, the other where they came from.
    sources = dataset.folder.parents[2] / "source"
    running = [begin(bundle, "train.py", str(sources)), begin(tmp_path, str(notebook))]
    outputs = [finish(process) for process in running]
    for text in outputs:
        assert [float(value) for value in WORDS.findall(text)] == [result.test.accuracy]
        losses = re.findall(r"^epoch \d+: validation loss ([\d.]+),", text, re.MULTILINE)
        assert losses == [f"{loss:.4f}" for loss in history["val_loss"]]
        assert f"In Flatland: {correct(result)} of" in text
    assert outputs[0].splitlines()[-20:] == outputs[1].splitlines()[-20:]
    # It was stopped early, so the best weights were kept.
    assert run.epoch < RICH.epochs


def correct(result: RunResult) -> int:
    return sum(row[number] for number, row in enumerate(result.test.confusion))


def test_a_bundle_holds_what_it_says(bundle: Path, trained: tuple[Run, Settings]) -> None:
    names = sorted(path.name for path in bundle.iterdir() if path.name != "trained.keras")
    assert names == [
        *("README.md", "model.tflite", "ood_rule.json", "pictures.csv", "predict.py"),
        "requirements.txt",
        *("train.ipynb", "train.py"),
    ]
    run, settings = trained
    model = RunFolder.of(settings.runs_dir, run.id).litert_model
    assert (bundle / "model.tflite").read_bytes() == model.read_bytes()
    for name in names:
        assert b"ann_core" not in (bundle / name).read_bytes(), name
    for name in ("train.py", "predict.py"):
        lines = (bundle / name).read_text().splitlines()
        assert max(map(len, lines)) <= 100


def test_the_list_of_images_is_that_of_the_data_set(bundle: Path, dataset: Dataset) -> None:
    with (bundle / "pictures.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    images = dataset.images
    assert [row["file"] for row in rows] == images["file"].tolist()
    assert [row["class"] for row in rows] == images["class_name"].tolist()
    assert [row["split"] for row in rows] == images["split"].tolist()
    assert [row["source"] for row in rows] == images["source"].tolist()


def test_names_that_leave_the_folder_or_mean_two_images_are_not_listed(dataset: Dataset) -> None:
    from ann_core.export.code.train_script import images_table

    images = dataset.images.head(7).copy()
    odd_names = ["../up.png", "/etc/passwd", "C:\\a.png", "same.png", "same.png", "=1.png"]
    images["source"] = [*odd_names, "fine.png"]
    few = Dataset(dataset.info, dataset.folder, images, dataset.skipped)
    rows = list(csv.DictReader(io.StringIO(images_table(few, np.arange(7)))))
    assert [row["source"] for row in rows] == ["", "", "", "", "", "", "fine.png"]


def test_a_notebook_is_one_as_the_format_describes_it(bundle: Path) -> None:
    """https://nbformat.readthedocs.io/en/latest/format_description.html, version 4.5."""
    notebook = json.loads((bundle / "train.ipynb").read_text())
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"].keys() >= {"name", "display_name"}
    assert set(notebook) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)
    for cell in notebook["cells"]:
        expected = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            expected |= {"execution_count", "outputs"}
            assert (cell["execution_count"], cell["outputs"]) == (None, [])
        assert set(cell) == expected
        assert all(isinstance(line, str) for line in cell["source"])
        assert all(line.endswith("\n") for line in cell["source"][:-1])
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds[0] == "markdown"
    assert kinds[1::2] == ["markdown"] * len(kinds[1::2])
    assert kinds[2::2] == ["code"] * len(kinds[2::2])
    assert as_notebook("Empty", []).count("cell_type") == 1


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
@pytest.mark.parametrize("mode", ["gray", "rgb"])
def test_images_become_the_same_numbers(
    dataset: Dataset, mode: str, resize: str, tmp_path: Path
) -> None:
    """Of every kind of file, with what the data set needs and with what any image may need."""
    values = {"image_size": (9, 12), "mode": mode, "resize": resize, "resample": "lanczos"}
    config = PreprocessConfig.parse(values)
    expected = load_features(dataset, config, tmp_path).features
    kinds = list(zip(dataset.images["format"], dataset.images["mode"], strict=True))
    for images in (kinds, None):
        to_row = executed(preprocess_cell(config, images).code, config)["to_row"]
        rows = np.stack([to_row(dataset.path(number)) for number in range(len(dataset))])
        assert np.array_equal(rows, expected)


def executed(code: str, config: PreprocessConfig, **names: Any) -> dict[str, Any]:
    """Run a cell, with what the cells before it have imported."""
    height, width = config.image_size
    head = f"import numpy as np\nfrom PIL import {imports_of_pillow(config)}\n"
    space: dict[str, Any] = {"HEIGHT": height, "WIDTH": width} | names
    exec(compile(head + code, "cell", "exec"), space)
    return space


def test_only_what_a_run_needs_is_written() -> None:
    photographs = preprocess_cell(PreprocessConfig(), [("JPEG", "RGB"), ("JPEG", "L")]).code
    anything = preprocess_cell(PreprocessConfig(), None).code
    for word in ("alpha_composite", "I;16", "fixed range"):
        assert word not in photographs
        assert word in anything
    plain = model_cell(NetworkConfig(), PreprocessConfig()).code
    rich = model_cell(RICH, PIXELS).code
    for word in ("Dropout", "BatchNormalization", "regularizer", "Normalization(mean"):
        assert word not in plain
        assert word in rich


def test_pixels_are_standardised_alike(dataset: Dataset, tmp_path: Path) -> None:
    data = load_features(dataset, PIXELS, tmp_path)
    cell = standardising_cell().code
    names = executed(cell, PIXELS, x=np.asarray(data.features), train=data.indices("train"))
    expected = standardiser_of(data)
    assert np.array_equal(names["mean"], expected.mean)
    assert np.array_equal(names["std"], expected.std)


def test_every_kind_of_training_is_python(trained: tuple[Run, Settings], dataset: Dataset) -> None:
    run, _ = trained
    choices = itertools.product(
        *(("adam", "sgd"), ("constant", "cosine", "exponential"), (0, 3), ("best", "last")),
        *(((), (9, 5)), (False, True)),
    )
    for optimizer, schedule, patience, keep, units, stopped in choices:
        network = RICH.model_copy(
            update={"optimizer": optimizer, "schedule": schedule, "hidden_units": units}
        ).model_copy(update={"early_stopping_patience": patience, "keep": keep})
        config = run.config.model_copy(update={"network": network})
        result = run.learned.model_copy(update={"cut_batches": 3})
        status = "stopped" if stopped else "done"
        other = Run(**run.__dict__ | {"config": config, "status": status, "result": result})
        program = train_script(other, dataset, 2)
        for code in (program.script, code_of(program.notebook)):
            compile(code, "train.py", "exec")
            assert ("import math" in code) == ("math." in code)
            cut = stopped and network.keep == "last"
            assert ("n_pictures=3 * BATCH_SIZE" in code) == cut


def test_the_card_says_what_it_can_and_what_it_cannot(
    trained: tuple[Run, Settings], dataset: Dataset
) -> None:
    run, settings = trained
    folder = RunFolder.of(settings.runs_dir, run.id)
    named = Run(**run.__dict__ | {"name": "<b>My</b> [net]", "notes": "one\n# two"})
    card = model_card(named, folder, dataset)
    test = run.learned.test
    assert card.startswith("# \\<b\\>My\\</b\\> \\[net\\]\n")
    assert f"**{test.accuracy:.1%}** ({correct(run.learned)} of {test.n_images})" in card
    for words in (
        "95% interval of the true share (Wilson)",
        "guessing",
        "always the most frequent class",
        "Limits",
    ):
        assert words in card
    assert "| dropout rate | 0.3 |" in card
    assert "| split | stratified, seed 42 |" in card
    assert "Doubt an answer" in card
    assert "> \\# two" in card
    assert "stratified" not in model_card(run, folder, None)


def test_without_its_images_a_run_can_still_be_asked(
    trained: tuple[Run, Settings], tmp_path: Path
) -> None:
    run, settings = trained
    elsewhere = settings.model_copy(update={"data_dir": tmp_path})
    elsewhere.runs_dir.mkdir()
    (elsewhere.runs_dir / run.id).symlink_to(settings.runs_dir / run.id)
    assert dataset_of(run, elsewhere) is None
    with zipfile.ZipFile(io.BytesIO(code_bundle(run, elsewhere))) as archive:
        names = set(archive.namelist())
        card = archive.read("README.md").decode()
    assert names == {"README.md", "requirements.txt", "predict.py", "model.tflite", "ood_rule.json"}
    assert "train.py" not in card
