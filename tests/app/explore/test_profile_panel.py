"""What rests on a survey: the offer, the parts, and what leaves a data set by them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset, DatasetInfo
from ann_core.datasets.editing.edits import LeaveOut, MoveImages
from ann_core.datasets.importing.importer import import_folder
from ann_core.datasets.profile.profile import load_profile, profile_dataset, profile_keys
from ann_core.runs.job_results import ProfileResult
from ann_core.runs.job_types import ImportConfig, ProfileConfig, ProfileJob
from ann_core.runs.owners import OPERATOR
from ann_core.stored_names import PROFILE_FILE
from tests.app.conftest import OpenPage
from tests.helpers.app_text import captions, page_text
from tests.helpers.profile_images import photograph
from tests.helpers.run_states import registry
from tests.helpers.small_run import CARTOONS
from ui.base import services
from ui.base.text import plain

PETS, SKY, CAPTION = "pets", "sky", "stays as it is"
TURNED = frozenset({8, 31, 52})


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with 24 photographs, three of them twice, and their survey."""
    folder = tmp_path_factory.mktemp("looked-at")
    for number in range(24):
        path = folder / "pets" / ("cat", "dog")[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image = photograph(number)
        if number == 20:
            image = image.resize((20, 90))
        image.save(path)
    for number in (0, 1, 2):
        cat = folder / "pets" / ("cat", "dog")[number % 2] / f"{number:02}.png"
        shutil.copy(cat, cat.with_name(f"copy_{number}.png"))
    data = folder / "data"
    dataset = import_folder(folder / "pets", PETS, Catalog(data / "datasets"))
    profile_dataset(dataset, data / "surveys")
    return data


@pytest.fixture
def pets(data_dir: Path, looked_at: Path) -> Dataset:
    """27 images that have been looked at; the test's own."""
    shutil.copytree(looked_at, data_dir, dirs_exist_ok=True)
    return services.catalog().load(PETS)


def texts(page: AppTest) -> str:
    return "\n".join(part.value for part in page.markdown)


def heading(page: AppTest, text: str) -> bool:
    return text in [part.value for part in page.subheader]


def test_a_data_set_without_a_survey_offers_one_and_files_it_once(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    page = open_page("explore")
    assert "This takes some seconds." in texts(page)
    page.button(key="survey_start").click().run()
    [job] = registry().data_jobs()
    assert isinstance(job, ProfileJob)
    assert job.config == ProfileConfig(dataset=CARTOONS, fingerprint=cartoons.fingerprint)
    assert "survey_start" not in [button.key for button in page.button]
    assert page_text(page) == []


def test_everybody_sees_that_a_survey_is_under_way(
    open_page: OpenPage, cartoons: DatasetInfo
) -> None:
    config = ProfileConfig(dataset=CARTOONS, fingerprint=cartoons.fingerprint)
    job = registry().submit_data_job(config, submit_key="somebody's")
    assert registry().attempts.claim(1, (ProfileJob.kind,)) == (job.id, 1)
    assert registry().attempts.start(job.id, 1, pid=1) is not None
    registry().attempts.heartbeat(
        job.id, 1, phase="looking at the pictures", batch=250, n_batches=1000
    )
    page = open_page("explore", closer_look="true")
    assert [box.value.split(".")[0] for box in page.info] == [
        "The pictures are being looked at for problems, 25% done"
    ]
    assert not page.progress, "the bar is its owner's"
    profile_dataset(services.catalog().load(CARTOONS), services.settings().profiles_dir)
    registry().attempts.finish(job.id, 1, "done", result=ProfileResult(dataset=CARTOONS))
    page.run()
    assert not page.info
    assert page.radio(key="health").options[0] == "Exact duplicates"


@pytest.mark.parametrize(
    ("look", "shows"),
    [
        ("Health", "Exact duplicates"),
        ("Sizes and light", "Brightness and contrast"),
        ("Mean pictures", "Difference: average cat minus average dog"),
    ],
)
def test_the_address_opens_a_part(
    open_page: OpenPage, pets: Dataset, look: str, shows: str
) -> None:
    page = open_page("explore", look=look)
    assert page_text(page) == []
    assert heading(page, shows)
    others = {
        "Exact duplicates",
        "Brightness and contrast",
        "Difference: average cat minus average dog",
    }
    assert not any(heading(page, other) for other in others - {shows}), "only what is open"


def test_the_address_chooses_a_kind_of_problem(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore", health="Odd sizes")
    assert heading(page, "Odd sizes")
    assert "**1 picture of 27 is selected.**" in texts(page)
    [box] = [box for box in page.checkbox if box.value]
    assert box.label == "Select 20.png"


def test_what_was_not_found_is_said(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore", health="Too dark")
    assert "None found." in texts(page)
    assert "leave_out" not in [button.key for button in page.button]


def test_leaving_duplicates_out_files_a_new_version(open_page: OpenPage, pets: Dataset) -> None:
    profile = load_profile(pets, services.settings().profiles_dir)
    assert profile is not None
    whole = profile.leave_out("exact_duplicate").tolist()
    page = open_page("explore", closer_look="true")
    assert len(page.checkbox) == 6
    assert sum(box.value for box in page.checkbox) == len(whole) == 3
    next(box for box in page.checkbox if box.value).uncheck().run()
    assert "**2 pictures of 27 are selected.**" in texts(page)
    page.text_input(key=f"leave_out_name_{PETS}").set_value("fewer").run()
    page.button(key="leave_out").click().run()
    [job] = registry().data_jobs()
    assert isinstance(job.config, ImportConfig)
    assert (job.config.name, job.config.source, job.config.what) == ("fewer", "version", PETS)
    [edit] = job.config.edit
    assert isinstance(edit, LeaveOut)
    assert len(edit.rows) == 2
    assert set(edit.rows) < set(whole)
    assert "fewer is being made" in "\n".join(box.value for box in page.info)
    assert CAPTION in captions(page)


def test_another_copy_can_stay(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore", closer_look="true")
    before = [box.value for box in page.checkbox]
    for box in [*page.checkbox][:2]:
        box.set_value(not box.value)
    page.run()
    assert "**3 pictures of 27 are selected.**" in texts(page)
    page.radio(key="health").set_value("Odd sizes").run()
    page.radio(key="health").set_value("Exact duplicates").run()
    swapped = [not before[0], not before[1], *before[2:]]
    assert [box.value for box in page.checkbox] == swapped, "remembered"
    page.button(key="leave_out").click().run()
    profile = load_profile(pets, services.settings().profiles_dir)
    assert profile is not None
    [job] = registry().data_jobs()
    assert isinstance(job.config, ImportConfig)
    group = profile.issues_of("exact_duplicate")[0]
    [edit] = job.config.edit
    assert isinstance(edit, LeaveOut)
    assert set(edit.rows) & set(group.rows) == set(group.rows) - set(group.leave_out)


@pytest.fixture(scope="session")
def day_and_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with 90 photographs of two classes, three of them with the other's label."""
    folder = tmp_path_factory.mktemp("day-and-night")
    for number in range(90):
        is_day = number % 2 == 1
        image = photograph(number, low=140 if is_day else 10, high=250 if is_day else 110)
        image.paste((250, 250, 0) if is_day else (60, 60, 80), (10, 6, 30, 26))
        path = folder / "sky" / ("day" if is_day != (number in TURNED) else "night")
        path.mkdir(parents=True, exist_ok=True)
        image.save(path / f"{number:02}.png")
    data = folder / "data"
    profile_dataset(
        import_folder(folder / "sky", SKY, Catalog(data / "datasets")), data / "surveys"
    )
    return data


def test_label_mistakes_are_moved_to_the_class_they_look_like(
    open_page: OpenPage, data_dir: Path, day_and_night: Path
) -> None:
    shutil.copytree(day_and_night, data_dir, dirs_exist_ok=True)
    sky = services.catalog().load(SKY)
    rows = {row for row, source in enumerate(sky.images["source"]) if int(source[-6:-4]) in TURNED}
    page = open_page("explore", health="Label mistakes")
    assert page_text(page) == []
    assert "Confident learning estimates that" in texts(page)
    assert "**0 pictures of 90 are selected.**" in texts(page)
    assert "looks like day (" in captions(page)
    assert page.button(key="leave_out").disabled
    page.button(key="health_all").click().run()
    assert all(box.value for box in page.checkbox)
    page.button(key="leave_out").click().run()
    [job] = registry().data_jobs()
    assert isinstance(job.config, ImportConfig)
    moved = {edit.to: set(edit.rows) for edit in job.config.edit if isinstance(edit, MoveImages)}
    assert len(moved) == len(job.config.edit) == 2
    assert rows <= moved["day"] | moved["night"]
    assert (sky.images["class_name"].iloc[sorted(moved["day"])] == "night").all()
    page.button(key="health_none").click().run()
    assert not any(box.value for box in page.checkbox)
    page.checkbox[0].check().run()
    page.selectbox(key="health_label_mistake_action").set_value("Leave them out").run()
    page.text_input(key=f"leave_out_name_{SKY}").set_value("one-less").run()
    page.button(key="leave_out").click().run()
    [edit] = next(
        job.config.edit for job in registry().data_jobs() if job.config.name == "one-less"
    )
    assert isinstance(edit, LeaveOut)
    assert len(edit.rows) == 1


def test_a_profile_of_an_earlier_version_can_be_made_anew(
    open_page: OpenPage, pets: Dataset
) -> None:
    root = services.settings().profiles_dir
    today, earlier = (root / key for key in profile_keys(pets.fingerprint))
    today.rename(earlier)
    about = json.loads((earlier / PROFILE_FILE).read_text())
    del about["label_check"]
    (earlier / PROFILE_FILE).write_text(json.dumps(about))
    page = open_page("explore", closer_look="true")
    assert "did not look for label mistakes" in texts(page)
    assert page.radio(key="health").value == "Exact duplicates"
    page.button(key="survey_start").click().run()
    assert len(registry().data_jobs()) == 1
    assert "being looked at for problems" in "".join(box.value for box in page.info)
    profile_dataset(pets, root)
    [job] = registry().data_jobs()
    registry().commands.stop(job.id, by=OPERATOR)
    page.run()
    assert "did not look for label mistakes" not in texts(page)


def test_a_name_that_is_taken_is_a_sentence(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore", closer_look="true")
    key = f"leave_out_name_{PETS}"
    assert page.text_input(key=key).value == "pets-2"
    page.text_input(key=key).set_value(PETS).run()
    page.button(key="leave_out").click().run()
    assert any("There is a data set 'pets' already." in sentence for sentence in page_text(page))
    assert registry().data_jobs() == []


def test_pixel_space_tells_who_lies_nearest(open_page: OpenPage, pets: Dataset) -> None:
    profile = load_profile(pets, services.settings().profiles_dir)
    assert profile is not None
    space, row = profile.pixel_space, profile.issues_of("exact_duplicate")[0].rows[0]
    index = space.rows.tolist().index(row)
    page = open_page("explore", look="Pixel space", point=str(index + 1))
    assert page.number_input(key="point").value == index + 1
    table = next(t.value for t in page.table if "distance" in t.value.columns)
    sources = pets.images["source"].to_numpy()
    assert table["picture"].tolist() == [plain(name) for name in sources[space.neighbours[index]]]
    assert table["distance"].iloc[0] == "0", "its copy"
    same = (pets.labels[space.neighbours[index]] == pets.labels[row]).sum()
    assert f"**{same} of 8 share its class.**" in texts(page)
    first = space.explained[0]
    assert f"axis 1, with {first:.1%}" in captions(page)


@pytest.mark.parametrize("point", ["28", "many"])
def test_a_point_that_is_not_there_is_the_first(
    open_page: OpenPage, pets: Dataset, point: str
) -> None:
    page = open_page("explore", look="Pixel space", point=point)
    assert page_text(page) == []
    assert page.number_input(key="point").value == 1


def test_the_gallery_knows_the_issues(open_page: OpenPage, pets: Dataset) -> None:
    page = open_page("explore", issue="Exact duplicates")
    assert "Pictures 1 to 6 of 6" in captions(page)
