"""From a move to its effect, in Chromium: computer idle, while training, with 20 watchers.

50 moves on each page. The browser itself notes when the key or the click came, and when the
text that depends on it had changed.
"""

import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS, NetworkConfig
from benchmarks.browser import CAPTIONS, CLOCK, ROOT, SETTLED, chromium, milliseconds, serving, wait

N_MOVES = 50
N_WATCHERS = 20
ROUNDS = 2


@dataclass(frozen=True)
class Move:
    """A control of a page, and the text that follows it."""

    address: str
    control: str
    keys: tuple[str, str]  # in turns; selectors of buttons, where there is no slider
    text: str
    fold: str = ""  # what has to be opened first


MOVES = {
    "Explore": Move(
        "dataset", "", ("[aria-label='Next page']", "[aria-label='Previous page']"), CAPTIONS
    ),
    "Preprocess": Move("pixels", "Picture size", ("ArrowRight", "ArrowLeft"), CAPTIONS),
    "Train": Move(
        "training",
        "Neurons in layer 1",
        ("ArrowRight", "ArrowLeft"),
        ".st-key-bill",
        "Change the network",
    ),
    "Predict": Move(
        "prediction",
        "",
        ("[data-testid=stNumberInputStepUp]", "[data-testid=stNumberInputStepDown]"),
        CAPTIONS,
    ),
}


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data", database_url="")
        registry = Registry(settings.registry_url)
        catalog = Catalog(settings.datasets_dir)
        import_builtin("cartoons", "cartoons", catalog)
        dataset = catalog.load("cartoons")
        with serving(settings) as address, chromium() as page:
            small = _start(registry, dataset, PRESETS["small"])
            _open(page, f"{address}/training?run={small.id}")  # the server starts it
            wait(lambda: not registry.get(small.id).live)
            quiet = _measure(page, address, "idle", finished=small.id)
            long = _start(registry, dataset, _long())
            wait(lambda: registry.get(long.id).epoch >= 1)
            runs = {"finished": small.id, "live": long.id}
            training: list[float] = []
            watched: list[float] = []
            for _ in range(ROUNDS):  # in turns, so that both meet the same noise
                training += _measure(page, address, "training", **runs)
                with _watching(address, long.id):
                    watched += _measure(page, address, "20 watchers", **runs)
            registry.commands.stop(long.id, by=OPERATOR)
            wait(lambda: not registry.get(long.id).live)
        registry.close()
    for name, times in (("idle", quiet), ("training", training), ("20 watchers", watched)):
        print(f"  {name:12} all pages  {milliseconds(times)}")
    median, p95 = np.percentile(watched, [50, 95]) / np.percentile(training, [50, 95])
    print(
        f"  20 watchers against none: median {median:.2f}, p95 {p95:.2f} (at most 1.25); p95 while "
        "training at most 250 ms"
    )


def _long() -> NetworkConfig:
    """A network that keeps all cores busy, for as long as we measure."""
    return PRESETS["article"].model_copy(update={"epochs": 1000})


def _start(registry: Registry, dataset: Dataset, network: NetworkConfig) -> Run:
    config = RunConfig(dataset=dataset.name, fingerprint=dataset.fingerprint, network=network)
    return registry.submit(config, submit_key=secrets.token_hex(8))


def _measure(page: Page, address: str, what: str, *, finished: str, live: str = "") -> list[float]:
    """Milliseconds of all moves, printed page by page; Predict asks the finished run."""
    everything = []
    for name, move in MOVES.items():
        run_id = finished if name == "Predict" else live or finished
        _open(page, f"{address}/{move.address}?run={run_id}")
        if move.fold:
            page.locator("summary").filter(has_text=move.fold).click()
            time.sleep(1)  # a key that meets a panel still opening can be lost
        controls = [_control(page, move, key) for key in move.keys]
        times = []
        for number in range(N_MOVES + 2):
            page.evaluate(CLOCK, move.text)
            control, key = controls[number % 2], move.keys[number % 2]
            control.press(key) if move.control else control.click()
            times.append(float(page.evaluate("window.moved")))
            time.sleep(0.1)
        times = times[2:]  # the first of each direction fill the caches
        everything += times
        print(f"  {what:12} {name:10} {milliseconds(times)}")
    return everything


def _control(page: Page, move: Move, key: str) -> Locator:
    if move.control:
        return page.get_by_role("slider", name=re.compile(f"^{move.control}")).first
    return page.locator(key).first


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(SETTLED).wait_for()
    page.get_by_role("heading", level=1).first.wait_for()
    time.sleep(2)


@contextmanager
def _watching(address: str, run_id: str) -> Iterator[None]:
    """20 sessions on the page of a run; fail if they see nothing."""
    stream = address.replace("http", "ws") + "/_stcore/stream"
    command = [sys.executable, "-m", "benchmarks.watchers", stream, "training"]
    command += [f"run={run_id}", str(N_WATCHERS)]
    watchers = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    time.sleep(8)
    try:
        yield
    finally:
        watchers.terminate()
        drawn = [int(line) for line in watchers.communicate()[0].split()]
        print(f"  the watchers were sent {np.median(drawn):.0f} elements a second")
        if np.median(drawn) < N_WATCHERS:
            raise RuntimeError("the watchers did not watch")


if __name__ == "__main__":
    run()
