"""The Predict page, many images: one upload, one table, with a reason for what is no image."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from ann_core.imaging.images import open_image
from ann_core.prediction.classifier import Classifier
from ann_core.runs.folder import RunFolder
from tests.app.conftest import OpenPage
from tests.helpers.app_text import page_text
from tests.helpers.image_files import image
from ui.base import services
from ui.predict import many_images


@pytest.fixture
def folder(data_dir: Path, small_run: str) -> RunFolder:
    return RunFolder.of(data_dir / "runs", small_run)


@pytest.fixture
def upload(open_page: OpenPage, small_run: str) -> AppTest:
    page = open_page("predict", run=small_run, ask="Many pictures")
    assert page_text(page) == []
    return page


def test_many_files_become_a_table_and_a_csv(upload: AppTest, folder: RunFolder) -> None:
    content = image(80, size=(20, 20))
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("cats/1.png", content)
        archive.writestr("=2+3.txt", "no picture")
    files = [("own.png", content, "image/png"), ("more.zip", bundle.getvalue(), "application/zip")]
    upload.get_by_key("many_upload").set_value(files).run()
    assert page_text(upload) == []
    table: pd.DataFrame = upload.dataframe[0].value
    assert table["file"].tolist() == ["own.png", "cats/1.png", "=2+3.txt"]
    expected = Classifier(folder).predict(open_image(content).image)
    assert table["class"].tolist() == [expected.class_name] * 2 + [""]
    assert table["probability"][0] == pytest.approx(expected.probability, abs=1e-6)
    assert table["fingerprint"].tolist() == [expected.fingerprint] * 2 + [""]
    assert "it is text" in table["reason"][2]
    assert table["picture"][0].startswith("data:image/jpeg;base64,")


def test_too_many_files_are_refused_in_a_sentence(
    upload: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = io.BytesIO()
    with zipfile.ZipFile(bundle, "w") as archive:
        for number in range(many_images.MAX_FILES + 1):
            archive.writestr(f"{number}.png", b"")
    files = [("more.zip", bundle.getvalue(), "application/zip")]
    upload.get_by_key("many_upload").set_value(files).run()
    [sentence] = page_text(upload)
    assert "2,001 entries; at most 2,000 are taken" in sentence


def test_what_a_zip_file_unpacks_to_is_bounded_and_reaches_no_disk(
    upload: AppTest, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_PREDICT_BYTES", "1000000")
    services.settings.cache_clear()
    before = sorted(data_dir.rglob("*"))
    for size, words in ((2_000_000, ["unpacks to more than 1 MB"]), (1_000, [])):
        bundle = io.BytesIO()
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("1.png", bytes(size))
        upload.get_by_key("many_upload").set_value([("m.zip", bundle.getvalue(), "zip")]).run()
        sentences = page_text(upload)
        assert len(sentences) == len(words)
        assert all(each in sentences[0] for each in words)
        assert sorted(data_dir.rglob("*")) == before
