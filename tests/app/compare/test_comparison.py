"""The Compare page: a table of runs, seeds as one row, baselines, chance, names and notes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.evaluation.baseline_fitting import make_baselines
from ann_core.evaluation.comparison import settings_of
from ann_core.evaluation.run_table import SHARES, baseline_id
from ann_core.evaluation.stored_predictions import load_predictions
from ann_core.runs.folder import RunFolder
from ann_core.runs.owners import new_owner_key
from ann_core.runs.run import Run
from tests.app.conftest import ENTRY_POINT, SECONDS, OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.second_run import N_CHANGED, add_second
from tests.helpers.small_run import CARTOONS
from ui.base import keys, services

KEY = new_owner_key()


def a_second(run_id: str, *, seed: int = 7) -> Run:
    """A run of the visitor, beside the one from the command line."""
    return add_second(services.registry(), services.settings(), run_id, seed=seed, owner=KEY)


def visit(*ids: str, key: str = KEY, **query: str) -> AppTest:
    """Open the page in the browser that has this key, with these rows chosen."""
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS)
    page = page.switch_page("pages/compare.py")
    page.session_state[keys.OWNER_PROPOSED] = key
    if ids:
        page.query_params["runs"] = ",".join(ids)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def table(page: AppTest) -> pd.DataFrame:
    """What the table shows, with shares of 1 instead of percent."""
    shown = page.dataframe[0].value
    return shown.assign(**{name: shown[name] / 100 for name in SHARES if name in shown})


def shown_numbers(page: AppTest) -> list[int]:
    """Numbers of the images on the sheet; none where there is no sheet."""
    sheets = [json.loads(component.proto.json) for component in page.get("bidi_component")]
    return [number for sheet in sheets for number, _ in sheet["pictures"]]


def words(page: AppTest) -> str:
    return "\n".join(text.value for text in page.markdown)


def test_without_runs_there_is_a_way_on(open_page: OpenPage, data_dir: Path) -> None:
    page = open_page("compare")
    assert page_text(page) == []
    assert any("Train one" in link.value for link in page.page_link)


def test_the_table_holds_what_the_runs_reached(small_run: str) -> None:
    second = a_second(small_run)
    page = visit(small_run, second.id)
    assert page_text(page) == []
    run = services.registry().get(small_run)
    assert table(page)["test"].isna().all(), "choosing comes first"
    page.toggle(key=keys.TABLE_TESTS).set_value(True).run()
    shown = table(page)
    assert list(shown["name"]) == ["another", "cartoons, 8"], "of equals, own ones first"
    assert shown["test"].iloc[1] == pytest.approx(run.learned.test.accuracy)
    assert shown["test"].iloc[0] == pytest.approx(second.learned.test.accuracy)
    predictions = load_predictions(
        RunFolder.of(services.settings().runs_dir, small_run).predictions, 2
    )
    for split in ("train", "validation"):
        assert shown[split].iloc[1] == pytest.approx(predictions.of(split).correct.mean())
    assert (shown["test lower end"] < shown["test"]).all()
    assert (shown["test"] < shown["test upper end"]).all()


def test_words_and_data_sets_narrow_the_table(small_run: str) -> None:
    a_second(small_run)
    page = visit(find="ANOTHER cartoons")
    assert list(table(page)["name"]) == ["another"]
    page.text_input(key="find").set_value("nothing like it").run()
    assert not page.dataframe
    assert any("No network matches these words" in info.value for info in page.info)
    page.text_input(key="find").set_value("").run()
    page.selectbox(key="of").set_value(CARTOONS).run()
    assert len(table(page)) == 2
    assert page_text(page) == []


def test_looks_at_test_results_are_counted_and_told(small_run: str) -> None:
    second = a_second(small_run)
    fingerprint = second.config.fingerprint
    looks = services.registry().looks
    page = visit(small_run, second.id)
    assert looks.count(fingerprint) == 0
    assert "the result of no network has been looked at" in captions(page)
    assert "Best on the validation pictures: **" in words(page)
    page = visit(second.id)
    page.toggle(key=keys.TABLE_TESTS).set_value(True).run()
    assert looks.count(fingerprint) == 1
    assert table(page)["test"].notna().sum() == 1
    assert "the result of one network has been looked at" in captions(page)
    page = visit(small_run, second.id, beside="Chance")
    assert looks.count(fingerprint) == 2
    assert "the results of 2 networks have been looked at" in captions(page)


def test_settings_have_columns_and_those_that_are_the_same_hide(small_run: str) -> None:
    a_second(small_run)
    page = visit()
    columns = set(table(page).columns)
    assert "seed" in columns
    assert columns.isdisjoint({"learning rate", "dropout", "optimizer"})
    page.toggle(key=keys.TABLE_HIDE_EQUAL).set_value(False).run()
    columns = set(table(page).columns)
    assert {"learning rate", "dropout", "optimizer", "activation", "L2", "schedule"} <= columns
    assert {"batch size", "batch normalisation", "hidden layers", "epochs", "seed"} <= columns
    assert page_text(page) == []


def test_columns_are_chosen_and_their_order_is_kept(small_run: str) -> None:
    page = visit()
    page.multiselect(key="columns").set_value(["test", "name"]).run()
    assert list(table(page).columns) == ["test", "name"]
    assert page_text(page) == []


def test_seeds_become_one_row(small_run: str) -> None:
    for seed in (7, 8):
        a_second(small_run, seed=seed)
    page = visit()
    alone = table(page)["validation"].astype(float)
    page.toggle(key="by_seed").set_value(True).run()
    shown = table(page)
    assert len(shown) == 1
    assert shown["seeds"].iloc[0] == 3
    assert shown["validation"].iloc[0] == pytest.approx(alone.mean())
    assert shown["validation spread"].iloc[0] == pytest.approx(alone.std())
    columns = list(shown.columns)
    assert columns[columns.index("validation") + 1 :][:2] == ["validation spread", "seeds"]


def test_the_address_brings_the_chosen_rows_and_a_mark_goes_into_it(small_run: str) -> None:
    second = a_second(small_run)
    page = visit(second.id, small_run)
    assert page_text(page) == []
    charts = [chart.proto.alt for chart in page.get("vega_lite_chart")]
    assert len(charts) == 2
    assert all("of 2 runs" in alt for alt in charts)
    page.button(key="choose_none").click().run()
    assert "runs" not in page.query_params
    assert not page.get("vega_lite_chart")


def test_an_address_that_lags_behind_does_not_bring_an_old_choice_back(small_run: str) -> None:
    second = a_second(small_run)
    page = visit(second.id)
    page.query_params["runs"] = f"{second.id},{small_run}"  # a link within the app
    page.run()
    assert len(page.get("vega_lite_chart")) == 2
    page.button(key="choose_none").click().run()
    page.query_params["runs"] = f"{second.id},{small_run}"  # what the browser still had
    page.run()
    assert not page.get("vega_lite_chart")
    assert "runs" not in page.query_params


@pytest.mark.parametrize("address", ["AAAAAAAAAAAAAAAA", "../../etc/passwd", "a,b"])
def test_an_address_of_no_run_is_a_sentence(small_run: str, address: str) -> None:
    page = visit(address)
    assert len(page_text(page)) == 1
    assert len(table(page)) == 1


def test_settings_that_differ_are_marked(small_run: str) -> None:
    page = visit(a_second(small_run).id, small_run, beside="Settings")
    n_settings = len(settings_of(services.registry().get(small_run).config))
    assert f"1 of {n_settings} settings differ: seed." in words(page)
    [settings] = page.table
    assert settings.value["setting"].iloc[0] == "**seed**"
    assert list(settings.value.iloc[0])[1:] == ["**differs**", "**7**", "**0**"]
    assert set(settings.value.iloc[1:, 1]) == {"same"}


def test_luck_is_told_and_its_images_are_shown(small_run: str) -> None:
    second = a_second(small_run)
    page = visit(small_run, second.id, beside="Chance")
    assert page_text(page) == []
    assert "**This difference is small enough to be chance.**" in words(page)
    assert "a difference this large would happen by chance" in words(page)
    runs_dir = services.settings().runs_dir
    tested = [
        load_predictions(RunFolder.of(runs_dir, run_id).predictions, 2).of("test")
        for run_id in (small_run, second.id)
    ]
    n_shown = 0
    for side, own, other in (("first", *tested), ("second", *tested[::-1])):
        page.get_by_key("side").set_value(side).run()
        expected = np.sort(own.rows[own.correct & ~other.correct]) + 1
        assert f"Only the {side} is right ({len(expected)})" in page.get_by_key("side").options
        assert shown_numbers(page) == expected.tolist()
        n_shown += len(expected)
    assert n_shown == N_CHANGED


def test_one_row_has_nothing_to_be_compared_with(small_run: str) -> None:
    for part in ("Chance", "Settings and result"):
        page = visit(small_run, beside=part)
        assert page_text(page) == []
        assert "two" in captions(page)


def test_older_runs_say_that_they_have_no_answers(small_run: str) -> None:
    second = a_second(small_run)
    RunFolder.of(services.settings().runs_dir, second.id).predictions.unlink()
    page = visit(small_run, second.id, beside="Chance")
    [sentence] = page_text(page)
    assert "answers.npz" in sentence


def test_baselines_stand_in_the_table_and_can_be_compared(small_run: str) -> None:
    settings, run = services.settings(), services.registry().get(small_run)
    page = visit()
    assert page.button(key="baselines_start").label == "Train the baselines"
    made = make_baselines(
        Catalog(settings.datasets_dir).load(CARTOONS), run.config.preprocess, settings
    )
    rows = [baseline_id(run.config, baseline.key) for baseline in made.baselines]
    page = visit(small_run, rows[0], beside="Chance")
    assert page_text(page) == []
    page = visit(small_run, *rows)
    page.toggle(key=keys.TABLE_TESTS).set_value(True).run()
    shown = table(page)
    assert sorted(shown["kind"]) == [*["baseline"] * 5, "network"]
    reached = dict(zip(shown["name"], shown["test"], strict=True))
    for baseline in made.baselines:
        assert reached[baseline.title] == pytest.approx(baseline.test)
    page = visit(small_run, rows[0], beside="Chance")
    assert "**Always the most frequent class**" in words(page)
    assert not [button for button in page.button if button.key == "baselines_start"]


def test_baselines_are_filed_once(small_run: str) -> None:
    page = visit()
    page.button(key="baselines_start").click().run()
    assert page_text(page) == []
    [job] = services.registry().data_jobs()
    assert job.kind == "baselines"
    page.button(key="baselines_start").click().run()
    assert [each.id for each in services.registry().data_jobs()] == [job.id]


def test_seeds_are_filed_once_and_only_new_ones(small_run: str) -> None:
    second = a_second(small_run, seed=1)
    page = visit(second.id, beside="Seeds")
    assert "Seeds that have finished: 0, 1. 2 seeds are right on" in words(page)
    page.number_input(key="repeat_n").set_value(4).run()
    assert page.button(key="repeat_start").label == "Train 2 more"
    page.number_input(key="repeat_n").set_value(5)
    page.button(key="repeat_start").click().run()  # as many as the field says at the click
    assert page_text(page) == []
    filed = [run for run in services.registry().recent() if run.live]
    assert sorted(run.config.network.seed for run in filed) == [2, 3, 4]
    assert {run.name for run in filed} == {"another"}
    assert page.button(key="repeat_start").disabled


def test_seeds_keep_the_limits_of_a_host(small_run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANN_MAX_WAITING_RUNS", "1")
    services.settings.cache_clear()
    page = visit(small_run, beside="Seeds")
    page.button(key="repeat_start").click().run()
    [sentence] = page_text(page)
    assert sentence.startswith("1 of 4 will be trained.")
    assert len([run for run in services.registry().recent() if run.live]) == 1


def test_owners_name_runs_and_write_notes(small_run: str) -> None:
    run = a_second(small_run)
    page = visit(run.id, beside="Name and notes")
    page.text_input(key=f"name_{run.id}").set_value("with *stars*")
    page.text_area(key=f"notes_{run.id}").set_value("too long, I think")
    page.button(key=f"keep_{run.id}").click().run()
    assert page_text(page) == []
    kept = services.registry().get(run.id)
    assert (kept.name, kept.notes) == ("with *stars*", "too long, I think")
    assert "with *stars*" in list(table(page)["name"])
    stranger = visit(run.id, key=new_owner_key(), beside="Name and notes")
    assert "too long, I think" in words(stranger)
    assert not stranger.text_area
    assert not [button for button in stranger.button if button.key == "delete_chosen_for_good"]


def test_owners_delete_the_chosen_runs(small_run: str) -> None:
    run = a_second(small_run)
    page = visit(run.id, small_run, beside="Name and notes")
    page.button(key="delete_chosen_for_good").click().run()
    assert page_text(page) == []
    assert [each.id for each in services.registry().recent()] == [small_run]
    assert page.query_params["runs"] == small_run


def test_a_host_shows_own_runs_and_the_one_of_the_link(
    small_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    run = a_second(small_run)
    assert list(table(visit())["name"]) == ["another"]
    assert list(table(visit(small_run))["name"]) == ["another", "cartoons, 8"]
    assert list(table(visit(run.id, key=new_owner_key()))["name"]) == ["another"]


def test_a_network_that_was_looked_at_is_listed(
    small_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS).switch_page("pages/compare.py")
    page.session_state[keys.OWNER_PROPOSED] = new_owner_key()
    page.session_state[keys.LAST_RUN] = small_run
    page.run()
    assert page_text(page) == []
    assert list(table(page)["name"]) == ["cartoons, 8"]


def test_without_data_set_and_images_the_answers_are_listed(small_run: str) -> None:
    second = a_second(small_run)
    settings = services.settings()
    Catalog(settings.datasets_dir).delete(CARTOONS)
    shutil.rmtree(settings.features_dir)
    page = visit(small_run, second.id, beside="Chance")
    assert page_text(page) == []
    assert any("no longer here" in info.value for info in page.info)
    assert not [button for button in page.button if button.key == "baselines_start"]
    page = visit(small_run, beside="Seeds")
    page.button(key="repeat_start").click().run()
    [sentence] = page_text(page)
    assert "There is no data set 'cartoons'" in sentence
