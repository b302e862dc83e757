"""Put a data set right on the Explore page: each change is filed as a version, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.dataset import Dataset
from ann_core.datasets.editing.edits import (
    AddImages,
    Balance,
    DeleteClass,
    Edit,
    LeaveOut,
    MergeClasses,
    MoveImages,
    RenameClass,
    SplitAnew,
)
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.split import SplitConfig
from ann_core.runs.job_types import ImportJob
from tests.app.conftest import OpenPage
from tests.helpers.app_text import box_of, captions, page_text
from tests.helpers.editing import draw, draw_classes, version_of
from tests.helpers.run_states import registry
from ui.base import services
from ui.base.text import plain


@pytest.fixture
def pets(data_dir: Path, tmp_path: Path) -> Dataset:
    """Three classes of twelve."""
    return import_folder(draw_classes(tmp_path / "pets"), "pets", services.catalog())


@pytest.fixture
def manage(open_page: OpenPage, pets: Dataset) -> Callable[[str], AppTest]:
    """Open a part of the panel: `manage("Classes")`."""

    def open_it(part: str) -> AppTest:
        page = open_page("explore")
        page.session_state["manage_panel"] = True
        page.session_state["manage_part"] = part
        page.run()
        assert page_text(page) == []
        return page

    return open_it


def filed() -> list[Edit]:
    """Edits of the one version that was filed."""
    [job] = registry().data_jobs()
    assert isinstance(job, ImportJob)
    assert (job.config.source, job.config.what) == ("version", "pets")
    return list(job.config.edit)


def test_a_class_is_renamed_merged_and_deleted(manage: Callable[[str], AppTest]) -> None:
    page = manage("Classes")
    assert page.button(key="manage_class_go").disabled, "there is no name yet"
    page.text_input(key="manage_class_to").set_value("tiger").run()
    page.button(key="manage_class_go").click().run()
    assert filed() == [RenameClass(class_name="cat", to="tiger")]
    assert "pets-2 is being made" in "\n".join(box.value for box in page.info)


@pytest.mark.parametrize(
    ("action", "edit"),
    [
        ("Merge it into another", MergeClasses(class_names=("dog",), into="cat")),
        ("Delete it", DeleteClass(class_name="dog")),
    ],
)
def test_a_class_is_merged_or_deleted(
    manage: Callable[[str], AppTest], action: str, edit: Edit
) -> None:
    page = manage("Classes")
    page.selectbox(key="manage_class").set_value("dog").run()
    page.selectbox(key="manage_class_action").set_value(action).run()
    page.button(key="manage_class_go").click().run()
    assert filed() == [edit]


def test_what_cannot_be_done_is_refused_before_it_waits(manage: Callable[[str], AppTest]) -> None:
    page = manage("Classes")
    page.text_input(key="manage_class_to").set_value("dog").run()
    page.button(key="manage_class_go").click().run()
    assert any("There is a class 'dog' already" in each for each in page_text(page))
    page.text_input(key="manage_class_to").set_value("tiger").run()
    page.text_input(key="manage_class_go_name_pets").set_value("pets").run()
    page.button(key="manage_class_go").click().run()
    assert any("There is a data set 'pets' already" in each for each in page_text(page))
    assert registry().data_jobs() == []


def test_images_are_added_to_a_new_class(manage: Callable[[str], AppTest], tmp_path: Path) -> None:
    page = manage("More pictures")
    draw(tmp_path / "fox.png", 1)
    content = (tmp_path / "fox.png").read_bytes()
    page.file_uploader(key="manage_add_pets").upload("fox.png", content, "image/png").run()
    assert "Choose the class of these pictures." in [box.value for box in page.info]
    page.selectbox(key="manage_add_class").set_value("dog").run()
    page.button(key="manage_add_go").click().run()
    [edit] = filed()
    assert isinstance(edit, AddImages)
    assert edit.class_name == "dog"
    assert (services.settings().uploads_dir / edit.what).is_dir()
    assert registry().uploads_in_use() >= {edit.what}


def test_it_is_split_anew(manage: Callable[[str], AppTest]) -> None:
    page = manage("Split")
    key = "manage_split_pets"
    page.slider(key=f"{key}_shares").set_value((60, 80)).run()
    assert "60% training, 20% validation, 20% test." in captions(page)
    page.number_input(key=f"{key}_seed").set_value(7).run()
    page.text_input(key=f"{key}_pattern").set_value("(").run()
    assert any("expected a regular expression" in each for each in page_text(page))
    assert page.button(key="manage_split_go").disabled
    page.text_input(key=f"{key}_pattern").set_value(r"(p\d)_").run()
    page.checkbox(key=f"{key}_copies").check().run()
    page.button(key="manage_split_go").click().run()
    config = SplitConfig(
        train=0.6, validation=0.2, seed=7, duplicates=True, group_pattern=r"(p\d)_"
    )
    assert filed() == [SplitAnew(split=config)]


def test_a_balance_says_what_would_go(manage: Callable[[str], AppTest]) -> None:
    page = manage("Balance")
    assert page.button(key="manage_balance_go").disabled
    page.number_input(key="manage_balance_pets_cap").set_value(8).run()
    shown = "\n".join(part.value for part in page.markdown)
    assert "at most 8 pictures of a class, 12 pictures left out" in shown
    page.button(key="manage_balance_go").click().run()
    assert filed() == [Balance(cap=8)]


def test_it_is_renamed_and_then_deleted_when_sure(manage: Callable[[str], AppTest]) -> None:
    page = manage("Rename, delete")
    page.text_input(key="manage_name_pets").set_value("animal").run()
    page.text_input(key="manage_name_pets").set_value("animals")  # and at once:
    page.button(key="manage_rename").click().run()
    assert box_of(page, "Data set").value == "animals"
    page.button(key="manage_delete").click().run()
    assert "36 pictures" in page.warning[-1].value
    page.button(key="manage_keep").click().run()
    assert [info.name for info in services.catalog().infos()] == ["animals"]
    page.button(key="manage_delete").click().run()
    page.button(key="manage_delete_sure").click().run()
    assert page_text(page) == []
    assert services.catalog().infos() == []


def test_versions_are_listed_and_looked_at(manage: Callable[[str], AppTest], pets: Dataset) -> None:
    version_of(pets, services.catalog(), LeaveOut(rows=(0,)), name="fewer")
    page = manage("Versions")
    [table] = [each.value for each in page.table if "what changed" in each.value.columns]
    assert table["name"].tolist() == [plain("pets (this one)"), "fewer"]
    assert table["what changed"].tolist()[1] == "1 picture left out"
    page.button(key="manage_look").click().run()
    assert box_of(page, "Data set").value == "fewer"


def test_ticked_images_are_moved(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore")
    page.toggle(key="gallery_ticks").set_value(True).run()
    page.session_state[f"ticked_{pets.fingerprint}"] = {0, 2}
    page.run()
    assert "**2 pictures are selected.**" in [part.value for part in page.markdown]
    page.selectbox(key="ticks_action").set_value("Move them to a class").run()
    assert page.button(key="ticks_go").disabled
    page.selectbox(key="ticks_class_pets").set_value("dog").run()
    page.button(key="ticks_go").click().run()
    assert filed() == [MoveImages(rows=(0, 2), to="dog")]
    page.button(key="ticks_all").click().run()
    assert "**16 pictures are selected.**" in [part.value for part in page.markdown]
    page.button(key="ticks_none").click().run()
    assert "**0 pictures are selected.**" in [part.value for part in page.markdown]


def test_on_a_host_what_belongs_to_all_is_not_renamed_or_deleted(
    open_page: OpenPage, pets: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANN_PROFILE", "hosted")
    services.settings.cache_clear()
    page = open_page("explore")
    page.session_state["manage_panel"] = True
    page.session_state["manage_part"] = "Rename, delete"
    page.run()
    assert not {"manage_rename", "manage_delete"} & {button.key for button in page.button}
    assert "You can make your own version" in "\n".join(p.value for p in page.markdown)
