"""The import report on the Explore page."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.importing.importer import import_folder
from tests.app.explore.test_gallery import draw
from tests.helpers.small_run import CARTOONS, N_CARTOONS
from ui.base import services

NAMES = {"one/=1+1.txt", "one/cut.png", "two/notes.txt"}


def report(name: str) -> AppTest:
    def app(name: str) -> None:
        from ui.base import services
        from ui.explore.import_report import show_report

        show_report(services.catalog().load(name))

    return AppTest.from_function(app, default_timeout=30, kwargs={"name": name}).run()


def with_files_left_out(folder: Path) -> Dataset:
    draw(folder, {"one": 10, "two": 10})
    for name in NAMES:
        (folder / name).write_bytes(b"no picture")
    return import_folder(folder, "mixed", services.catalog())


def test_what_was_found_is_told_and_who_looks_sees_the_reasons(
    data_dir: Path, tmp_path: Path
) -> None:
    dataset = with_files_left_out(tmp_path / "mixed")
    page = report("mixed")
    assert "23 found, 20 taken, 3 left out." in page.markdown[0].value
    [reading] = [caption.value for caption in page.caption]
    assert "21 pictures in 2 classes (one, two), split anew; 2 not named like pictures" in reading
    assert page.expander[0].label == "3 files were left out"
    assert len(page.dataframe) == 0, "the table is sent to those who look"
    page.session_state["skipped"] = True
    page.run()
    [table] = page.dataframe
    assert set(table.value["source"]) == NAMES
    assert table.value["reason"].tolist() == dataset.skipped["reason"].tolist()
    assert all(table.value["reason"])


def test_where_all_was_taken_there_is_nothing_to_open(cartoons: DatasetInfo) -> None:
    page = report(CARTOONS)
    assert f"{N_CARTOONS} found, all taken." in page.markdown[0].value
    assert len(page.expander) == 0
