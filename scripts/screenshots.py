"""Photograph the pages for the guide, light and dark: ``scripts/screenshots.py DATA_FOLDER``.

The data folder needs the built-in cartoons and a network trained on them, such as "Train my first
network" makes; the newest one is shown. The pictures go to ``docs/images``.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ann_core.runs.registry import Registry  # noqa: E402
from scripts.find_chromium import find_chromium  # noqa: E402

PORT = 8988
WIDTH = 1200
# By name: the address, and how many pixels of the page are shown.
PAGES = {
    "home": ("", 900),
    "explore": ("dataset?data=cartoons", 1150),
    "preprocess": ("pixels?data=cartoons", 1100),
    "train": ("training?run={run}", 1100),
    "results": ("results?run={run}&cell=true", 1900),
    "first-layer": ("results?run={run}&part=First+layer", 1900),
    "compare": ("comparison?runs={run}", 1500),
    "predict": ("prediction?run={run}&closer=Move+the+picture", 1500),
}
COLOURS = 192  # of a picture: enough for text and drawings, and a third of the size


def main(data_dir: Path, names: list[str]) -> None:
    """Take all pictures, or those of these names."""
    registry = Registry(f"sqlite:///{data_dir}/registry.db")
    done = [run for run in registry.recent() if run.result is not None and run.attempt]
    registry.close()
    with running_app(data_dir), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.set_default_timeout(120_000)
            for name in names or PAGES:
                address, height = PAGES[name]
                page.set_viewport_size({"width": WIDTH, "height": height})
                page.goto(f"http://127.0.0.1:{PORT}/{address.format(run=done[0].id)}")
                settle(page)
                image = Image.open(io.BytesIO(page.screenshot()))
                few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
                few.save(ROOT / "docs" / "images" / f"{name}-{scheme}.png", optimize=True)
        browser.close()


@contextmanager
def running_app(data_dir: Path) -> Iterator[None]:
    """Run the app on this data until the pictures are taken."""
    options = (f"--server.port={PORT}", "--server.address=127.0.0.1", "--server.headless=true")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", *options]
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_WARM_WORKER": "off"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_stcore/health", timeout=5).close()
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
