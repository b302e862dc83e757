"""A real Streamlit server and a real Chromium for the tests in this folder.

Fixtures: `server` (one for the whole run, with 60 cartoons and a network trained on
them, `finished_run`), `start_server` (fresh ones, ended with the test) and `visitor`
(somebody with a browser, who complains about every error in its console).
"""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from ann_core.datasets.builtin import import_builtin
from ann_core.datasets.cartoons import CartoonConfig
from ann_core.datasets.catalog import Catalog
from scripts.find_chromium import ChromiumNotFoundError, find_chromium

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--font-render-hinting=none",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)
START_SECONDS = 60.0
END_SECONDS = 10.0
RUN_SECONDS = 30.0
RUN_MS = 1000 * RUN_SECONDS
CARTOONS = "cartoons"
# Errors in the browser's console that are Streamlit's own.
UPSTREAM_ERRORS = (
    # On a deep link, it looks for its server beside the page first, and then at the root.
    re.compile(r"404 .*/\w+/_stcore/(health|host-config)\)$"),
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    # A missing browser fails the tests: skipping them would look like passing.
    try:
        chromium = find_chromium()
    except ChromiumNotFoundError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return browser_type_launch_args | {
        "executable_path": str(chromium),
        "args": [*browser_type_launch_args.get("args", []), *CHROMIUM_ARGS],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {
        "viewport": {"width": 1280, "height": 900},
        "reduced_motion": "reduce",
        "permissions": ["camera"],
    }


@dataclass(frozen=True)
class Server:
    """A running Streamlit server; `log` is the file that holds what it printed."""

    url: str
    data_dir: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def page_url(self, path: str = "") -> str:
        return f"{self.url}/{path.lstrip('/')}"

    def command(self, *arguments: str) -> Any:
        """Do something by the command line, on the data of this server."""
        ended = subprocess.run(
            [sys.executable, "-m", "ann_core", *arguments, "--json"],
            cwd=ROOT,
            env=os.environ | {"ANN_DATA_DIR": str(self.data_dir)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def stop(self) -> None:
        """End the server, as a restart would; its training processes go on."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class StartServer(Protocol):
    def __call__(
        self, data_dir: Path | None = None, *, env: Mapping[str, str] | None = None
    ) -> Server: ...


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not mind each other's data."""
    folder = tmp_path_factory.mktemp("server")
    with _running(folder / "data", log=folder / "streamlit.log") as running:
        yield running


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Start servers that nobody has asked for a page yet: `start_server(data_dir, env=...)`.

    Given the `data_dir` of an earlier one, a server takes over what that one left.
    """
    with ExitStack() as started:
        number = 0

        def start(data_dir: Path | None = None, *, env: Mapping[str, str] | None = None) -> Server:
            nonlocal number
            number += 1
            log = tmp_path / f"streamlit-{number}.log"
            folder = data_dir or tmp_path / f"data-{number}"
            return started.enter_context(_running(folder, log=log, env=env))

        yield start


@pytest.fixture(scope="session")
def finished_run(server: Server) -> str:
    """Id of a tiny network that was trained on 60 cartoons of the server."""
    catalog = Catalog(server.data_dir / "datasets")
    import_builtin("cartoons", CARTOONS, catalog, cartoons=CartoonConfig(n_images=60))
    told = server.command("train", CARTOONS, "--layers", "8", "--epochs", "3", "--size", "16")
    return str(told["id"])


@dataclass
class Visitor:
    """Somebody with a browser: does what people do, and waits as they wait."""

    page: Page
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.settled()

    def settled(self) -> None:
        """Wait until the script of the page has run, and what it sent is drawn."""
        page = self.page
        app = page.locator("[data-testid='stApp'][data-test-script-state='notRunning']")
        expect(app).to_be_visible(timeout=RUN_MS)
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=RUN_MS)
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=RUN_MS)

    def go(self, name: str) -> None:
        """Follow an entry of the navigation."""
        self.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
        self.sees_page(name)

    def sees_page(self, title: str) -> None:
        heading = self.page.get_by_role("heading", level=1, name=title, exact=True)
        expect(heading).to_be_visible(timeout=RUN_MS)
        self.settled()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def pick(self, name: str) -> None:
        """Choose one of several buttons."""
        self.page.get_by_role("radio", name=name, exact=True).click()
        self.settled()

    def choose(self, label: str, option: str) -> None:
        """Choose from a list that opens."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option).click()
        self.settled()

    def slide(self, label: str, steps: int) -> None:
        """Move a slider by the arrow keys."""
        self.slider(label).focus()
        for _ in range(abs(steps)):
            self.page.keyboard.press("ArrowRight" if steps > 0 else "ArrowLeft")
        self.settled()

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=re.compile(rf"^{re.escape(label)}\b"))

    def upload(self, name: str, content: bytes, kind: str = "application/octet-stream") -> None:
        self.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )
        expect(self.page.get_by_text(name)).to_be_visible(timeout=RUN_MS)
        self.settled()

    def sees(self, text: str | re.Pattern[str], seconds: float = RUN_SECONDS) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=seconds * 1000)

    def sees_no_error(self) -> None:
        """Neither a sentence of ours nor Streamlit's box for what nobody foresaw."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        expect(self.page.get_by_test_id("stAlertContentError")).to_have_count(0)

    def sentence(self) -> str:
        """Read the one error that the page shows; it must not be Streamlit's own box."""
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        alert = self.page.get_by_test_id("stAlertContentError")
        expect(alert).to_have_count(1, timeout=RUN_MS)
        return alert.inner_text()

    def _listen(self, message: ConsoleMessage) -> None:
        told = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(known.search(told) for known in UPSTREAM_ERRORS):
            self.errors.append(told)


@pytest.fixture
def visitor(page: Page) -> Iterator[Visitor]:
    """Somebody with a browser; the test fails if its console told of an error."""
    somebody = Visitor(page)
    yield somebody
    assert somebody.errors == []


@contextmanager
def _running(
    data_dir: Path, *, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    data_dir.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
    }
    for name, value in options.items():
        command += [f"--{name}", value]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | {"ANN_DATA_DIR": str(data_dir)} | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", data_dir, log, process)
    try:
        _wait_until_healthy(server, port)
        yield server
    finally:
        server.stop()
        _end_workers(data_dir)


def _wait_until_healthy(server: Server, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if _is_healthy(port):
            return
        time.sleep(0.05)
    printed = server.log.read_text(errors="replace")[-4000:]
    pytest.fail(f"The server did not start. It printed:\n{printed}", pytrace=False)


def _is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _end_workers(data_dir: Path) -> None:
    """End the training processes that outlived a server of ours.

    Outliving it is their design, so they are known by the data folder in their
    environment, not by their parent.
    """
    ours = [process for process in psutil.process_iter() if _works_in(process, data_dir)]
    for process in ours:
        process.terminate()
    for process in psutil.wait_procs(ours, timeout=END_SECONDS)[1]:
        process.kill()


def _works_in(process: psutil.Process, data_dir: Path) -> bool:
    try:
        return process.environ().get("ANN_DATA_DIR") == str(data_dir)
    except (psutil.Error, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
