"""Downloading the pictures on Explore: written by a job, for those who may see them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ann_core.datasets.dataset import DatasetInfo
from ann_core.datasets.zip_export import write_zip
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_results import ExportResult
from ann_core.runs.job_types import ExportConfig, ExportJob
from tests.app.conftest import OpenPage
from tests.helpers.app_text import page_text
from ui.base import services


def test_a_zip_file_is_written_by_a_job_and_offered_while_its_data_set_is_there(
    cartoons: DatasetInfo, open_page: OpenPage, data_dir: Path
) -> None:
    page = open_page("explore", data=cartoons.name)
    page.session_state["export_panel"] = True
    page.run()
    page.segmented_control(key="export_form").set_value("Training, validation and test").run()
    page.button(key="export_start").click().run()
    [job] = services.registry().data_jobs()
    expected = ExportConfig(dataset=cartoons.name, fingerprint=cartoons.fingerprint, by_split=True)
    assert job.config == expected
    attempts, folder = services.registry().attempts, RunFolder.of(data_dir / "runs", job.id).path
    assert attempts.claim(1, (ExportJob.kind,)) == (job.id, 1)
    attempts.start(job.id, 1, pid=1)
    folder.mkdir(parents=True)
    written = write_zip(services.catalog().load(cartoons.name), folder / "x.zip", by_split=True)
    result = ExportResult(file="x.zip", n_images=60, bytes=written.n_bytes)
    attempts.finish(job.id, 1, "done", result=result)

    page.run()
    assert f"download_{job.id}" in [button.key for button in page.get("download_button")]
    with zipfile.ZipFile(folder / "x.zip") as bundle:
        assert len(bundle.namelist()) == 60
    services.catalog().delete(cartoons.name)
    page.run()
    assert page.get("download_button") == []


def test_what_is_too_large_to_hand_out_is_refused(
    cartoons: DatasetInfo, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_UPLOAD_BYTES", "1000")
    services.settings.cache_clear()
    page = open_page("explore", data=cartoons.name)
    page.session_state["export_panel"] = True
    page.run()
    page.button(key="export_start").click().run()
    assert any("hands out files of at most" in text for text in page_text(page))
    assert services.registry().data_jobs() == []
