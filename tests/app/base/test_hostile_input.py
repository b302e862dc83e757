"""What hands from outside may write: addresses, values of widgets, names. Never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.registry import Registry
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.small_run import CARTOONS, draw_cartoons, run_config
from ui.base import services

ADDRESSES = [
    ("preprocess", "size", "99999"),
    ("preprocess", "size", "-1"),
    ("preprocess", "size", "nan"),
    ("preprocess", "mode", "xyz"),
    ("preprocess", "resize", "<b>"),
    ("preprocess", "scaling", "<b>"),
    ("preprocess", "picture", "0"),
    ("preprocess", "picture", "x"),
    ("preprocess", "look", "../../x"),
    ("preprocess", "row", "-5"),
    ("preprocess", "first_layer", "1e9"),
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
    assert page_text(page) == []
    assert page.selectbox(key="data").value == CARTOONS
    if name == "preprocess":
        assert "96 × 96 = **9,216 values**" in captions(page)


@pytest.mark.parametrize(
    ("name", "parameter"), [("preprocess", "picture"), ("explore", "open"), ("train", "seed")]
)
def test_an_infinite_number_is_a_sentence(
    open_page: OpenPage, cartoons: DatasetInfo, name: str, parameter: str
) -> None:
    [sentence] = page_text(open_page(name, **{parameter: "1e400"}))
    assert sentence.startswith("A number in the address of this page is infinite.")


@pytest.mark.parametrize("name", ["train", "predict"])
@pytest.mark.parametrize(
    ("run_id", "words"),
    [
        ("../../x", "Expected an id"),
        ("/etc/passwd", "Expected an id"),
        ("' OR 1=1 --      ", "Expected an id"),
        ("AAAAAAAAAAAAAAAA", "Nothing here has the id 'AAAAAAAAAAAAAAAA'"),
    ],
)
def test_a_strange_run_is_a_sentence_and_the_others_remain(
    open_page: OpenPage, small_run: str, name: str, run_id: str, words: str
) -> None:
    page = open_page(name, run=run_id)
    [sentence] = page_text(page)
    assert sentence.startswith(words)
    assert len(page.selectbox(key="run_choice").options) == 1
    page.selectbox(key="run_choice").select_index(0).run()
    if name == "train":
        assert page_text(page) == []
        assert page.query_params["run"] == small_run


@pytest.mark.parametrize("value", [99, -1])
def test_a_slider_beyond_its_end_stays_within(
    open_page: OpenPage, cartoons: DatasetInfo, value: int
) -> None:
    page = open_page("train")
    slider = page.slider(key="n_layers")
    slider.set_value(value).run()
    assert page_text(page) == []
    assert slider.min <= page.slider(key="n_layers").value <= slider.max


@pytest.mark.parametrize(
    ("name", "key", "value", "words"),
    [
        ("train", "n_layers", 99999, "A setting is out of range"),
        ("preprocess", "mode", "xyz", "Preprocess settings: mode: input should be"),
        ("train", "last_run", "../../x", "Expected an id"),
    ],
)
def test_a_strange_value_in_the_session_is_a_sentence(
    open_page: OpenPage, cartoons: DatasetInfo, name: str, key: str, value: object, words: str
) -> None:
    page = open_page("home")
    page.session_state[key] = value
    page.switch_page(f"pages/{name}.py").run()
    [sentence] = page_text(page)
    assert sentence.startswith(words)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("data", "../../etc"),
        ("size", 99999),
        ("epochs", 0),
        ("activation", "step"),
        ("picture", 10**9),
        ("row", 10**9),
        ("look", "x"),
        ("pixels_from", "Nowhere"),
        ("class", "x"),
    ],
)
def test_a_choice_that_is_not_offered_falls_back(
    open_page: OpenPage, cartoons: DatasetInfo, key: str, value: object
) -> None:
    page = open_page("home")
    page.session_state[key] = value
    for name in ("preprocess", "explore", "train"):
        page.switch_page(f"pages/{name}.py").run()
        assert page_text(page) == []


def test_names_of_strangers_are_no_markdown(open_page: OpenPage, data_dir: Path) -> None:
    info = draw_cartoons(data_dir)
    registry = Registry(services.settings().registry_url)
    name = "![](http://evil.example/x.png)"
    registry.submit(run_config(info), submit_key="1", name=name)
    registry.attempts.fail(
        registry.attempts.claim(1)[0], 1, "bug", why=f"It failed because of {name}."
    )  # type: ignore[index]
    registry.close()
    page = open_page("train", run=services.registry().recent()[0].id)
    assert page.error[0].value == (
        "It failed because of !\\[\\](http\u2060\\://evil.example/x.png)."
    )
