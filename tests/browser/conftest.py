"""A real Streamlit server and a real Chromium for the tests in this folder.

Fixtures: `server` (one for the whole run, with 60 cartoons and a network trained on
them, `finished_run`), `start_server` (fresh ones, ended with the test) and `visitor`
(somebody with a browser, who complains about every error in its console).
"""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from playwright.sync_api import Browser, Page

from ann_core.jobs.warm_process import WORKER
from scripts.find_chromium import ChromiumNotFoundError, find_chromium
from tests.browser.visitor import Visitor
from tests.helpers.small_run import small_installation
from tests.helpers.warm_engine import share_warm_process

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
    # Pages are open for seconds: what is compiled to be fast for longer costs more than it saves.
    "--js-flags=--no-maglev --no-turbofan",
)
START_SECONDS = 60.0
END_SECONDS = 10.0


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
    shutil.copytree(small_installation(tmp_path_factory)[0], folder / "data")
    with run_server(folder / "data", log=folder / "streamlit.log") as running:
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
            return started.enter_context(run_server(folder, log=log, env=env))

        yield start


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Id of the small network that `server` has, trained on 60 cartoons."""
    return small_installation(tmp_path_factory)[1]


@pytest.fixture(scope="session")
def tab(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    """One tab for all visitors: a new one would read the scripts of Streamlit anew, for seconds."""
    context = browser.new_context(**browser_context_args)
    yield context.new_page()
    context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, Any, pytest.TestReport]:
    """Add what a visitor saw when a test failed."""
    report: pytest.TestReport = yield
    if report.when == "call" and report.failed:
        for name, visitor in item.funcargs.items():
            if isinstance(visitor, Visitor):
                report.sections.append((f"page of {name}", visitor.seen()))
    return report


@pytest.fixture
def visitor(tab: Page, browser_context_args: dict[str, Any]) -> Iterator[Visitor]:
    """Somebody with a browser; the test fails if its console told of an error."""
    somebody = Visitor(tab)
    yield somebody
    somebody.clear_page()
    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(browser_context_args["viewport"])
    assert somebody.errors == []


@contextmanager
def run_server(
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
    warm, descriptors = share_warm_process()
    environment = os.environ | {"ANN_DATA_DIR": str(data_dir), "ANN_EXAMPLES": "0"} | warm
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | dict(env or {}),
            pass_fds=descriptors,
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

    Outliving it is their design, so they are known by their runs, not by their parent. Another
    server may work in the same folder.
    """
    ours = [process for process in psutil.process_iter() if _works_in(process, data_dir)]
    for process in ours:
        process.terminate()
    for process in psutil.wait_procs(ours, timeout=END_SECONDS)[1]:
        process.kill()


def _works_in(process: psutil.Process, data_dir: Path) -> bool:
    try:
        *_, module, run_id, _ = process.cmdline()
        return module == WORKER and (data_dir / "runs" / run_id).exists()
    except (psutil.Error, OSError, ValueError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
