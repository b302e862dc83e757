"""Erase now on the Explore page: with what shares pictures, not at work, and told in time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import INFO_FILE, Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import LeaveOut
from ann_core.datasets.importing.importer import import_folder
from ann_core.runs.job_types import ProfileConfig
from tests.app.conftest import OpenPage
from tests.helpers.app_text import box_of, captions, page_text
from tests.helpers.editing import draw_classes, version_of
from tests.helpers.run_states import registry
from tests.helpers.runs import make_dataset
from ui.base import keys, services


@pytest.fixture
def toy(data_dir: Path, tmp_path: Path) -> Dataset:
    """A data set, two versions of it, and another one."""
    toy = make_dataset(data_dir, "toy")
    for row, name in enumerate(("second", "third")):
        version_of(toy, services.catalog(), LeaveOut(rows=(row,)), name=name)
    import_folder(draw_classes(tmp_path / "others"), "unlike", services.catalog())
    return toy


def opened(open_page: OpenPage) -> AppTest:
    page = open_page("explore", data="toy")
    page.session_state[keys.ERASE_PANEL] = True
    page.run()
    assert page_text(page) == []
    return page


def names(data_dir: Path) -> set[str]:
    return {info.name for info in Catalog(data_dir / "datasets").infos()}


def test_what_shares_pictures_goes_unless_it_is_kept(
    open_page: OpenPage, toy: Dataset, data_dir: Path
) -> None:
    config = ProfileConfig(dataset="toy", fingerprint=toy.fingerprint)
    registry().submit_data_job(config, submit_key="a")
    page = opened(open_page)
    shared = [box.label for box in page.checkbox if "some of which are the same" in box.label]
    assert len(shared) == 2
    assert page.button(key="erase_go").disabled
    page.button(key="erase_stop").click().run()
    assert page_text(page) == []
    page.checkbox(key=keys.erase_also("third")).uncheck()
    page.button(key="erase_go").click().run()  # before the page has drawn the empty box
    assert page_text(page) == []
    assert names(data_dir) == {"third", "unlike"}
    assert box_of(page, "Data set").value in {"third", "unlike"}


def test_a_host_tells_before_it_removes_what_nobody_uses(
    open_page: OpenPage, toy: Dataset, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_DATASET_AGE_DAYS", "14")
    services.settings.cache_clear()
    long_ago = time.time() - 12 * 86_400
    for name in ("toy", "unlike"):
        os.utime(data_dir / "datasets" / name / INFO_FILE, (long_ago, long_ago))
    page = open_page("explore", data="toy")
    [warning] = [each.value for each in page.warning if "unless it is used" in each.value]
    assert "**unlike** on " in warning
    page.run()
    [warning] = [each.value for each in page.warning if "unless it is used" in each.value]
    assert "**toy**" not in warning, "it is open, and so is used"
    assert "Stays until " in captions(page)
