"""From a move to its effect, in Chromium: computer idle, while training, with 20 watchers.

50 moves on each page. The browser itself notes when the key or the click came, and when the
text that depends on it had changed.
"""

import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.sources.builtin import import_builtin
from ann_core.runs.owners import OPERATOR
from ann_core.runs.registry import Registry
from ann_core.runs.run import Run, RunConfig
from ann_core.settings import Settings
from ann_core.training.network_config import PRESETS, NetworkConfig
from scripts.find_chromium import find_chromium

ROOT = Path(__file__).resolve().parents[1]
N_MOVES = 50
N_WATCHERS = 20
ROUNDS = 2
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

CLOCK = """
selector => {
  const read = () => [...document.querySelectorAll(selector)].map(e => e.textContent).join("|");
  const before = read();
  let begun = null;
  const begin = () => { begun ??= performance.now(); };
  for (const kind of ["keydown", "pointerdown"]) {
    window.addEventListener(kind, begin, {capture: true, once: true});
  }
  window.moved = new Promise(resolve => {
    const observer = new MutationObserver(() => {
      if (begun !== null && read() !== before) {
        observer.disconnect();
        resolve(performance.now() - begun);
      }
    });
    observer.observe(document.body, {subtree: true, childList: true, characterData: true});
  });
}
"""


@dataclass(frozen=True)
class Move:
    """A control of a page, and the text that follows it."""

    address: str
    control: str
    keys: tuple[str, str]  # in turns; selectors of buttons, where there is no slider
    text: str


CAPTIONS = "[data-testid=stCaptionContainer]"
MOVES = {
    "Explore": Move(
        "dataset", "", ("[aria-label='Next page']", "[aria-label='Previous page']"), CAPTIONS
    ),
    "Preprocess": Move("pixels", "Picture size", ("ArrowRight", "ArrowLeft"), CAPTIONS),
    "Train": Move("training", "Nodes in layer 1", ("ArrowRight", "ArrowLeft"), ".st-key-bill"),
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
        with _serving(settings) as address, _chromium() as page:
            small = _start(registry, dataset, PRESETS["small"])
            _open(page, f"{address}/training?run={small.id}")  # the server's pump starts it
            _wait(lambda: not registry.get(small.id).live)
            quiet = _measure(page, address, small.id, "idle")
            long = _start(registry, dataset, _long())
            _wait(lambda: registry.get(long.id).epoch >= 1)
            training: list[float] = []
            watched: list[float] = []
            for _ in range(ROUNDS):  # in turns, so that both meet the same noise
                training += _measure(page, address, small.id, "training", long.id)
                with _watching(address, long.id):
                    watched += _measure(page, address, small.id, "20 watchers", long.id)
            registry.commands.stop(long.id, by=OPERATOR)
            _wait(lambda: not registry.get(long.id).live)
        registry.close()
    median = [float(np.median(times)) for times in (quiet, training, watched)]
    p95 = [float(np.percentile(times, 95)) for times in (quiet, training, watched)]
    for name, middle, high in zip(("idle", "training", "20 watchers"), median, p95, strict=True):
        print(f"  {name:12} all pages  median {middle:4.0f} ms, p95 {high:4.0f} ms")
    print(
        f"  20 watchers against none: median {median[2] / median[1]:.2f}, "
        f"p95 {p95[2] / p95[1]:.2f} (at most 1.25); p95 while training at most 250 ms"
    )


def _long() -> NetworkConfig:
    """A network that keeps all cores busy, for as long as we measure."""
    return PRESETS["article"].model_copy(update={"epochs": 1000})


def _start(registry: Registry, dataset: Dataset, network: NetworkConfig) -> Run:
    config = RunConfig(dataset=dataset.name, fingerprint=dataset.fingerprint, network=network)
    return registry.submit(config, submit_key=secrets.token_hex(8))


def _measure(
    page: Page, address: str, finished: str, what: str, watched: str | None = None
) -> list[float]:
    """Milliseconds of all moves on all pages, printed page by page."""
    everything = []
    for name, move in MOVES.items():
        run_id = finished if name == "Predict" else watched or finished
        _open(page, f"{address}/{move.address}?run={run_id}")
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
        middle, high = np.percentile(times, [50, 95])
        print(f"  {what:12} {name:10} median {middle:4.0f} ms, p95 {high:4.0f} ms")
    return everything


def _control(page: Page, move: Move, key: str) -> Locator:
    if move.control:
        return page.get_by_role("slider", name=re.compile(f"^{move.control}")).first
    return page.locator(key).first


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("[data-testid='stApp'][data-test-script-state='notRunning']").wait_for()
    page.get_by_role("heading", level=1).first.wait_for()
    time.sleep(2)


def _wait(done, seconds: float = 180) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError("the training did not get there")
        time.sleep(0.2)


@contextmanager
def _chromium() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true"]
    environment = os.environ | {"ANN_DATA_DIR": str(settings.data_dir), "ANN_DATABASE_URL": ""}
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(lambda: _answers(f"{address}/_stcore/health"), 60)
        yield address
    finally:
        server.terminate()
        server.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


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
