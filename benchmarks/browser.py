"""A server of our own, a browser to visit it, and a clock inside of the browser."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import Page, sync_playwright

from ann_core.settings import Settings
from scripts.find_chromium import find_chromium

ROOT = Path(__file__).resolve().parents[1]
SETTLED = "[data-testid='stApp'][data-test-script-state='notRunning']"
CAPTIONS = "[data-testid=stCaptionContainer]"
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

# From a key or a click until the text of the selected elements has changed.
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


def milliseconds(times: list[float]) -> str:
    """Median and 95th percentile, as all benchmarks print them."""
    middle, high = np.percentile(times, [50, 95])
    return f"median {middle:4.0f} ms, p95 {high:4.0f} ms"


def wait(done: Callable[[], bool], seconds: float = 180) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError("the training did not get there")
        time.sleep(0.2)


@contextmanager
def chromium() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


@contextmanager
def serving(settings: Settings, **variables: str) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true"]
    environment = os.environ | {"ANN_DATA_DIR": str(settings.data_dir), "ANN_DATABASE_URL": ""}
    environment |= variables
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait(lambda: _answers(f"{address}/_stcore/health"), 60)
        yield address
    finally:
        server.terminate()
        server.wait()


def server_process(address: str) -> psutil.Process:
    """The web process that `serving` has started there."""
    port = address.rsplit(":", 1)[-1]
    for process in psutil.Process().children(recursive=True):
        if port in process.cmdline():
            return process
    raise RuntimeError("the server is not there")


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False
