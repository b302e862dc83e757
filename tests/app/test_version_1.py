"""Pages show what the first version left behind: its data, its runs in every state, its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL
import pytest
from streamlit.testing.v1 import AppTest

from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.version_1 import expected, unpack

EXPECTED = expected()
NAMES: dict[str, str] = EXPECTED["names"]
RUNS: dict[str, dict[str, Any]] = {run["id"]: run for run in EXPECTED["registry"]["runs"]}
WITH_MODEL = ("done", "linear", "stopped", "imported")


@pytest.fixture(autouse=True)
def left_behind(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PIL, "__version__", EXPECTED["pillow"])  # tables are named after it
    unpack(data_dir)


def words(page: AppTest) -> str:
    return "\n".join(text.value for text in page.markdown)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_train_page_shows_every_run(open_page: OpenPage, name: str) -> None:
    run = RUNS[NAMES[name]]
    page = open_page("train", run=run["id"])
    assert page_text(page) == ([run["error"]] if run["error"] else [])
    assert page.selectbox(key="run_choice").value == run["id"]
    if run["result"]:
        shown = {metric.label: metric.value for metric in page.metric}
        accuracy = run["result"]["accuracy"]["validation"]
        assert shown["Validation accuracy"] == f"{accuracy:.1%}"
        assert f"{run['result']['n_parameters']:,} parameters, learned from 27" in words(page)


@pytest.mark.parametrize("name", WITH_MODEL)
def test_the_results_page_shows_the_same_accuracy(open_page: OpenPage, name: str) -> None:
    page = open_page("evaluate", run=NAMES[name])
    assert page_text(page) == []
    shown = {metric.label: metric.value for metric in page.metric}
    test = RUNS[NAMES[name]]["result"]["test"]
    assert shown[f"Right on {test['n_images']} test pictures"] == f"{test['accuracy']:.1%}"


@pytest.mark.parametrize("name", WITH_MODEL)
def test_the_predict_page_opens_every_model(open_page: OpenPage, name: str) -> None:
    page = open_page("predict", run=NAMES[name])
    assert page_text(page) == []
    assert "fingerprint" in captions(page).lower()


def test_the_explore_page_shows_issues_and_report(open_page: OpenPage) -> None:
    page = open_page("explore", data="sky", closer_look="true")
    assert page_text(page) == []
    assert "56 found, 53 taken, 3 left out" in words(page)
    assert "2 pictures of 53 are selected" in words(page), "what was found is there"


def test_the_table_of_runs_has_them_all_and_the_baselines(open_page: OpenPage) -> None:
    page = open_page("compare", runs=f"{NAMES['done']},{NAMES['linear']}")
    assert page_text(page) == []
    names = set(page.dataframe[0].value["name"])
    given = {RUNS[NAMES[name]]["name"] for name in WITH_MODEL} - {""}
    assert given <= names
    assert "Logistic regression" in names
