"""The form of the Train page: presets, links, clones, what it costs and what it warns of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.imaging.preprocessing import PreprocessConfig
from ann_core.runs.run import RunConfig
from ann_core.training.network_config import PRESETS, NetworkConfig
from tests.app.conftest import SECONDS, OpenPage
from tests.helpers.app_text import captions, page_text, preset_of, send_old_state, state_of
from tests.helpers.runs import make_dataset
from tests.helpers.small_run import run_config
from ui.base import keys, services

ODD = NetworkConfig(
    hidden_units=(300, 7, 1, 33, 64, 64, 64, 12, 5),
    activation="gelu",
    dropout_rate=0.37,
    batch_normalization=True,
    l2=0.00012345678,
    optimizer="rmsprop",
    learning_rate=0.0007,
    schedule="cosine",
    batch_size=37,
    epochs=701,
    seed=2**31 - 1,
    early_stopping_patience=111,
    keep="last",
)
ODD_IMAGES = PreprocessConfig(image_size=(49, 100), mode="rgb", resize="pad", resample="box")


def started(page: AppTest) -> RunConfig:
    """Start a training and return its settings."""
    page.button(key="start").click().run()
    assert page_text(page) == []
    return services.registry().recent()[0].config


def train_page_with_a_run() -> None:
    """The Train page under a button that fills its form, as the panel of a run has one."""
    import runpy

    import streamlit as st

    from ui.train.forms import fill_form

    st.button(
        "Use these settings again", key="again", on_click=fill_form, args=(st.session_state.config,)
    )
    runpy.run_path("pages/train.py")


def cloned(config: RunConfig) -> AppTest:
    """The Train page after a click on that button."""
    page = AppTest.from_function(train_page_with_a_run, default_timeout=SECONDS)
    page.session_state["config"] = config
    page.run()
    return page.button(key="again").click().run()


def odd_config(info: DatasetInfo) -> RunConfig:
    return RunConfig(
        dataset=info.name, fingerprint=info.fingerprint, preprocess=ODD_IMAGES, network=ODD
    )


def test_what_starts_is_what_the_form_says_at_the_click(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    """Also if the page was not drawn anew since a slider moved, as on a busy server."""
    page = open_page("train")
    page.select_slider(key="epochs").set_value(50)
    assert started(page).network.epochs == 50


def test_a_name_that_cannot_be_given_is_not_dropped_in_silence(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    page.text_input(key="run_name").set_value("The first").run()
    page.button(key="start").click().run()
    assert [toast.value for toast in page.toast] == []
    page.text_input(key="run_name").set_value("The second").run()
    page.button(key="start").click().run()
    [sentence] = [toast.value for toast in page.toast]
    assert sentence.startswith("A network with these settings is being trained already")
    assert [run.name for run in services.registry().recent()] == ["The first"]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_what_it_says(open_page: OpenPage, cartoons: DatasetInfo, preset: str) -> None:
    page = open_page("train")
    assert preset_of(page).value == "small"
    preset_of(page).set_value(preset).run()
    assert preset_of(page).value == preset
    assert started(page).network == PRESETS[preset]


def test_a_preset_is_left_and_found_again_by_its_values(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    page.selectbox(key="activation").set_value("tanh").run()
    assert preset_of(page).value is None
    page.selectbox(key="activation").set_value("relu").run()
    assert preset_of(page).value == "small"


def test_two_quick_moves_are_not_taken_for_the_preset_that_a_browser_still_shows(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    before = state_of(preset_of(page))
    page.selectbox(key="activation").set_value("tanh").run()
    page.selectbox(key="optimizer").set_value("sgd")
    send_old_state(page, before)
    assert preset_of(page).value is None
    assert page.selectbox(key="activation").value == "tanh"
    assert page.selectbox(key="optimizer").value == "sgd"


def test_a_preset_counts_also_where_a_slider_has_just_moved(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    clicked = state_of(preset_of(page).set_value("linear"))
    preset_of(page).set_value("small")
    page.selectbox(key="activation").set_value("tanh").run()
    send_old_state(page, clicked)
    assert preset_of(page).value == "linear"
    shown = preset_of(page).key
    preset_of(page).set_value("small").run()
    assert preset_of(page).key == shown, "a choice keeps the keyboard where it is"
    assert started(page).network == PRESETS["small"]


def test_a_run_is_cloned_to_the_last_digit(cartoons: DatasetInfo) -> None:
    page = cloned(odd_config(cartoons))
    assert page_text(page) == []
    assert preset_of(page).value is None
    assert started(page) == odd_config(cartoons)
    page.session_state["config"] = run_config(cartoons)
    page.run()
    page.button(key="again").click().run()
    assert started(page) == run_config(cartoons)


def test_a_clone_of_images_that_are_gone_says_so(cartoons: DatasetInfo) -> None:
    gone = {"dataset": "gone", "fingerprint": "0" * 32}
    page = cloned(odd_config(cartoons).model_copy(update=gone))
    assert page.warning[0].value.startswith("The data set 'gone' is not here any more.")
    assert started(page) == odd_config(cartoons)


def test_a_link_fills_the_form_with_values_that_no_slider_has(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    link: dict[str, Any] = {
        field: str(value) for field, value in ODD.model_dump().items() if field != "hidden_units"
    }
    link |= {"batch_normalization": "true", "l2": repr(ODD.l2)}
    link |= {f"width_{n}": str(units) for n, units in enumerate(ODD.hidden_units, start=1)}
    link |= {"n_layers": "9", "size": "49", "across": "100", "oblong": "true", "mode": "Colour"}
    page = open_page("train", **link, resize="Pad", resample="box")
    assert started(page) == odd_config(cartoons)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("epochs", "99999"),
        ("epochs", "0"),
        ("epochs", "ten"),
        ("epochs", "1e1000"),
        ("l2", "abc"),
        ("l2", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "-0.001"),
        ("batch_size", "3.5"),
        ("n_layers", "17"),
        ("n_layers", "-1"),
        ("width_1", "99999999999999999999"),
        ("width_17", "64"),
        ("dropout_rate", ""),
        ("activation", "step"),
        ("optimizer", "<script>"),
        ("schedule", "\0"),
        ("batch_normalization", "maybe"),
        ("seed", "-1"),
        ("preset", "huge"),
        ("across", "1"),
        ("oblong", "2"),
        ("resample", "best"),
    ],
)
def test_what_a_link_may_not_ask_for_is_left_out(
    open_page: OpenPage, cartoons: DatasetInfo, parameter: str, value: str
) -> None:
    page = open_page("train", **{parameter: value})
    assert page_text(page) == []
    config = started(page)
    assert config.network == PRESETS["small"]
    assert config.preprocess == PreprocessConfig()


def test_a_press_is_over_where_its_button_is_gone(open_page: OpenPage, data_dir: Path) -> None:
    page = open_page("train")
    assert any("There are no pictures yet" in each.value for each in page.info)
    page.session_state[keys.PRESSED] = "start"
    page.run()
    make_dataset(data_dir, n_images=60)
    page.run()
    assert not page.button(key="start").disabled
    assert services.registry().recent() == []


def test_settings_survive_a_visit_to_another_page(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train", epochs="701", n_layers="3", width_3="33", size="49", l2="0.5")
    before = started(page)
    for other in ("home", "preprocess", "explore"):
        page.switch_page(f"pages/{other}.py").run()
    page.switch_page("pages/train.py").run()
    page.select_slider(key="width_1").set_value(256).run()
    widths = {"hidden_units": (256, 32, 33)}
    assert started(page).network == before.network.model_copy(update=widths)


def test_the_drawing_and_the_bill_follow_the_sliders(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    [drawing] = page.get("vega_lite_chart")
    assert "hidden 1 of 128 neurons with 1,179,776 parameters (99.6%)" in drawing.proto.alt
    assert "The first layer alone holds 99.6% of all parameters" in captions(page)
    assert [metric.label for metric in page.metric] == ["Parameters to learn"]
    assert re.search(r"[\d,]+ MB of memory, [\d,]+ MB of disk space\. ", captions(page))
    assert "How long it takes is known once a network was trained" in captions(page)
    page.slider(key="n_layers").set_value(0).run()
    assert page.get("vega_lite_chart")[0].proto.alt == (
        "The network, from 9,216 values down: output of 2 neurons with 18,434 parameters (100.0%)."
    )


def test_earlier_runs_tell_how_long_an_epoch_takes(open_page: OpenPage, small_run: str) -> None:
    page = open_page("train")
    assert "judged by one earlier training on this computer with " in captions(page)
    words = captions(page)
    assert re.search(
        r"disk space\. About [\d.]+ [\w ]+ an epoch\. It will take a(bout| few) ", words
    )
    assert re.search(r" in all \([\d.]+ s to [\w. ]+\), of which a(bout| few) ", words)
    assert "to start and to test the network" in words


def test_nonsense_is_warned_of_and_can_still_be_started(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train", epochs="5", early_stopping_patience="10")
    [notes] = [note.value for note in page.info if "never stops early" in note.value]
    assert notes.startswith("- A training of 5 epochs")
    assert not page.button(key="start").disabled
    page.select_slider(key="epochs").set_value(20).run()
    assert not any("never stops early" in note.value for note in page.info)


def test_what_breaks_a_limit_cannot_start(
    open_page: OpenPage, cartoons: DatasetInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_EPOCHS", "50")
    services.settings.cache_clear()
    page = open_page("train", epochs="51")
    [refusal] = page.warning
    assert refusal.value.startswith("This server allows 50 epochs, and this network has 51")
    assert page.button(key="start").disabled
    page.select_slider(key="epochs").set_value(50).run()
    assert not page.warning
    assert started(page).network.epochs == 50


def test_a_name_is_for_one_run(open_page: OpenPage, cartoons: DatasetInfo) -> None:
    page = open_page("train")
    page.text_input(key="run_name").set_value("wide  *and* flat").run()
    started(page)
    assert services.registry().recent()[0].name == "wide  *and* flat"
    assert page.text_input(key="run_name").value == ""


def test_a_schedule_says_how_the_learning_rate_falls(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("train", schedule="exponential", epochs="3")
    assert "Learning rate: 0.001 in epoch 1, 0.0001 in epoch 2, 1e-05 in epoch 3." in captions(page)
