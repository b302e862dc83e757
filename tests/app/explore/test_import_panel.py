"""The forms that bring images in: what they refuse leaves nothing behind."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.runtime.uploaded_file_manager import DeletedFile
from streamlit.testing.v1 import AppTest

from ann_core.runs.owners import new_owner_key
from tests.app.conftest import OpenPage
from tests.helpers.app_text import page_text
from tests.helpers.old_zips import zip_of_bytes
from ui.base import keys, services


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(10):
            archive.writestr(f"{('cat', 'dog')[number % 2]}/{number}.jpg", bytes(10_000))
    return buffer.getvalue()


def zip_form(page: AppTest, name: str) -> AppTest:
    """Open the form for zip files, and give it one."""
    page.session_state["import_panel"] = True
    page.run()
    page.segmented_control(key="import_from").set_value("Zip file").run()
    page.file_uploader(key="import_zip").upload("x.zip", zipped()).run()
    return page.text_input(key="import_zip_name").set_value(name).run()


def n_uploads() -> int:
    return len(list(services.settings().uploads_dir.glob("*")))


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("ANN_MAX_DISK_BYTES", "150000", "This server keeps 0 MB of data"),
        ("ANN_MAX_WAITING_RUNS", "1", "You have 1 import waiting"),
    ],
)
def test_what_a_form_refuses_is_not_written(
    variable: str,
    value: str,
    sentence: str,
    data_dir: Path,
    open_page: OpenPage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page("explore")
    zip_form(page, "first").button(key="import_zip_go").click().run()
    assert n_uploads() == 1
    monkeypatch.setenv(variable, value)
    services.settings.cache_clear()
    zip_form(page, "second")
    for _ in range(3):
        page.button(key="import_zip_go").click().run()
        assert page_text(page)[0].startswith(sentence)
    assert n_uploads() == 1
    assert len(services.registry().data_jobs()) == 1


def test_a_cancelled_import_leaves_nothing(data_dir: Path, open_page: OpenPage) -> None:
    page = open_page("explore")
    zip_form(page, "cats").button(key="import_zip_go").click().run()
    [job] = services.registry().data_jobs()
    page.button(key=f"cancel_{job.id}").click().run()
    assert services.registry().job(job.id).status == "stopped"
    assert n_uploads() == 0


def test_a_new_key_is_no_new_share_of_the_line(
    data_dir: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_MAX_WAITING_RUNS", "2")
    services.settings.cache_clear()
    page = open_page("explore")
    for number in range(3):
        page.session_state[keys.OWNER_ENTERED] = new_owner_key()
        page.session_state["import_panel"] = True
        page.run()
        page.text_input(key="import_builtin_name_cartoons").set_value(f"set-{number}").run()
        page.button(key="import_builtin_go").click().run()
    assert page_text(page)[0].startswith("You have 2 imports waiting")
    assert len(services.registry().data_jobs()) == 2


def with_photo(open_page: OpenPage, photo: bytes) -> AppTest:
    page = open_page("explore")
    page.session_state["import_panel"] = True
    page.run()
    page.segmented_control(key="import_from").set_value("Class by class").run()
    page.toggle(key="import_camera_on").set_value(True).run()
    page.camera_input(key="import_camera").upload("photo.jpg", photo).run()
    return page


def test_a_photo_is_of_the_class_that_is_chosen_at_the_click(
    data_dir: Path, open_page: OpenPage
) -> None:
    page = with_photo(open_page, b"photo")
    page.selectbox(key=keys.CAMERA_CLASS).set_value(1)  # the page has not been drawn with it
    page.button(key="import_keep").click().run()
    assert page_text(page) == []
    assert page.session_state[keys.CAMERA_PHOTOS] == {1: [b"photo"]}


def test_a_session_keeps_only_so_many_photos(data_dir: Path, open_page: OpenPage) -> None:
    photo = bytes(20_000_000)
    page = with_photo(open_page, photo)
    for _ in range(3):
        page.button(key="import_keep").click().run()
    assert page_text(page) == [
        "Photos of 40 MB are kept here, and at most 50 MB can be. Import these first."
    ]
    assert page.session_state[keys.CAMERA_PHOTOS] == {0: [photo, photo]}


def test_a_second_press_on_an_upload_that_was_taken_is_no_error(data_dir: Path) -> None:
    at = AppTest.from_function(_suggest)
    at.session_state[keys.IMPORT_ZIP] = DeletedFile("taken")
    at.run()
    assert not at.exception


def _suggest() -> None:
    from ui.explore.import_panel import _suggest_for_zip

    _suggest_for_zip()


def test_an_address_is_imported_by_a_job_and_checked_at_the_door(
    data_dir: Path, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANN_ALLOW_PRIVATE_ADDRESSES", raising=False)
    page = open_page("explore")
    page.session_state["import_panel"] = True
    page.run()
    page.segmented_control(key="import_from").set_value("Address").run()
    page.text_input(key=keys.IMPORT_ADDRESS).set_value("http://127.1/pets.zip?sig=hush").run()
    assert page.text_input(key="import_address_name").value == "pets"
    page.button(key="import_address_go").click().run()
    [refusal] = page_text(page)
    assert "unusual spelling" in refusal and "hush" not in refusal
    assert services.registry().data_jobs() == []

    url = "https://pictures.example/s/pets.zip?sig=hush"
    page.text_input(key=keys.IMPORT_ADDRESS).set_value(f" {url} ").run()
    page.button(key="import_address_go").click().run()
    [job] = services.registry().data_jobs()
    assert (job.config.source, job.config.what) == ("address", url)
    assert not any("hush" in text for text in page_text(page))


def old_zip() -> bytes:
    """Six pictures of each class, in splits and in Russian."""
    folders = [f"x_{split}/{c}" for split in ("train", "test") for c in ("Кошки", "Псы")]
    names = [f"{folder}/{number}.jpg" for folder in folders for number in range(6)]
    return zip_of_bytes({name.encode("cp866"): b"x" for name in names})


def test_what_a_zip_is_read_as_is_told_before_and_can_be_changed(
    data_dir: Path, open_page: OpenPage
) -> None:
    page = open_page("explore")
    page.session_state["import_panel"] = True
    page.run()
    page.segmented_control(key="import_from").set_value("Zip file").run()
    page.file_uploader(key="import_zip").upload("old.pets.tar.gz", old_zip()).run()
    assert "train 12 pictures in 2 classes (Кошки, Псы); test 12." in page.info[0].value
    assert "were read as cp866" in page.info[0].value
    assert page.text_input(key="import_zip_name").value == "old-pets"

    page.selectbox(key=keys.import_reading("zip")).set_value("no-splits").run()
    assert "24 pictures in 2 classes (Кошки, Псы), split anew." in page.info[0].value
    page.selectbox(key=keys.import_encoding("zip")).set_value("cp1251").run()
    assert "Кошки" not in page.info[0].value
    page.selectbox(key=keys.import_reading("zip")).set_value("names").run()
    assert page.warning[0].value.startswith("Expected pictures in a folder for each class")

    page.button(key="import_zip_go").click().run()
    [job] = services.registry().data_jobs()
    assert (job.config.reading, job.config.encoding) == ("names", "cp1251")


def test_a_pasted_path_of_an_archive_is_read_beforehand(
    data_dir: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    archive = tmp_path / "my pets.zip"
    archive.write_bytes(zipped())
    page = open_page("explore")
    page.session_state["import_panel"] = True
    page.run()
    page.segmented_control(key="import_from").set_value("Server folder").run()
    page.text_input(key=keys.IMPORT_FOLDER).set_value(f'"{archive}"').run()
    assert "10 pictures in 2 classes (cat, dog), split anew." in page.info[0].value
    assert page.text_input(key="import_folder_name").value == "my-pets"
    page.text_input(key=keys.IMPORT_FOLDER).set_value("nul\0byte").run()
    assert not page.exception
    assert not any("pictures in 2 classes" in info.value for info in page.info)
