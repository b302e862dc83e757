"""Taking a run along, and opening one that was taken along: the page shows the same."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.errors import ArchiveError
from ann_core.evaluation.report import RunReport
from ann_core.export.archive.archive import write_archive
from ann_core.export.archive.import_run import import_archive
from ann_core.runs.folder import RunFolder
from ann_core.runs.job_results import ArchiveImportResult
from ann_core.runs.job_types import ArchiveImportConfig, ArchiveImportJob
from ann_core.runs.owners import OPERATOR, new_owner_key, owner_digest
from ann_core.runs.run import Run
from tests.app.conftest import ENTRY_POINT, SECONDS, OpenPage, _forget_services
from tests.helpers.app_text import box_of, captions, page_text
from tests.helpers.run_states import KEY, STRANGER, controls, registry, watch
from tests.helpers.uploads import store_zip
from ui.base import keys, services
from ui.runs.run_cache import report_of

DOWNLOADS = {
    *("download_model.keras", "download_model.tflite", "download_history.csv"),
    *("download_code", "download_card", "download_archive"),
}
PARTS = ("Confusion", "Confidence", "First layer", "Curves and settings")


def downloads(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.get("download_button")}


def words(page: AppTest, run_id: str) -> list[str]:
    """All that a page says above its downloads, in order: texts, figures, tables, charts."""
    shown = []
    for element in page.main:
        shown += _words(element)
    end = next(n for n, word in enumerate(shown) if "**Everything** is one file" in word)
    return [word.replace(run_id, "the run") for word in shown[:end]]


def _words(element: Any) -> list[str]:
    if hasattr(element, "children"):
        return [word for child in element.children.values() for word in _words(child)]
    kind = element.type
    if kind in {"plotly_chart", "vega_lite_chart", "arrow_vega_lite_chart"}:
        return [f"{kind} {element.proto.alt}"]
    if kind == "metric":
        return [element.label, element.value, element.delta]
    if kind in {"arrow_data_frame", "dataframe", "table"}:
        return [element.value.to_csv()]
    value = getattr(element, "value", "")
    return [str(value)] if isinstance(value, str) else []


@pytest.fixture
def archive(small_run: str, tmp_path: Path) -> Path:
    """The small run as a file."""
    path = tmp_path / "run.zip"
    with path.open("w+b") as file:
        write_archive(registry().get(small_run), services.settings(), file)
    return path


@pytest.fixture
def bring(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Run]:
    """Go to an installation with nothing in it, and open the archive there."""

    def go() -> Run:
        monkeypatch.setenv("ANN_DATA_DIR", str(tmp_path / "elsewhere"))
        _forget_services()
        return import_archive(
            archive,
            services.settings(),
            services.registry(),
            owner=owner_digest(OPERATOR),
            submit_key=secrets.token_hex(8),
        )

    return go


def test_a_run_can_be_taken_along_by_whoever_sees_it(small_run: str, open_page: OpenPage) -> None:
    page = open_page("evaluate", run=small_run)
    assert page_text(page) == []
    assert downloads(page) >= DOWNLOADS
    page = AppTest.from_file(ENTRY_POINT, default_timeout=SECONDS)
    page.switch_page("pages/evaluate.py")
    page.session_state[keys.OWNER_PROPOSED] = STRANGER
    page.query_params["run"] = small_run
    page.run()
    assert downloads(page) >= DOWNLOADS


@pytest.mark.parametrize("part", PARTS)
def test_a_run_from_elsewhere_shows_the_same_page(
    small_run: str, open_page: OpenPage, bring: Callable[[], Run], part: str
) -> None:
    before = words(open_page("evaluate", run=small_run, part=part), small_run)
    assert len(before) > 5
    run = bring()
    page = open_page("evaluate", run=run.id, part=part)
    assert page_text(page) == []
    assert words(page, run.id) == before


def test_all_figures_are_the_same(small_run: str, bring: Callable[[], Run]) -> None:
    before = report_of(registry().get(small_run))
    after = report_of(bring())
    assert figures(after) == figures(before)


def figures(report: RunReport) -> dict[str, Any]:
    curves = (report.roc, report.precision_recall)
    return {
        "splits": report.splits,
        "interval": report.interval,
        "luck": (report.chance, report.chance_p_value, report.gap),
        "curves": [(c.x.tolist(), c.y.tolist(), c.area) for c in curves if c is not None],
        "error": report.calibration.error,
        "answers": report.predictions.probabilities.tolist(),
    }


@pytest.mark.parametrize("name", ["home", "explore", "preprocess", "train", "predict", "compare"])
def test_every_page_does_without_the_images(
    open_page: OpenPage, bring: Callable[[], Run], name: str
) -> None:
    run = bring()
    page = open_page(name, run=run.id)
    assert page_text(page) == []


def test_what_was_brought_can_be_taken_along_but_not_trained_again(
    open_page: OpenPage, bring: Callable[[], Run]
) -> None:
    run = bring()
    page = open_page("evaluate", run=run.id)
    assert downloads(page) >= DOWNLOADS - {"download_model.keras"}
    assert "download_model.keras" not in downloads(page)
    assert any("Its pictures are not here" in text.value for text in page.markdown)


def test_a_run_whose_parts_are_gone_says_so(small_run: str, open_page: OpenPage) -> None:
    folder = RunFolder.of(services.settings().runs_dir, small_run)
    folder.ood_thresholds.unlink()
    page = open_page("evaluate", run=small_run)
    assert "cannot be packed as a whole: reach.json is not there" in captions(page).replace(
        "\\", ""
    )
    assert downloads(page) >= DOWNLOADS - {"download_archive"}
    shutil.rmtree(folder.path)
    page = open_page("evaluate", run=small_run)
    assert "Its files are gone, so there is nothing to download." in captions(page)
    assert downloads(page) & DOWNLOADS == set()


def test_an_upload_becomes_a_job_and_the_page_of_the_run(
    archive: Path, data_dir: Path, open_page: OpenPage
) -> None:
    page = open_page("evaluate")
    page.session_state["open_panel"] = True
    page.run()
    page.file_uploader(key="open_upload").upload("run.zip", archive.read_bytes()).run()
    page.button(key="open_go").click().run()
    assert page_text(page) == []
    [job] = [job for job in registry().data_jobs() if isinstance(job, ArchiveImportJob)]
    assert [bar.text for bar in page.progress] == ["Opening a saved network: starting soon"]
    assert registry().attempts.claim(1, (ArchiveImportJob.kind,)) == (job.id, 1)
    assert registry().attempts.start(job.id, 1, pid=1) is not None
    [upload] = services.settings().uploads_dir.iterdir()
    run = import_archive(
        upload / "upload.zip",
        services.settings(),
        registry(),
        owner=job.owner,
        submit_key=f"{job.id}:run",
    )
    registry().attempts.finish(job.id, 1, "done", result=ArchiveImportResult(run=run.id))
    page.run()
    assert page.query_params["run"] == run.id
    assert [box.value for box in page.success] == [
        "The saved network is open: you find it among your networks on every page."
    ]
    assert box_of(page, "Network").value == run.id


def test_what_a_full_server_refuses_is_not_kept(
    archive: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_DISK_BYTES", "1000")
    services.settings.cache_clear()
    page = open_page("evaluate")
    page.session_state["open_panel"] = True
    page.run()
    page.file_uploader(key="open_upload").upload("run.zip", archive.read_bytes()).run()
    page.button(key="open_go").click().run()
    [sentence] = page_text(page)
    assert sentence.startswith("This server keeps 0 MB of data")
    assert not services.settings().uploads_dir.exists(), "nothing was even written"
    assert registry().data_jobs() == []


def test_a_refusal_is_a_sentence(data_dir: Path, open_page: OpenPage) -> None:
    token = store_zip(io.BytesIO(b"no zip"), services.settings().uploads_dir)
    job = registry().submit_data_job(ArchiveImportConfig(upload=token), submit_key="key")
    assert registry().attempts.claim(1, (ArchiveImportJob.kind,)) == (job.id, 1)
    assert registry().attempts.start(job.id, 1, pid=1) is not None
    upload = services.settings().uploads_dir / token / "upload.zip"
    with pytest.raises(ArchiveError) as caught:
        import_archive(
            upload, services.settings(), registry(), owner=job.owner, submit_key="key:run"
        )
    registry().attempts.fail(job.id, 1, "data", why=str(caught.value))
    page = open_page("evaluate", job=job.id)
    assert page_text(page) == [f"Opening a saved network failed. {caught.value}"]


def test_who_has_the_link_may_look_and_take_but_change_nothing(
    bring: Callable[[], Run], archive: Path
) -> None:
    bring()
    key = new_owner_key()
    run = import_archive(
        archive,
        services.settings(),
        registry(),
        owner=owner_digest(key),
        submit_key=secrets.token_hex(8),
    )
    assert "delete_for_good" in controls(watch(run, key))
    assert set(controls(watch(run, STRANGER))) <= {"use_again"}
    assert set(controls(watch(run, KEY))) <= {"use_again"}


def test_the_archive_names_no_owner(small_run: str, archive: Path) -> None:
    with zipfile.ZipFile(archive) as bundle:
        record = json.loads(bundle.read("run.json"))
        everything = b"".join(bundle.read(name) for name in bundle.namelist())
    assert "owner" not in record
    assert str(services.settings().data_dir).encode() not in everything
    assert small_run.encode() not in everything
