"""The process that serves pages stays small: no TensorFlow, no Keras."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.browser.conftest import ROOT, Server
from tests.browser.visitor import Visitor

HEAVY = {"tensorflow", "keras", "jax", "torch", "scipy", "sklearn"}

OPEN_ALL_PAGES = """
import importlib, json, pkgutil, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
import ui
from ui.base import services

services._started = True
for module in pkgutil.walk_packages(ui.__path__, "ui."):
    importlib.import_module(module.name)
titles = []
for file in sorted(Path("pages").glob("*.py")):
    page = AppTest.from_file("streamlit_app.py", default_timeout=60)
    page.query_params["run"] = sys.argv[1]
    page.switch_page(str(file)).run()
    assert not page.exception, page.exception[0].message
    titles.append(page.title[0].value)
page = AppTest.from_file("streamlit_app.py", default_timeout=60).run()
assert not page.exception
loaded = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps({"titles": titles, "modules": loaded}))
"""


def test_no_page_loads_tensorflow(server: Server, finished_run: str, visitor: Visitor) -> None:
    visitor.open(server.page_url(f"training?run={finished_run}"))
    visitor.sees("done: epoch 3 of 3")
    for page in ("Explore", "Preprocess", "Train", "Results", "Predict"):
        visitor.go(page)
        visitor.sees_no_error()
    visitor.sees("Its answer: ")
    visitor.page.get_by_role("link", name="Home").click()
    visitor.sees("Train my first network")
    maps = Path(f"/proc/{server.pid}/maps")  # Linux lists here what a process has loaded
    if maps.exists():
        libraries = maps.read_text()
        assert "/numpy/" in libraries, "the list is not what it seems"
        assert re.findall(r".*(?:libtensorflow|_pywrap_tensorflow|/keras/).*", libraries) == []


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
    report = json.loads(ended.stdout.splitlines()[-1])
    assert {"Explore", "Preprocess", "Train", "Results", "Predict"} <= set(report["titles"])
    assert {"ui", "ann_core", "ai_edge_litert"} <= set(report["modules"])
    assert HEAVY.isdisjoint(report["modules"])
