"""Pages without a browser: Streamlit's `AppTest` runs their scripts in this process.

Fixtures: `data_dir` (an empty installation), `cartoons` (60 images in it), `small_run`
(a network trained on them as well) and `open_page` (`open_page("train", run="...")`).
"""

from __future__ import annotations

import functools
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import DatasetInfo
from tests.helpers.small_run import CARTOONS, draw_cartoons, small_installation
from ui.base import services

ROOT = Path(__file__).resolve().parents[2]
ENTRY_POINT = ROOT / "streamlit_app.py"
SECONDS = 30


@pytest.fixture(scope="session", autouse=True)
def packages_are_searched_once() -> Iterator[None]:
    """Streamlit reads what every installed package says of itself whenever a page is opened."""
    with pytest.MonkeyPatch.context() as patch:
        scan = manifest_scanner.scan_component_manifests
        patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(scan))
        yield


@pytest.fixture(scope="module", autouse=True)
def garbage_of_others_is_not_looked_through() -> None:
    """Streamlit collects garbage after every run of a page, in all that the process holds."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty installation; the services of the pages work in it, and no worker starts."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("ANN_DATA_DIR", str(folder))
    monkeypatch.setenv("ANN_EXAMPLES", "0")
    monkeypatch.setattr(services, "_started", True)
    _forget_services()
    yield folder
    _forget_services()


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with 60 cartoons, for copies."""
    folder = tmp_path_factory.mktemp("drawn") / "data"
    draw_cartoons(folder)
    return folder


@pytest.fixture
def cartoons(data_dir: Path, drawn: Path) -> DatasetInfo:
    """60 cartoon cats and dogs, the test's own."""
    shutil.copytree(drawn, data_dir, dirs_exist_ok=True)
    return services.catalog().info(CARTOONS)


@pytest.fixture
def small_run(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Id of a finished run; its data set and its files are the test's own."""
    folder, run_id = small_installation(tmp_path_factory)
    shutil.copytree(folder, data_dir, dirs_exist_ok=True)
    return run_id


class OpenPage(Protocol):
    def __call__(self, name: str, **query: str) -> AppTest: ...


@pytest.fixture
def open_page(data_dir: Path) -> OpenPage:
    """Run a page as a visitor who comes by its address: `open_page("train", run="...")`.

    `open_page("home")` runs the entry point too; AppTest runs the other pages by themselves.
    """

    def open_it(name: str, **query: str) -> AppTest:
        page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS)
        if name != "home":
            page.switch_page(f"pages/{name}.py")
        for parameter, value in query.items():
            page.query_params[parameter] = value
        return page.run()

    return open_it


def _forget_services() -> None:
    services.close()
    st.cache_data.clear()
    st.cache_resource.clear()
