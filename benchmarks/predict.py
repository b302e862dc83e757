"""The Predict page with networks of the article's size: waits, images a second, memory.

    python -m benchmarks.predict dogs-vs-cats-180px.zip [DATA_DIR]

Three networks with random weights, each with 88 MB in its file, on all images of the archive.
Every distance to the training images is computed in full, as for an image unlike all others.
Given the folder of an earlier run, it imports nothing anew. Nothing else should be running.
"""

import io
import os
import secrets
import shutil
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import Page

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.features import load_features
from ann_core.datasets.importing.importer import import_zip
from ann_core.evaluation.metrics import evaluate
from ann_core.evaluation.ood import OodThresholds, save_ood_thresholds
from ann_core.evaluation.stored_predictions import Predictions, save_predictions
from ann_core.imaging.perturbation import occlusion_map, shift_map
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.prediction.batch import gather, predict_files
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.runs.result import RunResult
from ann_core.runs.run import RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS
from benchmarks.browser import (
    CLOCK,
    SETTLED,
    chromium,
    milliseconds,
    server_process,
    serving,
)

NAME = "photographs"
N_IMAGES = 1000
N_MOVES = 30
INPUT = "[data-testid=stFileUploaderDropzoneInput]"

# From the end of the upload, as the browser has it, until bars with other numbers are drawn.
UPLOADED = """
() => {
  const bars = () => [...document.querySelectorAll("[data-testid=stVegaLiteChart] .mark-rect path")]
  const read = () => bars().map(bar => bar.getAttribute("d")).join()
  const before = read()
  performance.clearResourceTimings()
  const start = performance.now()
  window.drawn = new Promise(resolve => {
    const observer = new MutationObserver(() => {
      const now = read()
      if (now === before || now === "") return
      const seen = performance.now()
      const ends = performance.getEntriesByType("resource")
        .filter(e => e.name.includes("upload_file") && e.startTime > start).map(e => e.responseEnd)
      if (ends.length === 0) return
      observer.disconnect()
      resolve(seen - Math.max(...ends))
    })
    observer.observe(document.body, {subtree: true, childList: true, characterData: true})
  })
}
"""


def main(archive: Path, data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, database_url="")
    run_ids = _prepare(archive, settings)
    bundle = _thousand(archive)
    _core(RunFolder.of(settings.runs_dir, run_ids[0]), bundle)
    with serving(settings) as address, chromium() as page:
        server = server_process(address)
        print(f"  the web process before the first page: {_megabytes(server)}")
        for run_id in run_ids:
            _open(page, f"{address}/prediction?run={run_id}")
        print(f"  with three networks open: {_megabytes(server)}")
        _uploads(page)
        print(f"  after {N_MOVES} pictures: {_megabytes(server)}")
        _moves(page, f"{address}/prediction?run={run_ids[0]}&closer=Move+the+picture")
        _map(page)
        print(f"  after a map of all shifts: {_megabytes(server)}")
        _open(page, f"{address}/prediction?run={run_ids[0]}&closer=Nearest+training+pictures")
        print(f"  after the nearest training pictures: {_megabytes(server)}")
        _open(page, f"{address}/prediction?run={run_ids[0]}&ask=Many+pictures")
        _many(page, bundle, server)
        for run_id in run_ids:
            _open(page, f"{address}/prediction?run={run_id}")
        print(f"  with three networks open again: {_megabytes(server)}")


def _prepare(archive: Path, settings: Settings) -> list[str]:
    """Import the images and file three finished runs, unless they are there already."""
    registry, catalog = Registry(settings.registry_url), Catalog(settings.datasets_dir)
    if not registry.recent():
        dataset = import_zip(archive, NAME, catalog)
        made = _network(dataset, settings)
        for _ in range(3):
            shutil.copytree(made.path, settings.runs_dir / _finished(registry, dataset))
        shutil.rmtree(made.path)
    run_ids = [run.id for run in registry.recent()]
    registry.close()
    return run_ids


def _network(dataset: Dataset, settings: Settings) -> RunFolder:
    from ann_core.runs.model_files import save_model
    from ann_core.training.network import build

    config = PreprocessConfig()
    data = load_features(dataset, config, settings.features_dir)
    folder = RunFolder(settings.data_dir / "made")
    folder.path.mkdir()
    save_model(build(PRESETS["article"], config.n_features, len(dataset.class_names)), folder)
    folder.keras_model.unlink()
    folder.write_config(_run_config(dataset), dataset.class_names)
    splits = np.empty(len(data.labels), dtype="U10")
    for split in ("train", "validation", "test"):
        splits[data.indices(split)] = split
    probabilities = np.full((len(splits), len(dataset.class_names)), 0.5, np.float32)
    labels, feature_rows = data.labels.astype(np.int64), np.arange(len(splits))
    save_predictions(
        Predictions(probabilities, labels, splits, feature_rows, feature_rows), folder.predictions
    )
    save_ood_thresholds(
        OodThresholds(confidence_floor=0.0, distance_limit=1.0), folder.ood_thresholds
    )
    return folder


def _run_config(dataset: Dataset) -> RunConfig:
    return RunConfig(
        dataset=dataset.name, fingerprint=dataset.fingerprint, network=PRESETS["article"]
    )


def _finished(registry: Registry, dataset: Dataset) -> str:
    run = registry.submit(_run_config(dataset), submit_key=secrets.token_hex(8))
    claimed = registry.attempts.claim(1)
    if claimed is None:
        raise RuntimeError("another program works in this folder")
    registry.attempts.start(*claimed, os.getpid())
    n_classes = len(dataset.class_names)
    test = evaluate(np.full((1, n_classes), 1 / n_classes), np.array([0]), dataset.class_names)
    result = RunResult(test=test, n_parameters=0, n_images={}, seconds=0.0)
    registry.attempts.finish(*claimed, status="done", result=result)
    return run.id


def _thousand(archive: Path) -> bytes:
    """Pack a thousand images from all over the archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(archive) as source, zipfile.ZipFile(buffer, "w") as bundle:
        names = [name for name in source.namelist() if name.endswith(".jpg")]
        for name in names[:: len(names) // N_IMAGES][:N_IMAGES]:
            bundle.writestr(name, source.read(name))
    return buffer.getvalue()


def _core(folder: RunFolder, bundle: bytes) -> None:
    """Time what the page asks for, without a browser, with both ways of opening a network."""
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 1), dtype=np.uint8)
    one = image.reshape(1, -1)
    for for_batch in (False, True):
        classifier = Classifier(folder, for_batch=for_batch)
        kind = "packed" if for_batch else "mapped"
        classifier.predict_features(one)
        single = [_seconds(lambda c=classifier: c.predict_features(one)) for _ in range(20)]
        shifts = _seconds(lambda c=classifier: shift_map(image, c.predict_features))
        patches = _seconds(
            lambda c=classifier: occlusion_map(image, c.predict_features, patch=12, label=0)
        )
        rates = [_rate(classifier, bundle) for _ in range(3)]
        print(
            f"  {kind} weights: 1 picture {1000 * np.median(single):.1f} ms, 1,681 shifts "
            f"{shifts:.2f} s, a patch of 12 at all places {patches:.2f} s, "
            f"{N_IMAGES:,} files of a zip {np.median(rates):,.0f} a second"
        )


def _rate(classifier: Classifier, bundle: bytes) -> float:
    with tempfile.TemporaryDirectory() as unpacked:
        started = time.perf_counter()
        files, _ = gather([("thousand.zip", io.BytesIO(bundle))], Path(unpacked))
        predictions = predict_files(classifier, files, thumbnails=True)
        return len(predictions) / (time.perf_counter() - started)


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("heading", level=1).first.wait_for()
    page.locator(SETTLED).wait_for()
    time.sleep(2)
    page.locator(SETTLED).wait_for()


def _uploads(page: Page) -> None:
    """One image after the other, from the end of its upload until its bars stand there."""
    page.get_by_role("radio", name="Upload").click()
    page.locator(INPUT).wait_for(state="attached")
    rng, times = np.random.default_rng(0), []
    for number in range(N_MOVES + 3):
        page.locator(SETTLED).wait_for()
        time.sleep(0.7)
        low = rng.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(low).resize((500, 375)).save(buffer, "JPEG")
        page.evaluate(UPLOADED)
        page.locator(INPUT).set_input_files(
            {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
        )
        times.append(float(page.evaluate("window.drawn")))
    print(f"  uploaded -> bars {milliseconds(times[3:])} (at most 300, the median)")


def _moves(page: Page, address: str) -> None:
    """A step of a shift, until the answer's text has changed."""
    _open(page, address)
    times = []
    for move in range(N_MOVES + 4):
        page.locator(SETTLED).wait_for()
        time.sleep(0.2)
        name = "Right" if move % 8 < 4 else "Left"
        page.evaluate(CLOCK, ".st-key-what_if_answer")
        page.get_by_role("button", name=name, exact=True).click()
        times.append(float(page.evaluate("window.moved")))
    print(f"  what if: step -> answer {milliseconds(times[4:])} (at most 200)")


def _map(page: Page) -> None:
    started = time.perf_counter()
    page.get_by_text("Draw the map of all shifts").click()
    page.get_by_text("The cross is the picture as it is.").wait_for()
    print(f"  map of all shifts on the page after {time.perf_counter() - started:.2f} s")


def _many(page: Page, bundle: bytes, server: psutil.Process) -> None:
    started, most, before = time.perf_counter(), 0, sum(server.cpu_times()[:2])
    page.locator(INPUT).set_input_files(
        {"name": "thousand.zip", "mimeType": "application/zip", "buffer": bundle}
    )
    done = page.get_by_role("heading", name=f"{N_IMAGES:,} files")
    while not done.is_visible():
        most = max(most, server.memory_info().rss)
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    sentence = page.get_by_text("files a second").inner_text()
    print(f"  {N_IMAGES:,} files, upload and table included: {seconds:.1f} s; the page: {sentence}")
    worked = sum(server.cpu_times()[:2]) - before
    print(f"  the web process worked {worked:.1f} s of one core for that")
    print(f"  at most {most / 1e6:.0f} MB meanwhile, then {_megabytes(server)}")


def _megabytes(process: psutil.Process) -> str:
    return f"{process.memory_info().rss / 1e6:.0f} MB"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else made))
