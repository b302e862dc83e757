"""Every page in every state that an installation can be in: a page, never a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.network import PRESETS, parameter_count
from ann_core.runs.folder import RunFolder
from ann_core.runs.registry import Registry
from tests.app.conftest import OpenPage
from tests.app.small_run import CARTOONS, N_FEATURES, NETWORK, draw_cartoons, run_config
from ui import services

PAGES = ("home", "explore", "preprocess", "train", "predict")
TITLES = {"home": "What does a network see when a picture is flat?"}


def said(page: AppTest) -> list[str]:
    """The errors that a page shows in words; Streamlit's own box must not be there."""
    assert not page.exception, page.exception[0].message
    return [error.value.replace("\\", "") for error in page.error]


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_installation_shows_every_page_and_a_way_on(
    open_page: OpenPage, name: str
) -> None:
    page = open_page(name)
    assert said(page) == []
    assert page.title[0].value == TITLES.get(name, name.capitalize())
    ways_on = [link.value for link in page.page_link] + [button.label for button in page.button]
    assert ways_on, "nothing to click"


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_pictures(open_page: OpenPage, cartoons: DatasetInfo, name: str) -> None:
    page = open_page(name)
    assert said(page) == []
    if name in {"explore", "preprocess", "train"}:
        assert page.selectbox(key="data").value == CARTOONS


@pytest.mark.parametrize("name", PAGES)
def test_every_page_with_a_finished_run(open_page: OpenPage, small_run: str, name: str) -> None:
    page = open_page(name, run=small_run)
    assert said(page) == []
    if name in {"train", "predict"}:
        assert page.selectbox(key="run_choice").value == small_run


def test_a_finished_run_shows_its_result_and_leads_to_predict(
    open_page: OpenPage, small_run: str
) -> None:
    page = open_page("train", run=small_run)
    assert [metric.label for metric in page.metric] == [
        "Parameters to learn",
        "Memory for training",
        "Test accuracy",
    ]
    assert page.progress[0].text == "done: epoch 3 of 3"
    assert any("Ask it about a picture" in link.value for link in page.page_link)
    assert {chart.proto.alt.split(".")[0] for chart in page.get("vega_lite_chart")} == {
        "loss",
        "accuracy",
    }


def test_train_shows_parameters_as_the_sliders_say(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    assert page.metric[0].value == f"{parameter_count(PRESETS['small'], 9216, 2):,}"
    page.slider(key="n_layers").set_value(1).run()
    page.select_slider(key="width_1").set_value(8).run()
    page.slider(key="size").set_value(16).run()
    assert page.metric[0].value == f"{parameter_count(NETWORK, N_FEATURES, 2):,}"
    assert page.session_state["preset"] is None


def test_a_preset_moves_the_sliders(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("train")
    page.get_by_key("preset").set_value("article").run()
    assert page.slider(key="n_layers").value == 4
    assert [page.select_slider(key=f"width_{n}").value for n in (1, 2, 3, 4)] == [
        2048,
        1024,
        1024,
        128,
    ]
    assert page.slider(key="epochs").value == 100


def test_start_files_one_run_however_often_it_is_clicked(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    page.button(key="start").click().run()
    page.button(key="start").click().run()
    runs = services.registry().recent()
    assert [run.status for run in runs] == ["queued"]
    assert page.query_params["run"] == runs[0].id
    page.slider(key="epochs").set_value(7).run()
    page.button(key="start").click().run()
    assert [run.config.network.epochs for run in services.registry().recent()] == [7, 10]


def test_stop_ends_a_run_that_waits(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("train")
    page.button(key="start").click().run()
    page.button(key="stop").click().run()
    assert services.registry().recent()[0].status == "stopped"
    assert "stopped before it had learned anything" in captions(page)
    assert said(page) == []


def test_the_first_network_is_filed_once(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("home")
    page.button(key="first_network").click().run()
    assert page.title[0].value == "Train"
    first = page.query_params["run"]
    page.switch_page("pages/home.py").run()
    page.button(key="first_network").click().run()
    assert page.query_params["run"] == first
    assert [run.id for run in services.registry().recent()] == [first]


def test_a_set_that_appears_while_we_draw_ours_is_taken(
    open_page: OpenPage, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(kind: str, name: str) -> None:
        draw_cartoons(data_dir, name)
        services.catalog().check_new_name(name)

    monkeypatch.setattr("ui.actions.make_builtin", too_late)
    page = open_page("home")
    page.button(key="first_network").click().run()
    assert said(page) == []
    assert services.registry().recent()[0].config.dataset == CARTOONS


# What hands from outside may write: addresses, and messages with a widget's value.

ADDRESSES = [
    ("preprocess", "size", "99999"),
    ("preprocess", "size", "-1"),
    ("preprocess", "size", "nan"),
    ("preprocess", "mode", "xyz"),
    ("preprocess", "resize", "<b>"),
    ("preprocess", "data", "../../etc"),
    ("preprocess", "data", "\0"),
    ("explore", "data", "../../etc"),
    ("explore", "class", "nobody"),
    ("explore", "split", "../../x"),
    ("train", "data", "/etc/passwd"),
    ("train", "size", "1e9"),
]


@pytest.mark.parametrize(("name", "parameter", "value"), ADDRESSES)
def test_a_strange_address_shows_the_page_as_it_is_by_default(
    open_page: OpenPage, cartoons: DatasetInfo, name: str, parameter: str, value: str
) -> None:
    page = open_page(name, **{parameter: value})
    assert said(page) == []
    assert page.selectbox(key="data").value == CARTOONS
    if name == "preprocess":
        assert "96 × 96 = **9,216 values**" in captions(page)


@pytest.mark.parametrize("name", ["train", "predict"])
@pytest.mark.parametrize(
    ("run_id", "words"),
    [
        ("../../x", "Expected a run id"),
        ("/etc/passwd", "Expected a run id"),
        ("' OR 1=1 --      ", "Expected a run id"),
        ("AAAAAAAAAAAAAAAA", "There is no run 'AAAAAAAAAAAAAAAA'"),
    ],
)
def test_a_strange_run_is_a_sentence_and_the_others_remain(
    open_page: OpenPage, small_run: str, name: str, run_id: str, words: str
) -> None:
    page = open_page(name, run=run_id)
    [sentence] = said(page)
    assert sentence.startswith(words)
    assert len(page.selectbox(key="run_choice").options) == 1
    page.selectbox(key="run_choice").select_index(0).run()
    if name == "train":
        assert said(page) == []
        assert page.query_params["run"] == small_run


@pytest.mark.parametrize(
    ("key", "value"), [("size", 99999), ("size", -5), ("n_layers", 99), ("epochs", 0)]
)
def test_a_slider_beyond_its_end_stays_within(
    open_page: OpenPage, cartoons: DatasetInfo, key: str, value: int
) -> None:
    page = open_page("train")
    slider = page.slider(key=key)
    slider.set_value(value).run()
    assert said(page) == []
    assert slider.min <= page.slider(key=key).value <= slider.max


@pytest.mark.parametrize(
    ("name", "key", "value", "words"),
    [
        ("preprocess", "size", 99999, "A setting lies outside its bounds"),
        ("preprocess", "mode", "xyz", "Preprocess settings: mode: input should be"),
        ("train", "last_run", "../../x", "Expected a run id"),
    ],
)
def test_a_strange_value_in_the_session_is_a_sentence(
    open_page: OpenPage, cartoons: DatasetInfo, name: str, key: str, value: object, words: str
) -> None:
    page = open_page("home")
    page.session_state[key] = value
    page.switch_page(f"pages/{name}.py").run()
    [sentence] = said(page)
    assert sentence.startswith(words)


@pytest.mark.parametrize(
    ("key", "value"),
    [("data", "../../etc"), ("pixels_number", 10**9), ("pixels_from", "Nowhere"), ("class", "x")],
)
def test_a_choice_that_is_not_offered_falls_back(
    open_page: OpenPage, cartoons: DatasetInfo, key: str, value: object
) -> None:
    page = open_page("home")
    page.session_state[key] = value
    for name in ("preprocess", "explore", "train"):
        page.switch_page(f"pages/{name}.py").run()
        assert said(page) == []


# What may be gone or damaged under a page.

Damage = Callable[[RunFolder], None]


def _without_model(folder: RunFolder) -> None:
    folder.litert_model.unlink()


def _half_a_model(folder: RunFolder) -> None:
    folder.litert_model.write_bytes(folder.litert_model.read_bytes()[:500])


def _text_as_preprocessing(folder: RunFolder) -> None:
    folder.preprocessing.write_text("not JSON")


def _other_preprocessing(folder: RunFolder) -> None:
    folder.preprocessing.write_text('{"image_size": [8, 8]}')


def _three_classes(folder: RunFolder) -> None:
    folder.class_names.write_text('["cat", "dog", "cow"]')


def _nothing(folder: RunFolder) -> None:
    shutil.rmtree(folder.path)


@pytest.mark.parametrize(
    "damage",
    [
        _without_model,
        _half_a_model,
        _text_as_preprocessing,
        _other_preprocessing,
        _three_classes,
        _nothing,
    ],
)
def test_a_broken_run_is_a_sentence(
    open_page: OpenPage, data_dir: Path, small_run: str, damage: Damage
) -> None:
    damage(RunFolder.of(data_dir / "runs", small_run))
    [sentence] = said(open_page("predict", run=small_run))
    assert sentence.endswith(("Train it again.", "Choose a run that has finished."))
    assert said(open_page("train", run=small_run)) == []


def test_a_run_outlives_its_data_set(open_page: OpenPage, data_dir: Path, small_run: str) -> None:
    Catalog(data_dir / "datasets").delete(CARTOONS)
    page = open_page("predict", run=small_run)
    assert said(page) == ["There is no data set 'cartoons'. Known data sets: none yet."]
    page.get_by_key("predict_from").set_value("Upload").run()
    assert said(page) == []
    assert said(open_page("train", run=small_run)) == []


def test_a_data_set_that_is_deleted_under_an_open_page(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    pages = [open_page(name) for name in ("explore", "preprocess", "train")]
    Catalog(data_dir / "datasets").delete(CARTOONS)
    for page in pages:
        page.run()
        assert said(page) == []
        assert page.info[0].value.startswith("There are no pictures yet.")


def test_a_picture_file_that_is_gone(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    for picture in (data_dir / "datasets" / CARTOONS).rglob("*.jpg"):
        picture.unlink()
    assert said(open_page("explore")) == []
    [sentence] = said(open_page("preprocess"))
    assert sentence.startswith("This picture cannot be used")


def test_a_damaged_data_set_does_not_hide_the_others(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    broken = draw_cartoons(data_dir, "broken")
    (data_dir / "datasets" / broken.name / "pictures.csv").write_text("nothing")
    [sentence] = said(open_page("explore", data="broken"))
    assert "pictures.csv is damaged" in sentence
    assert said(open_page("explore", data=CARTOONS)) == []


@pytest.mark.parametrize("name", ["train", "predict"])
def test_a_registry_that_is_gone_is_a_sentence(
    open_page: OpenPage, data_dir: Path, small_run: str, name: str
) -> None:
    page = open_page(name, run=small_run)
    services.registry().close()
    for file in data_dir.glob("registry.db*"):
        file.unlink()
    page.run()
    assert said(page)[0].startswith("The run registry cannot be used: ")


def test_start_without_a_registry_is_a_sentence(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    services.registry().close()
    for file in data_dir.glob("registry.db*"):
        file.unlink()
    page.button(key="start").click().run()
    assert said(page)[0].startswith("The run registry cannot be used: ")


def test_settings_that_cannot_be_used_are_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_SLOTS", "many")
    monkeypatch.setattr(services, "_started", False)
    [sentence] = said(open_page("home"))
    assert sentence.startswith("Environment variables ANN_*: slots:")


def test_names_of_strangers_are_no_markdown(open_page: OpenPage, data_dir: Path) -> None:
    info = draw_cartoons(data_dir)
    registry = Registry(services.settings().registry_url)
    name = "![](http://evil.example/x.png)"
    registry.submit(run_config(info), submit_key="1", name=name)
    registry.fail(registry.claim(1)[0], 1, "bug", f"It failed because of {name}.")  # type: ignore[index]
    registry.close()
    page = open_page("train", run=services.registry().recent()[0].id)
    assert page.error[0].value == (r"It failed because of !\[\](http\://evil.example/x.png).")
