"""Photograph the pages for the guide, light and dark: ``scripts/screenshots.py DATA_FOLDER``.

The data folder needs the built-in cartoons, a version of them without some pictures, and a network
trained on them, such as "Train my first network" makes; the newest one is shown. What else the
guide shows (wrong labels, scans, a host with a visitor of its own) is made for the moment. The
pictures go to ``docs/images``.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ann_core.runs.registry import Registry  # noqa: E402
from scripts.find_chromium import find_chromium  # noqa: E402
from scripts.screenshot_data import MISLABELLED, SCANS, make_datasets  # noqa: E402

PORT = 8988
ADDRESS = f"http://127.0.0.1:{PORT}"
WIDTH = 1200
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
COLOURS = 192  # of a picture: enough for text and drawings, and a third of the size


@dataclass(frozen=True)
class Part:
    """What is shown: where it is, and what is done until it can be seen.

    Without a place, it is the upper part of the page, so many pixels high.
    """

    address: str
    place: str = ""
    act: Callable[[Page], None] = lambda page: None
    height: int = 1600


def main(data_dir: Path, names: list[str]) -> None:
    """Take all pictures, or those of these names."""
    registry = Registry(f"sqlite:///{data_dir}/registry.db")
    done = [run for run in registry.recent() if run.result is not None and run.attempt]
    done = [run for run in done if run.config.network.kind == "dense"]
    registry.close()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as made:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        with running_app(data_dir):
            photograph(browser, chosen(PAGES | PARTS, names), run=done[0].id)
        if parts := chosen(MADE, names):
            make_datasets(Path(made))
            with running_app(Path(made)):
                photograph(browser, parts)
        if parts := chosen(HOSTED, names):
            with running_app(Path(made) / "host", ANN_PROFILE="hosted"):
                photograph(browser, parts)
        browser.close()


def chosen(parts: dict[str, Part], names: list[str]) -> dict[str, Part]:
    """Those that were asked for; all if none were."""
    return {name: part for name, part in parts.items() if not names or name in names}


def photograph(browser: Browser, parts: dict[str, Part], *, run: str = "") -> None:
    """Take pictures of an app, light and dark, in a browser of its own.

    Parameters
    ----------
    run : str
        Id for the addresses.
    """
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(120_000)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for name, part in parts.items():
            page.set_viewport_size({"width": WIDTH, "height": part.height})
            page.goto(f"{ADDRESS}/{part.address.format(run=run)}")
            settle(page)
            part.act(page)
            settle(page)
            shown = page.locator(part.place).first if part.place else page
            image = Image.open(io.BytesIO(shown.screenshot()))
            few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(ROOT / "docs" / "images" / f"{name}-{scheme}.png", optimize=True)
    context.close()


def share_own(page: Page) -> None:
    """Open the link to pictures of the visitor's own; those that came along are everybody's."""
    import_own(page)
    page.get_by_role("button", name="Share", exact=True).click()


def share_run(page: Page) -> None:
    """Train a network on pictures of the visitor's own, and open its link."""
    import_own(page)
    follow(page, "Train")
    page.get_by_role("button", name="Start training", exact=True).click()
    page.get_by_text("Validation accuracy").first.wait_for()
    settle(page)
    follow(page, "Results")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("radio", name="With pictures", exact=True).click()


def import_own(page: Page) -> None:
    """Import a zip file, which then is the visitor's own."""
    choose_zip(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("is here:").first.wait_for()
    settle(page)


def follow(page: Page, title: str) -> None:
    """Go to another page by the menu."""
    page.get_by_role("link", name=title, exact=True).first.click()
    settle(page)


def unfold(page: Page, label: str) -> None:
    """Open what is folded away."""
    page.locator("summary").filter(has_text=label).click()


def add_by(way: str, page: Page) -> None:
    """Open "Add pictures" at one of its ways."""
    choice = page.get_by_role("radio", name=way, exact=True)
    if not choice.is_visible():  # it stands open where there are no pictures yet
        unfold(page, "Add pictures")
    choice.click()
    settle(page)


def choose_zip(page: Page) -> None:
    """Choose a zip file with splits and classes, and see what it will be read as."""
    add_by("Zip file", page)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for split, n_images in (("train", 8), ("test", 4)):
            for number in range(n_images):
                packed.writestr(f"pets/{split}/{('cat', 'dog')[number % 2]}/{number}.png", drawn())
    upload(page, "pets.zip", kind="application/zip", content=archive.getvalue())


def manage(page: Page, part: str) -> None:
    """Open a part of Manage."""
    page.locator("summary").filter(has_text="Manage").click()
    page.get_by_role("radio", name=part, exact=True).click()


def balance(page: Page) -> None:
    """Ask for at most 150 pictures of each class."""
    manage(page, "Balance")
    settle(page)
    field = page.get_by_role("spinbutton", name="At most", exact=False).first
    field.fill("150")
    field.press("Enter")


def ask_about_digit(page: Page) -> None:
    """Ask about a digit, which is neither cat nor dog."""
    page.get_by_role("radio", name="Upload", exact=True).click()
    settle(page)
    upload(page, "seven.png", kind="image/png", content=drawn())
    settle(page)
    page.locator("summary").filter(has_text="How good this check is").click()


def upload(page: Page, name: str, *, kind: str, content: bytes) -> None:
    """Choose a file."""
    place = page.get_by_test_id("stFileUploaderDropzoneInput").first
    place.set_input_files({"name": name, "mimeType": kind, "buffer": content})
    page.get_by_text(name).first.wait_for()


def drawn() -> bytes:
    """Draw a seven, white on black."""
    image = Image.new("L", (28, 28))
    ImageDraw.Draw(image).line([(7, 6), (20, 6), (11, 23)], fill=255, width=3)
    file = io.BytesIO()
    image.save(file, "png")
    return file.getvalue()


CARTOONS = "dataset?data=cartoons"
POPOVER = "[data-testid=stPopoverBody]"
PAGES = {
    "home": Part("", height=900),
    "explore": Part(CARTOONS, height=1150),
    "preprocess": Part("pixels?data=cartoons", height=1100),
    "train": Part("training?run={run}", height=1100),
    "results": Part("results?run={run}&cell=true", height=1900),
    "first-layer": Part("results?run={run}&part=First+layer", height=1900),
    "compare": Part("comparison?runs={run}", height=1500),
    "predict": Part("prediction?run={run}&closer=Move+the+picture", height=1500),
}
PARTS = {
    "address": Part(CARTOONS, ".st-key-import_panel", lambda page: add_by("Address", page)),
    "read-as": Part(CARTOONS, ".st-key-import_panel", choose_zip),
    "take-along": Part(
        CARTOONS,
        ".st-key-export_panel",
        lambda page: page.locator("summary").filter(has_text="Download the pictures").click(),
    ),
    "manage": Part(CARTOONS, ".st-key-manage_panel", lambda page: manage(page, "Versions")),
    "split": Part(CARTOONS, ".st-key-manage_panel", lambda page: manage(page, "Split")),
    "balance": Part(CARTOONS, ".st-key-manage_panel", balance),
    "erase": Part(
        CARTOONS,
        POPOVER,
        lambda page: page.get_by_role("button", name="Erase now").click(),
    ),
    "none-of-these": Part(
        "prediction?run={run}", "[data-testid=stHorizontalBlock]:has(h2)", ask_about_digit
    ),
}
MADE = {
    "label-mistakes": Part(
        f"dataset?data={MISLABELLED}&health=Label+mistakes", "[data-testid=stTabs]"
    ),
    "bits": Part(
        f"pixels?data={SCANS}", act=lambda page: unfold(page, "More settings"), height=900
    ),
}
HOSTED = {
    "share": Part(CARTOONS, POPOVER, share_own),
    "share-run": Part(CARTOONS, POPOVER, share_run),
}


@contextmanager
def running_app(data_dir: Path, **settings: str) -> Iterator[None]:
    """Run the app on this data, with these settings, until the pictures are taken."""
    options = (f"--server.port={PORT}", "--server.address=127.0.0.1", "--server.headless=true")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_WARM_WORKER": "off"} | settings
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"{ADDRESS}/_stcore/health", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait()


def settle(page: Page) -> None:
    """Wait until the page is drawn, and its charts have come to rest."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stSkeleton]", state="detached")
    page.wait_for_timeout(2000)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
