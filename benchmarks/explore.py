"""The Explore page on many photographs, in Chromium: first view, and each control.

    python -m benchmarks.explore dogs-vs-cats-180px.zip [DATA_DIR]

Given the folder of an earlier run, it imports and profiles nothing anew. "First view" counts
from the request of the address until the grid and the closer look are there; a control from the
press until what it changes has changed, as `latency` does. Nothing else should be running.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.importing.importer import import_zip
from ann_core.datasets.profile.profile import profile_dataset
from ann_core.settings import Settings
from benchmarks.browser import CAPTIONS, CLOCK, SETTLED, chromium, milliseconds, serving

NAME = "photographs"
N_MOVES = 20
HEADINGS = "h2, h3"


@dataclass(frozen=True)
class Control:
    """What is pressed, move by move, and the text that follows it; the first ones fill caches."""

    name: str
    query: str
    find: Callable[[Page, int], Locator]
    text: str


def _tab(page: Page, move: int) -> Locator:
    names = ("Sizes and light", "Mean pictures", "Pixel space", "Health")
    return page.get_by_role("tab", name=names[move % len(names)])


def _kind(page: Page, move: int) -> Locator:
    kinds = ("Near duplicates", "Too dark", "Blurry", "Exact duplicates")
    return page.locator(".st-key-health").get_by_text(kinds[move % len(kinds)], exact=True)


def _turn(page: Page, move: int) -> Locator:
    return page.get_by_label(("Next page", "Previous page")[move % 2]).first


def _tile(page: Page, move: int) -> Locator:
    return page.get_by_role("button", name=f"Open picture {move % 8 + 1}:")


def _step(page: Page, move: int) -> Locator:
    step = ("Up", "Down")[move % 2]
    return page.locator(f".st-key-point [data-testid=stNumberInputStep{step}]")


CONTROLS = (
    Control("page of the grid", "", _turn, CAPTIONS),
    Control("open a picture", "", _tile, CAPTIONS),
    Control("tab of the closer look", "", _tab, "[data-testid=stTabs]"),
    Control("kind in Health", "&look=Health", _kind, HEADINGS),
    Control("point in Pixel space", "&look=Pixel+space", _step, "[data-testid=stTabs] strong"),
)


def main(archive: Path, data_dir: Path) -> None:
    settings = Settings(data_dir=data_dir, database_url="")
    catalog = Catalog(settings.datasets_dir)
    if NAME not in {info.name for info in catalog.infos()}:
        started = time.perf_counter()
        dataset = import_zip(archive, NAME, catalog)
        print(f"{len(dataset):,} pictures imported in {time.perf_counter() - started:.0f} s")
        started = time.perf_counter()
        profile_dataset(dataset, settings.profiles_dir)
        print(f"profiled in {time.perf_counter() - started:.0f} s")
    with serving(settings) as address, chromium() as page:
        views = [_first_view(page, address) for _ in range(6)]
        print(f"  first view of a fresh server {views[0]:.2f} s, then {np.median(views[1:]):.2f} s")
        for control in CONTROLS:
            times = _moves(page, address, control)
            print(f"  {control.name:24} {milliseconds(times)}")


def _first_view(page: Page, address: str, query: str = "") -> float:
    started = time.perf_counter()
    page.goto(f"{address}/dataset?data={NAME}{query}")
    page.get_by_role("button", name="Open picture 1:").wait_for()
    page.get_by_role("heading", name="A closer look").wait_for()
    page.get_by_role("heading", name="What to notice").wait_for()
    return time.perf_counter() - started


def _moves(page: Page, address: str, control: Control) -> list[float]:
    _first_view(page, address, control.query)
    times = []
    for move in range(N_MOVES + 4):
        page.locator(SETTLED).wait_for()
        time.sleep(0.3)
        target = control.find(page, move)
        target.scroll_into_view_if_needed()
        page.evaluate(CLOCK, control.text)
        target.click()
        times.append(float(page.evaluate("window.moved")))
    return times[4:]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else folder))
