"""What the owner of a run may do with it, and what others may."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.dataset_owners import Viewer
from ann_core.runs.example_runs import example_runs
from ann_core.runs.owners import new_owner_key, owner_digest
from tests.helpers.app_text import captions, page_text
from tests.helpers.run_states import KEY, STRANGER, begin, controls, registry, submit_run, watch
from tests.helpers.small_run import draw_cartoons
from ui.base import keys, services
from ui.runs import run_watcher


def test_others_may_watch_and_take_the_settings(cartoons: DatasetInfo) -> None:
    run = begin(submit_run(cartoons), n_epochs=1)
    page = watch(run, STRANGER)
    assert controls(page) == {"use_again": True}
    assert "Started in another browser; you can watch it." in captions(page)
    registry().attempts.fail(run.id, 1, "bug", why="It went wrong.")
    assert controls(watch(run, STRANGER)) == {"use_again": True}
    assert controls(watch(run)) == {"resume": True, "use_again": True, "delete_for_good": True}


def test_a_run_of_the_command_line(cartoons: DatasetInfo) -> None:
    run = submit_run(cartoons, owner=KEY)
    with registry().store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET owner = ''"))
    assert "Started from the command line; you can watch it." in captions(watch(run))


@pytest.mark.parametrize("button", ["pause", "stop"])
def test_a_forged_call_is_refused_by_the_core(cartoons: DatasetInfo, button: str) -> None:
    run = begin(submit_run(cartoons), n_epochs=1)
    page = watch(run)
    page.session_state[keys.OWNER_PROPOSED] = STRANGER  # the button is there, the key is not
    page.button(key=button).click().run()
    [sentence] = page_text(page)
    assert "Only the browser that started this training" in sentence
    assert registry().get(run.id).requested == "run"


def test_what_a_button_could_not_do_stays_said(cartoons: DatasetInfo) -> None:
    page = watch(begin(submit_run(cartoons), n_epochs=1))
    page.session_state[keys.OWNER_PROPOSED] = STRANGER
    page.button(key="pause").click().run()
    [sentence] = page_text(page)
    page.run()  # for a component that answered, or a second gesture
    assert page_text(page) == [sentence]
    page.session_state[keys.OWNER_PROPOSED] = KEY
    page.run()
    page.button(key="pause").click().run()
    assert page_text(page) == []


def test_deleting_takes_a_second_click_and_everything(small_run: str, data_dir: Path) -> None:
    with registry().store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET owner = :o"), {"o": owner_digest(KEY)})
    page = watch(registry().get(small_run))
    page.button(key="delete_for_good").click().run()
    assert page_text(page) == []
    assert [toast.value for toast in page.toast] == ["The network is deleted."]
    assert registry().recent() == []
    assert not (data_dir / "runs" / small_run).exists()
    assert "run" not in page.query_params


def test_a_run_that_is_deleted_elsewhere_is_a_sentence(cartoons: DatasetInfo) -> None:
    run = submit_run(cartoons)
    page = watch(run)
    registry().commands.stop(run.id, by=KEY)
    registry().commands.delete(run.id, by=KEY)
    run_watcher.look_again(run.id)
    page.run()
    assert page_text(page) == [f"Nothing here has the id '{run.id}'. It may have been deleted."]


def test_settings_can_be_used_again(cartoons: DatasetInfo) -> None:
    run = submit_run(cartoons, owner=STRANGER)
    page = watch(run)
    assert page.session_state["size"] == 96
    page.button(key="use_again").click().run()
    assert page_text(page) == []
    assert page.session_state["size"] == run.config.preprocess.image_size[0] == 16


def test_own_runs_come_first(cartoons: DatasetInfo) -> None:
    mine = submit_run(cartoons)
    others = [submit_run(cartoons, STRANGER) for _ in range(2)]
    page = watch(mine)
    assert len(page.selectbox(key="run_choice").options) == 3
    ids = [run.id for run in registry().recent()]
    assert ids.index(mine.id) == 2, "the newest are of others"
    assert page.selectbox(key="run_choice").value == mine.id
    page.selectbox(key="run_choice").select_index(0).run()
    assert page.query_params["run"] == mine.id
    assert others[0].id in ids


def test_a_host_shows_own_runs_and_the_one_in_the_address(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    info = draw_cartoons(data_dir)
    submit_run(info)
    submit_run(info, STRANGER)
    shared = begin(registry().recent()[-1])
    page = watch(shared, STRANGER)
    assert len(page.selectbox(key="run_choice").options) == 2
    registry().attempts.fail(shared.id, 1, "bug", why="It went wrong.")
    assert not [box for box in watch(shared, STRANGER).expander if "Log" in box.label]
    assert [box for box in watch(shared).expander if "Log" in box.label]
    third = new_owner_key()
    assert len(watch(shared, third).selectbox(key="run_choice").options) == 1


def test_examples_are_there_for_everybody_and_a_host_lets_nobody_delete_them(
    data_dir: Path, small_run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry().store.engine.begin() as db:
        db.execute(sa.text("UPDATE runs SET owner = 'example'"))
    example = registry().get(small_run)
    assert "An example that comes with Flatland" in captions(watch(example))
    assert [each for each in watch(example).button if each.key == "delete_for_good"]

    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    page = watch(example, new_owner_key())
    assert page.selectbox(key="run_choice").value == small_run
    assert not [each for each in page.button if each.key == "delete_for_good"]
    Catalog(services.settings().datasets_dir).delete("cartoons")
    assert Viewer(new_owner_key(), hosted=True).may_see_images_of(example, services.settings())

    services.settings.cache_clear()
    monkeypatch.setenv("ANN_PROFILE", "local")
    watch(example).button(key="delete_for_good").click().run()
    assert example_runs(registry()) == []


def test_a_browser_that_answers_with_nothing_changes_nothing() -> None:
    def script() -> None:
        import streamlit as st

        from ui.base import keys, owners

        st.session_state[keys.OWNER_KEEPER] = {"key": None}  # nobody entered a key either
        owners._answered()

    assert page_text(AppTest.from_function(script).run()) == []
