"""What may be gone or damaged under a page: a sentence, and the rest of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import DatasetInfo
from ann_core.runs.folder import RunFolder
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.small_run import CARTOONS, draw_cartoons
from ui.base import services

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
    [sentence] = page_text(open_page("predict", run=small_run))
    assert sentence.endswith(("Train it again.", "Choose one that has finished."))
    assert page_text(open_page("train", run=small_run)) == []


def test_a_run_outlives_its_data_set(open_page: OpenPage, data_dir: Path, small_run: str) -> None:
    Catalog(data_dir / "datasets").delete(CARTOONS)
    page = open_page("predict", run=small_run)
    assert page_text(page) == []
    assert "this is what the network saw of it" in captions(page)
    shutil.rmtree(data_dir / "features")
    [sentence] = page_text(page.run())
    assert sentence.endswith("there is no data set 'cartoons'. Upload a picture of your own.")
    page.get_by_key("predict_from").set_value("Upload").run()
    assert page_text(page) == []
    assert page_text(open_page("train", run=small_run)) == []


def test_a_data_set_that_is_deleted_under_an_open_page(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    pages = [open_page(name) for name in ("explore", "preprocess", "train")]
    Catalog(data_dir / "datasets").delete(CARTOONS)
    for page in pages:
        page.run()
        assert page_text(page) == []
        assert page.info[0].value.startswith("There are no pictures yet.")


def test_a_image_file_that_is_gone(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    for image in (data_dir / "datasets" / CARTOONS).rglob("*.jpg"):
        image.unlink()
    assert page_text(open_page("explore")) == []
    [sentence] = page_text(open_page("preprocess"))
    assert sentence.startswith("This picture cannot be used")


def test_a_damaged_data_set_does_not_hide_the_others(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    broken = draw_cartoons(data_dir, "broken")
    (data_dir / "datasets" / broken.name / "pictures.csv").write_text("nothing")
    [sentence] = page_text(open_page("explore", data="broken"))
    assert "pictures.csv is damaged" in sentence
    assert page_text(open_page("explore", data=CARTOONS)) == []


@pytest.mark.parametrize("name", ["train", "predict"])
def test_a_registry_that_is_gone_is_a_sentence(
    open_page: OpenPage, data_dir: Path, small_run: str, name: str
) -> None:
    page = open_page(name, run=small_run)
    services.registry().close()
    for file in data_dir.glob("registry.db*"):
        file.unlink()
    page.run()
    assert page_text(page)[0].startswith("The run registry cannot be used: ")


def test_start_without_a_registry_is_a_sentence(
    open_page: OpenPage, data_dir: Path, cartoons: DatasetInfo
) -> None:
    page = open_page("train")
    services.registry().close()
    for file in data_dir.glob("registry.db*"):
        file.unlink()
    page.button(key="start").click().run()
    assert page_text(page)[0].startswith("The run registry cannot be used: ")


def test_settings_that_cannot_be_used_are_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_SLOTS", "many")
    monkeypatch.setattr(services, "_started", False)
    [sentence] = page_text(open_page("home"))
    assert sentence.startswith("Environment variables ANN_*: slots:")
