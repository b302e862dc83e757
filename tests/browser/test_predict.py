"""The Predict page in a real browser: truth, what if, maps, neighbours, the table of many."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from ann_core.imaging.images import open_image
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from tests.browser.conftest import Server
from tests.browser.test_accessibility import WITHOUT_WORDS
from tests.browser.visitor import Visitor


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def finds_nothing_serious(visitor: Visitor) -> None:
    visitor.settled()
    violations = Axe().run(visitor.page).response["violations"]
    assert [
        (rule["id"], unit["html"])
        for rule in violations
        if rule["impact"] in {"serious", "critical"}
        for unit in rule["nodes"]
    ] == []
    assert visitor.page.evaluate(WITHOUT_WORDS) == []


def test_the_truth_is_told_when_asked_for(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"prediction?run={finished_run}"))
    visitor.sees("Its answer: ")
    expect(visitor.page.get_by_text(": it is a ")).to_have_count(0)
    visitor.page.get_by_text("Show the correct answer").click()
    visitor.sees(re.compile(r"(Right|Wrong): it is a (cat|dog)\.$"))
    visitor.page.get_by_role("spinbutton", name="Picture, 1 to 6").press("ArrowUp")
    expect(visitor.page.get_by_text(": it is a ")).to_have_count(0)
    visitor.settled()
    visitor.open(visitor.page.url)
    assert "test_number=2" in visitor.page.url
    expect(visitor.page.get_by_role("spinbutton", name="Picture, 1 to 6")).to_have_value("2")


def test_the_image_is_moved_by_keys_and_the_answer_follows(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"prediction?run={finished_run}&closer=Move+the+picture"))
    visitor.unfold("Move exactly")
    changed = visitor.image("The changed picture")
    before = changed.get_attribute("src") or ""
    visitor.page.get_by_role("button", name="Right", exact=True).press("Enter")
    expect(changed).not_to_have_attribute("src", before)
    expect(visitor.page.get_by_role("slider", name="Pixels to the right")).to_have_value("1")
    visitor.slide("Pixels down", "End")
    visitor.sees(re.compile(r"^Now: (cat|dog) \(\d+%\), "))
    visitor.open(visitor.page.url)
    slider = visitor.page.get_by_role("slider", name="Pixels down")
    expect(slider).to_have_value("8")
    visitor.press("Reset")
    expect(slider).to_have_value("0")
    expect(changed).to_have_attribute("src", before)
    visitor.sees_no_error()


def test_maps_of_shifts_and_of_a_patch(visitor: Visitor, server: Server, finished_run: str) -> None:
    visitor.open(server.page_url(f"prediction?run={finished_run}&closer=Move+the+picture"))
    visitor.sees_charts(2)
    visitor.page.get_by_text("Draw the map of all shifts").click()
    visitor.sees(re.compile(r"^The cross is the picture as it is. Of 289 shifts, \d+% change"))
    visitor.page.get_by_text("Draw the map of a covering patch").click()
    visitor.sees(re.compile(r"^A patch of 4 × 4 pixels .* at 49 places"))
    visitor.sees_charts(4)
    expect(visitor.page.locator(".heatmaplayer .hm")).to_have_count(2)
    visitor.sees_no_error()
    finds_nothing_serious(visitor)


def test_the_nearest_training_images(visitor: Visitor, server: Server, finished_run: str) -> None:
    visitor.open(server.page_url(f"prediction?run={finished_run}"))
    expect(visitor.image("A training picture")).to_have_count(0)
    visitor.page.get_by_role("tab", name="Nearest training pictures").click()
    expect(visitor.image("A training picture")).to_have_count(10)
    visitor.sees(re.compile(r"^\d of 5 are of the class that it predicted"))
    visitor.sees_no_error()
    finds_nothing_serious(visitor)


def test_many_images_become_a_table_and_a_csv(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for number in range(70):
            archive.writestr(f"photos/{number}.png", png(number))
        archive.writestr("=2+3.jpg", b"no picture")
    visitor.open(server.page_url(f"prediction?run={finished_run}&ask=Many+pictures"))
    visitor.upload("photos.zip", bundle.getvalue(), "application/zip")
    expect(visitor.page.get_by_role("heading", name="71 files")).to_be_visible()
    visitor.sees(re.compile("1 could not be read; the reason is in their row"))
    expect(visitor.page.get_by_test_id("stDataFrame")).to_be_visible()
    finds_nothing_serious(visitor)
    with visitor.page.expect_download() as download:
        visitor.press("Download as CSV")
    assert download.value.suggested_filename == "answers.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    classifier = Classifier(RunFolder.of(server.data_dir / "runs", finished_run))
    for number, row in enumerate(rows[:70]):
        expected = classifier.predict(open_image(png(number)).image)
        assert row["file"] == f"photos/{number}.png"
        assert (row["class"], row["fingerprint"]) == (expected.class_name, expected.fingerprint)
        assert abs(float(row["probability"]) - expected.probability) < 1e-6
    assert rows[70]["file"] == "'=2+3.jpg"
    assert rows[70]["class"] == ""
    assert rows[70]["reason"].startswith("it is text")
    visitor.sees_no_error()


def test_a_picture_of_ones_own_is_kept_on_another_page(
    visitor: Visitor, server: Server, finished_run: str
) -> None:
    visitor.open(server.page_url(f"prediction?run={finished_run}"))
    visitor.pick("Upload")
    visitor.upload("mine.png", png(5), "image/png")
    visitor.sees("Its answer: ")
    visitor.page.wait_for_function("window.onbeforeunload !== null")  # a reload would lose it
    shown = visitor.image("The picture as it came").get_attribute("src")
    visitor.go("Results")
    visitor.go("Predict")
    expect(visitor.page.get_by_role("radio", name="Upload", exact=True)).to_be_checked()
    expect(visitor.page.get_by_text("mine.png", exact=True)).to_be_visible()
    expect(visitor.image("The picture as it came")).to_have_attribute("src", shown or "")
    visitor.press("Remove")
    expect(visitor.page.get_by_text("mine.png", exact=True)).to_have_count(0)
    visitor.page.wait_for_function("window.onbeforeunload === null")
    visitor.sees_no_error()
