"""Every page in every state that an installation can be in, and what its controls do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.imaging.images import open_image
from ann_core.imaging.stages import stages
from ann_core.runs.folder import RunFolder
from ann_core.runs.housekeeping import delete_run
from ann_core.runs.job_results import ImportResult
from ann_core.runs.job_types import AnyJob, ImportJob, queue_of
from ann_core.runs.owners import OPERATOR
from ann_core.training.network_config import PRESETS
from ann_core.training.network_size import parameter_count
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, explains_its_words, page_text, preset_of
from tests.helpers.image_files import PETS, from_folder, images
from tests.helpers.small_run import CARTOONS, N_FEATURES, NETWORK, draw_cartoons, run_config
from ui.base import services

PAGES = (
    "home",
    "explore",
    "preprocess",
    "train",
    "evaluate",
    "compare",
    "predict",
    "lesson_steps",
    "experiment",
)
TITLES = {
    "home": "To a flat network, a moved cat is a new picture",
    "evaluate": "Results",
    "lesson_steps": "Lesson",
    "experiment": "Experiments",
}


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_installation_shows_every_page_and_a_way_on(
    open_page: OpenPage, name: str
) -> None:
    page = open_page(name)
    assert page_text(page) == []
    assert page.title[0].value == TITLES.get(name, name.capitalize())
    ways_on = [link.value for link in page.page_link] + [button.label for button in page.button]
    assert ways_on, "nothing to click"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_images(open_page: OpenPage, cartoons: DatasetInfo, name: str) -> None:
    page = open_page(name)
    assert page_text(page) == []
    if name in {"explore", "preprocess", "train"}:
        assert page.selectbox(key="data").value == CARTOONS


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_a_finished_run(open_page: OpenPage, small_run: str, name: str) -> None:
    page = open_page(name, run=small_run)
    assert page_text(page) == []
    texts = [element.value for kind in (page.markdown, page.header) for element in kind]
    assert sum("What to notice" in text for text in texts) <= 1
    explains_its_words(page, "Home" if name == "home" else page.title[0].value)
    if name in {"train", "predict"}:
        assert page.selectbox(key="run_choice").value == small_run


def test_a_finished_run_shows_its_result_and_leads_to_predict(
    open_page: OpenPage, small_run: str
) -> None:
    page = open_page("train", run=small_run, after_training="Curves")
    assert {"Parameters to learn", "Validation accuracy"} <= {
        metric.label for metric in page.metric
    }
    assert page.progress[0].text == "done: epoch 3 of 3"
    assert any("Try it on a picture" in link.value for link in page.page_link)
    assert {"loss", "accuracy"} <= {
        chart.proto.alt.split(".")[0] for chart in page.get("vega_lite_chart")
    }


def test_predict_tells_the_fingerprints_that_the_worker_wrote_down(
    open_page: OpenPage, small_run: str, data_dir: Path
) -> None:
    written = json.loads(RunFolder.of(data_dir / "runs", small_run).fingerprints.read_text())
    page = open_page("predict", run=small_run)
    shown = set()
    for number in range(1, 7):  # all test images, in an order of the page's own
        page.number_input(key="test_number").set_value(number).run()
        shown |= set(re.findall("`([0-9a-f]{16})`", captions(page)))

    assert len(written) == 5
    assert len(shown) == 6
    assert set(written.values()) < shown


def test_predict_shows_what_its_network_was_given(open_page: OpenPage, small_run: str) -> None:
    page = open_page("predict", run=small_run)
    dataset = services.catalog().load(CARTOONS)
    row = int(np.random.default_rng(0).permutation(dataset.indices("test"))[0])
    config = run_config(dataset.info).preprocess
    original, *later = stages(open_image(dataset.path(row)).image, config)
    for step in later:
        assert f"**{step.n_values:,} values**" in captions(page)
    first, second = later[-1].values[:2]
    assert f"{first:.3g}, {second:.3g}, " in captions(page)
    fewer = original.n_values / N_FEATURES
    assert any(f"**→ Resized**, {fewer:.0f} times fewer" in text.value for text in page.markdown)


def test_train_shows_parameters_as_the_sliders_say(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    assert page.metric[0].value == f"{parameter_count(PRESETS['small'], 9216, 2):,}"
    page.slider(key="n_layers").set_value(1).run()
    page.select_slider(key="width_1").set_value(8).run()
    page.select_slider(key="size").set_value(16).run()
    assert page.metric[0].value == f"{parameter_count(NETWORK, N_FEATURES, 2):,}"
    assert preset_of(page).value is None


def test_a_preset_moves_the_sliders(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("train")
    preset_of(page).set_value("article").run()
    assert page.slider(key="n_layers").value == 4
    assert [page.select_slider(key=f"width_{n}").value for n in (1, 2, 3, 4)] == [
        2048,
        1024,
        1024,
        128,
    ]
    assert page.select_slider(key="epochs").value == 100


def test_start_files_one_run_however_often_it_is_clicked(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    page.button(key="start").click().run()
    page.button(key="start").click().run()
    runs = services.registry().recent()
    assert [run.status for run in runs] == ["queued"]
    assert page.query_params["run"] == runs[0].id
    page.select_slider(key="epochs").set_value(7).run()
    page.button(key="start").click().run()
    assert [run.config.network.epochs for run in services.registry().recent()] == [7, 10]


def test_the_same_settings_start_again_once_the_first_run_has_ended(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    page.button(key="start").click().run()
    page.button(key="start").click().run()
    assert page_text(page) == []
    newest, first = services.registry().recent()
    assert (newest.status, first.status) == ("queued", "stopped")
    assert newest.config == first.config
    assert page.query_params["run"] == newest.id
    page.button(key="stop").click().run()
    delete_run(services.registry(), services.settings(), newest.id, by=OPERATOR)
    page.button(key="start").click().run()
    assert page_text(page) == []
    assert [run.status for run in services.registry().recent()] == ["queued", "stopped"]


def test_stop_ends_a_run_that_waits(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("train")
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    assert services.registry().recent()[0].status == "stopped"
    assert "stopped before it had learned anything" in captions(page)
    assert page_text(page) == []


def test_the_first_network_is_filed_once(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("home")
    page.button(key="first_network").click().run()
    assert page.title[0].value == "Train"
    first = page.query_params["run"]
    page.switch_page("pages/home.py").run()
    page.button(key="first_network").click().run()
    assert page.query_params["run"] == first
    assert [run.id for run in services.registry().recent()] == [first]


def test_the_first_network_on_an_empty_installation(open_page: OpenPage, data_dir: Path) -> None:
    page = open_page("home")
    page.button(key="first_network").click().run()
    page.button(key="first_network").click().run()  # as people do
    [job] = services.registry().data_jobs()
    assert isinstance(job, ImportJob)
    assert (job.config.what, job.config.then) == (CARTOONS, PRESETS["small"])
    assert page.progress[0].text == "Importing cartoons: starting soon"
    run_id = work_it_off(job, data_dir)
    page.run()
    assert page_text(page) == []
    assert page.title[0].value == "Train"
    assert page.query_params["run"] == run_id


def test_the_first_network_is_not_trained_on_what_was_only_called_cartoons(
    open_page: OpenPage, data_dir: Path, tmp_path: Path
) -> None:
    from_folder(images(PETS), services.catalog(), tmp_path, name=CARTOONS)
    page = open_page("home")
    page.button(key="first_network").click().run()
    assert services.registry().recent() == []
    [job] = services.registry().data_jobs()
    assert isinstance(job, ImportJob)
    assert (job.config.name, job.config.source) == ("cartoons-built-in", "builtin")


def work_it_off(job: AnyJob, data_dir: Path) -> str:
    """Do what a worker does, with fewer cartoons; return the id of the run it files."""
    registry = services.registry()
    assert registry.attempts.claim(1, queue_of(job.kind)) == (job.id, 1)
    assert registry.attempts.start(job.id, 1, pid=1) is not None
    info = draw_cartoons(data_dir)
    run = registry.follow(job, run_config(info), submit_key="then")
    result = ImportResult(dataset=info.name, n_images=info.n_images, n_skipped=0, run=run.id)
    assert registry.attempts.finish(job.id, 1, "done", result=result)
    return run.id
