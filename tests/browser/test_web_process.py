"""The process that serves pages stays small: no TensorFlow, no Keras, at most 300 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.browser.conftest import ROOT, Server, StartServer
from tests.browser.visitor import Visitor

MAX_MEGABYTES = 300
PAGES = ("Explore", "Preprocess", "Train", "Predict", "Home")
HEAVY = {"tensorflow", "keras", "jax", "torch"}

OPEN_ALL_PAGES = """
import importlib, json, pkgutil, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
import ui
from ui import services

services._started = True
for module in pkgutil.iter_modules(ui.__path__):
    importlib.import_module(f"ui.{module.name}")
titles = []
for file in sorted(Path("pages").glob("*.py")):
    page = AppTest.from_file("streamlit_app.py", default_timeout=60)
    page.query_params["run"] = sys.argv[1]
    page.switch_page(str(file)).run()
    assert not page.exception, page.exception[0].message
    titles.append(page.title[0].value)
page = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
assert not page.exception
told = {"titles": titles, "modules": sorted({name.split(".")[0] for name in sys.modules})}
print(json.dumps(told))
"""


@pytest.fixture
def opened(
    start_server: StartServer, visitor: Visitor, server: Server, finished_run: str
) -> Server:
    """A server of its own, of which somebody has opened every page and asked the network."""
    fresh = start_server(server.data_dir)
    visitor.open(fresh.page_url(f"training?run={finished_run}"))
    visitor.sees("done: epoch 3 of 3")
    for page in PAGES[:-1]:
        visitor.go(page)
        visitor.sees_no_error()
    visitor.sees("Its answer: ")
    visitor.page.get_by_role("link", name="Home").click()
    visitor.settled()
    return fresh


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux lists the libraries")
def test_no_library_of_tensorflow_is_loaded(opened: Server) -> None:
    libraries = {line.rpartition("/")[2] for line in maps(opened.pid) if "/" in line}
    assert any("numpy" in line for line in maps(opened.pid)), "the list is not what it seems"
    assert [name for name in libraries if "tensorflow" in name or "_pywrap_t" in name] == []
    in_folders = [line for line in maps(opened.pid) if "/tensorflow/" in line or "/keras/" in line]
    assert in_folders == []


def maps(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/maps").read_text().splitlines()


def test_the_memory_is_small(opened: Server) -> None:
    used = psutil.Process(opened.pid).memory_info().rss / 1e6
    print(f"the web process holds {used:.0f} MB")
    assert used <= MAX_MEGABYTES


def test_the_modules_of_all_pages_are_light(server: Server, finished_run: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", OPEN_ALL_PAGES, finished_run],
        cwd=ROOT,
        env=os.environ | {"ANN_DATA_DIR": str(server.data_dir), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout.splitlines()[-1])
    assert {"Explore", "Preprocess", "Train", "Predict"} <= set(told["titles"])
    assert {"ui", "ann_core", "ai_edge_litert"} <= set(told["modules"])
    assert HEAVY.isdisjoint(told["modules"])
