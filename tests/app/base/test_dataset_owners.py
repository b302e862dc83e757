"""Two visitors of a host: what one brings in is not there for the other, but by a link."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ann_core.runs.dataset_owners import dataset_key, run_key
from ann_core.runs.job_types import ProfileConfig
from tests.app.conftest import ENTRY_POINT, ROOT, SECONDS
from tests.helpers.app_text import captions, page_text
from tests.helpers.owned import (
    FIRST,
    LOOKED_AT,
    SECOND,
    SECRETS,
    TRAINED,
    all_that_is_sent,
    info_of,
    make_owned,
)
from ui.base import keys, services

PAGES = ("home", "explore", "preprocess", "train", "evaluate", "compare", "predict")
FORGED = "x" * 32

Come = Callable[..., AppTest]


@pytest.fixture
def run_id(
    data_dir: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A run of the first visitor, on a host."""
    made = make_owned(data_dir, tmp_path_factory)
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    return made


@pytest.fixture
def come(run_id: str) -> Come:
    """Open a page as a visitor: `come("explore", SECOND, data="...")`."""

    def open_it(name: str, key: str, **query: str) -> AppTest:
        page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS)
        page.session_state[keys.OWNER_PROPOSED] = key
        if name != "home":
            page.switch_page(f"pages/{name}.py")
        for parameter, value in query.items():
            page.query_params[parameter] = value
        page.run()
        assert not page.exception, page.exception[0].message
        return page

    return open_it


def betrayed(page: AppTest) -> list[bytes]:
    sent = all_that_is_sent(page)
    assert len(sent) > 500
    return [secret for secret in SECRETS if secret in sent]


def warnings(page: AppTest) -> str:
    return "\n".join(each.value for each in (*page.warning, *page.info))


def test_the_owner_finds_what_is_theirs(come: Come, run_id: str) -> None:
    page = come("explore", FIRST, data=TRAINED)
    assert page.selectbox(key="data").options == ["secretpets", "secretfaces"]
    assert page.selectbox(key="data").value == TRAINED
    assert b"secretfile" in all_that_is_sent(page)
    assert any(f"data={TRAINED}&pictures=" in code.value for code in page.code)
    page = come("evaluate", FIRST, run=run_id)
    assert page.code[0].value.endswith(f"?run={run_id}")
    page.button_group(key="shared").set_value("With pictures").run()
    key = run_key(info_of(services.settings().data_dir), run_id)
    assert any(code.value.endswith(f"?run={run_id}&pictures={key}") for code in page.code)


def test_a_stranger_finds_nothing(come: Come, run_id: str) -> None:
    page = come("home", SECOND)
    for name in PAGES[1:]:
        assert betrayed(page) == [], name
        page.switch_page(f"pages/{name}.py").run()
        assert page_text(page) == []
    assert betrayed(page) == []


@pytest.mark.parametrize("name", ["explore", "preprocess", "train"])
def test_a_forged_address_opens_nothing(come: Come, data_dir: Path, name: str) -> None:
    job = services.registry().submit_data_job(
        ProfileConfig(dataset=LOOKED_AT, fingerprint="0" * 32), submit_key="k", owner=FIRST
    )
    other = run_key(info_of(data_dir, LOOKED_AT), "a" * 16)
    for query in ({}, {"pictures": FORGED}, {"pictures": other}, {"pictures": "é,"}):
        page = come(name, SECOND, data=LOOKED_AT, job=job.id, open="1", **query)
        text = warnings(page)
        assert ("does not open any data set" if query else "There is no data set") in text
        seen = [secret for secret in betrayed(page) if query or secret != b"secretfaces"]
        assert seen == []  # the name that they asked for themselves is said back to them


def test_a_link_of_figures_shows_no_picture(come: Come, run_id: str) -> None:
    for part in ("Confusion", "Pictures"):
        page = come("evaluate", SECOND, run=run_id, part=part, shown="3")
        assert page.metric[0].label == "Right on 6 test pictures"
        assert "has shared its figures only" in warnings(page)
        assert b"secretfile" not in all_that_is_sent(page)
        assert not page.get("image")
        buttons = {each.proto.label for each in page.get("download_button")}
        assert "Everything (.zip)" not in buttons
    page = come("predict", SECOND, run=run_id, closer="Nearest training pictures")
    assert "Test set" not in page.button_group(key="predict_from").options
    assert "has shared its figures only" in warnings(page)
    assert b"secretfile" not in all_that_is_sent(page)


def test_a_link_with_pictures_shows_those_of_the_run_on_every_page(
    come: Come, run_id: str, data_dir: Path
) -> None:
    key = run_key(info_of(data_dir), run_id)
    page = come("evaluate", SECOND, run=run_id, part="Pictures", **{keys.LINK_KEY: key})
    assert "figures only" not in warnings(page)
    assert "1 to" in captions(page)
    page.switch_page("pages/predict.py").run()
    assert page_text(page) == []
    assert page.query_params["pictures"] == key
    assert "Test set" in page.button_group(key="predict_from").options
    page.switch_page("pages/explore.py").run()  # it is no link to the data set
    assert betrayed(page) == []


@pytest.mark.parametrize("how", ["forged", "renewed", "of another run"])
def test_a_key_that_does_not_fit_is_refused(
    come: Come, run_id: str, data_dir: Path, how: str
) -> None:
    key = run_key(info_of(data_dir), run_id if how == "renewed" else "a" * 16)
    if how == "renewed":
        page = come("evaluate", FIRST, run=run_id)
        page.button_group(key="shared").set_value("With pictures").run()
        page.button(key="renew_links").click().run()
        assert [toast.value for toast in page.toast] != []
    given = FORGED if how == "forged" else key
    page = come("evaluate", SECOND, run=run_id, part="Pictures", **{keys.LINK_KEY: given})
    assert "This link does not open any pictures of this network" in warnings(page)
    assert b"secretfile" not in all_that_is_sent(page)


def test_a_link_to_a_data_set_shows_it_on_every_page(come: Come, data_dir: Path) -> None:
    key = dataset_key(info_of(data_dir, LOOKED_AT))
    page = come("explore", SECOND, data=LOOKED_AT, **{keys.LINK_KEY: key})
    for name in ("explore", "preprocess", "train"):
        page.switch_page(f"pages/{name}.py").run()
        assert page_text(page) == []
        assert page.selectbox(key="data").options == ["secretfaces"]
        assert page.query_params["data"] == LOOKED_AT
        assert page.query_params["pictures"] == key
    assert b"secretpets" not in all_that_is_sent(page)


def test_a_value_that_no_picker_offers_chooses_nothing(come: Come) -> None:
    page = come("explore", SECOND)
    page.session_state[keys.DATASET] = LOOKED_AT
    page.session_state[keys.LAST_DATASET] = LOOKED_AT
    page.run()
    assert betrayed(page) in ([], [b"secretfaces"])
    assert b"lennaface" not in all_that_is_sent(page)


def test_locally_everybody_sees_all(
    come: Come, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "local")
    services.settings.cache_clear()
    st.cache_data.clear()
    page = come("explore", SECOND)
    assert page.selectbox(key="data").options == ["secretpets", "secretfaces"]
    page = come("evaluate", SECOND, run=run_id, part="Pictures")
    assert "figures only" not in warnings(page)
    assert len(page.code) == 0  # and no link to hand out


def test_pages_know_no_other_catalog() -> None:
    """All data sets are there for whoever asks `services`: only a checked one is opened by it."""
    paths = [*(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    users = [path.name for path in paths if "services.catalog" in path.read_text(encoding="utf-8")]
    assert users == ["pickers.py"]
