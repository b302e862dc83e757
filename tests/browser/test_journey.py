"""The whole way that a first visitor goes: from nothing to an answer about an own image."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from playwright.sync_api import expect

from ann_core.datasets.sources.cartoons import CartoonConfig, draw_cartoon
from ann_core.imaging.images import open_image
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from ann_core.training.network_config import NetworkConfig
from ann_core.training.network_size import parameter_count
from tests.browser.conftest import Server, StartServer
from tests.browser.visitor import Visitor
from tests.helpers.moved_images import accuracy_moved

N_FEATURES = 96 * 96
TRAINING = re.compile(r"^training: epoch \d+ of \d+$")
BARS = "[data-testid=stVegaLiteChart] .mark-rect.role-mark path"
PERCENTAGES = "[data-testid=stVegaLiteChart] .mark-text.role-mark text"
PERCENT = re.compile(r"^\d+\.\d%$")

ANOTHER_ALONE = """before => {
  const shown = [...document.querySelectorAll('img[alt^="The picture as it came"]')]
  return shown.length === 1 && shown[0].getAttribute("src") !== before
}"""


def test_from_nothing_to_an_answer(start_server: StartServer, visitor: Visitor) -> None:
    server = start_server()
    visitor.open(server.url)
    first = train_the_first_network(visitor)
    counts_the_shift_test_again(visitor, server, first)
    second = train_another_and_stop_it(visitor)
    assert second != first
    files_of(visitor, server, second)
    visitor.page.get_by_role("link", name="Try it on a picture").click()
    visitor.sees_page("Predict")
    ask_about_a_test_image(visitor)
    ask_about_an_own_image(visitor, server, second)
    ask_about_a_photograph(visitor)
    for page in ("Explore", "Preprocess", "Train"):
        visitor.go(page)
        visitor.sees_no_error()
    with Registry(f"sqlite:///{server.data_dir}/registry.db") as registry:
        assert [run.id for run in registry.recent()] == [second, first]


def train_the_first_network(visitor: Visitor) -> str:
    """Press the button on the home page and watch until the end; return the run's id."""
    page = visitor.page
    # Clicked twice, as people do.
    page.get_by_role("button", name="Train my first network").dblclick()
    page.wait_for_url(re.compile(r"/training\?run=[\w-]{16}(&data=cartoons)?$"), timeout=120_000)
    visitor.sees_page("Train")
    visitor.sees(TRAINING, seconds=90)
    visitor.sees_charts(3)
    page.reload()
    visitor.sees("done: epoch 10 of 10", seconds=120)
    visitor.reads("Validation accuracy", PERCENT)
    visitor.sees_charts(2)
    visitor.sees_no_error()
    return run_in(page.url)


def counts_the_shift_test_again(visitor: Visitor, server: Server, run_id: str) -> None:
    """Nothing more was clicked, and the page ends with what a move does to the network.

    That is a curve, and a sentence in numbers that the exported model gives, too.
    """
    registry = Registry(f"sqlite:///{server.data_dir}/registry.db")
    as_they_are, moved = accuracy_moved(registry.get(run_id), server.data_dir)
    registry.close()
    visitor.sees(
        re.compile(rf"{as_they_are:.1%} are right as they are\. Move .*, and {moved:.1%} are")
    )
    curve = f"Right answers of its 200 validation pictures: {as_they_are:.1%} as they are"
    expect(visitor.page.locator(f"[aria-label^='{curve}']")).to_be_visible()


def train_another_and_stop_it(visitor: Visitor) -> str:
    """Choose settings, start, stop; return the run's id."""
    page = visitor.page
    before = page.url
    visitor.unfold("Change the network")
    visitor.slide("Hidden layers", "ArrowRight")
    visitor.slide("Neurons in layer 1", "ArrowLeft")
    visitor.slide("Neurons in layer 3", "ArrowRight", "ArrowRight")
    visitor.slide("Epochs", "End")
    visitor.slide("Dropout", "ArrowRight", "ArrowRight")
    moved = NetworkConfig(hidden_units=(64, 32, 256))
    visitor.reads("Parameters to learn", f"{parameter_count(moved, N_FEATURES, 2):,}")
    page.get_by_role("button", name="Start training").dblclick()
    visitor.sees(
        "Hidden layers 64-32-256, 1000 epochs, batches of 32, learning rate 0.001, dropout 0.1."
    )
    expect(page).not_to_have_url(before)
    visitor.sees(re.compile(r"^training: epoch [2-9]"), seconds=90)
    visitor.press("Stop and keep what was learned")
    visitor.sees(re.compile(r"^stopped: epoch \d+ of 1000$"), seconds=60)
    visitor.reads("Validation accuracy", PERCENT)
    page.get_by_role("tab", name="Curves").click()
    visitor.sees_charts(3)
    visitor.sees_no_error()
    return run_in(page.url)


def run_in(address: str) -> str:
    """Id of the run that an address names."""
    [run_id] = parse_qs(urlsplit(address).query)["run"]
    return run_id


def files_of(visitor: Visitor, server: Server, run_id: str) -> None:
    """Take the model along."""
    folder = RunFolder.of(server.data_dir / "runs", run_id)
    visitor.unfold("Download")
    for label, original in {
        "Model for Keras": folder.keras_model,
        "Model for phones": folder.litert_model,
        "History": folder.history,
    }.items():
        with visitor.page.expect_download() as download:
            visitor.press(label)
        assert download.value.suggested_filename == original.name
        assert Path(download.value.path()).read_bytes() == original.read_bytes()
    assert zipfile.is_zipfile(folder.keras_model)


def ask_about_a_test_image(visitor: Visitor) -> None:
    visitor.sees(re.compile(r"^Its answer: (cat|dog) \(\d+%\)$"))
    visitor.page.get_by_text("Show the correct answer").click()
    visitor.sees(re.compile(r"(Right|Wrong): it is a (cat|dog)\.$"))
    visitor.sees_charts(1)
    expect(visitor.page.locator(BARS)).to_have_count(2)
    before = visitor.image("The picture as it came").get_attribute("src")
    visitor.page.get_by_role("spinbutton", name="Picture, 1 to 200").press("ArrowUp")
    visitor.page.wait_for_function(ANOTHER_ALONE, arg=before)  # both stand there for a moment


def ask_about_an_own_image(visitor: Visitor, server: Server, run_id: str) -> None:
    """The page answers as the model does, and shows every step."""
    cartoon = draw_cartoon("dog", CartoonConfig(seed=9), 0)
    visitor.pick("Upload")
    visitor.upload("my dog.jpg", as_jpeg(cartoon))
    model = Classifier(RunFolder.of(server.data_dir / "runs", run_id))
    prediction = model.predict(open_image(as_jpeg(cartoon)).image)
    visitor.sees(f"Its answer: {prediction.class_name} ({prediction.probability:.0%})")
    expect(visitor.page.locator(BARS)).to_have_count(2)
    texts = visitor.page.locator(PERCENTAGES).all_text_contents()
    assert texts == [f"{probability:.1%}" for probability in prediction.probabilities]
    for step in (
        "The picture as it came: 49,152 values",
        "The picture in shades of gray: 16,384 values",
        "The picture at the size that the network takes: 9,216 values",
        "All values of the picture as one row: 9,216 values",
        "The same row, divided by 255: 9,216 values",
    ):
        expect(visitor.image(step)).to_be_visible()
    visitor.sees_no_error()


def as_jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG")
    return buffer.getvalue()


def ask_about_a_photograph(visitor: Visitor) -> None:
    visitor.pick("Camera")
    visitor.page.wait_for_function("document.querySelector('video')?.videoWidth > 0")
    visitor.press("Take Photo")
    visitor.sees(re.compile(r"^Its answer: (cat|dog)"))
    expect(visitor.image("The picture as it came")).to_be_visible()
    visitor.sees_no_error()
