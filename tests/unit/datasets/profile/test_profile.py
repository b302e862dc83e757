"""A profile: made once, found again by content, never half written."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ann_core.datasets.catalog import Catalog
from ann_core.datasets.dataset import Dataset
from ann_core.datasets.importing.importer import ImportOptions, import_folder
from ann_core.datasets.origin import ORIGIN_FILE
from ann_core.datasets.profile.profile import (
    SPRITE_FILE,
    estimate_seconds,
    load_profile,
    profile_dataset,
    profile_key,
    profile_keys,
    stored_key,
)
from ann_core.datasets.split import SplitConfig
from ann_core.settings import Settings
from ann_core.stored_names import PROFILE_FILE
from tests.helpers.profile_images import (
    import_files,
    jpeg,
    near_copy,
    photograph,
    rows_of,
    sound_files,
)

if TYPE_CHECKING:
    from tests.unit.conftest import MakeFolder, RunOnSmallDisk, Untouched

ARRAYS = ("class_means", "class_stds")
SPACE = ("rows", "coordinates", "explained", "axes", "neighbours", "distances")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "data" / "surveys"


def test_what_is_loaded_is_what_was_made(root: Path, tmp_path: Path) -> None:
    copies = {"train/dog/a.jpg": jpeg(photograph(0)), "test/dog/b.jpg": near_copy(photograph(6))}
    dataset = import_files(sound_files() | copies, tmp_path)
    made = profile_dataset(dataset, root)
    loaded = load_profile(Catalog(tmp_path / "datasets").load("survey"), root)
    assert loaded is not None
    assert loaded.issues == made.issues
    assert {issue.kind for issue in loaded.issues} == {
        *("exact_duplicate", "near_duplicate", "leak", "conflict")
    }
    for kind, rows in loaded.rows_by_kind().items():
        assert set(rows) == set(loaded.rows_of(kind).tolist())
        assert len(rows) == sum(len(issue.rows) for issue in loaded.issues_of(kind))
    assert set(loaded.rows_by_kind()) == {issue.kind for issue in loaded.issues}
    assert loaded.class_names == ("cat", "dog")
    assert loaded.sprite == made.sprite
    pd.testing.assert_frame_equal(loaded.measures, made.measures)
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(made, name))
    for name in SPACE:
        first, second = (getattr(profile.pixel_space, name) for profile in (loaded, made))
        np.testing.assert_array_equal(first, second)


def test_a_survey_holds_all_images_and_its_files_are_mapped(dataset: Dataset, root: Path) -> None:
    profile = profile_dataset(dataset, root)
    assert len(profile.measures) == 24
    assert profile.measures["class_name"].tolist() == dataset.images["class_name"].tolist()
    assert profile.class_means.shape == profile.class_stds.shape == (2, 96, 96)
    assert profile.pixel_space.rows.tolist() == list(range(24))
    assert profile.pixel_space.coordinates.shape == (24, 10)
    assert profile.pixel_space.neighbours.shape == profile.pixel_space.distances.shape == (24, 8)
    for values in (profile.class_means, profile.pixel_space.coordinates):
        assert isinstance(values, np.memmap)
        assert values.dtype == np.float32
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1


def test_class_means_and_their_difference(dataset: Dataset, root: Path) -> None:
    profile = profile_dataset(dataset, root)
    bright, dark = profile.class_means
    assert bright.mean() > 200 > 60 > dark.mean()
    np.testing.assert_array_equal(profile.mean_difference("bright", "dark"), bright - dark)
    np.testing.assert_array_equal(profile.mean_difference("dark", "bright"), dark - bright)


def test_a_survey_is_found_again_and_not_made_again(
    dataset: Dataset, root: Path, catalog: Catalog, image_folder: MakeFolder, untouched: Untouched
) -> None:
    first = profile_dataset(dataset, root)
    reported: list[tuple[int, int]] = []
    twin = import_folder(image_folder(name="of-dataset-too"), "twin", catalog)
    with untouched(root):
        again = profile_dataset(twin, root, lambda *at: reported.append(at))
    assert reported == []
    pd.testing.assert_frame_equal(again.measures, first.measures)


def test_the_name_is_that_of_the_content(
    dataset: Dataset, catalog: Catalog, image_folder: MakeFolder, root: Path
) -> None:
    other = ImportOptions(SplitConfig(seed=7))
    resplit = import_folder(image_folder(name="again"), "again", catalog, options=other)
    smaller = import_folder(image_folder({"dark": 12, "bright": 11}, name="few"), "few", catalog)
    assert len({profile_key(each) for each in (dataset, resplit, smaller)}) == 3
    profile_dataset(dataset, root)
    assert load_profile(smaller, root) is None


def test_without_a_survey_there_is_nothing_to_load(dataset: Dataset, root: Path) -> None:
    assert load_profile(dataset, root) is None
    assert not root.exists()


def test_the_estimate_grows_with_the_images() -> None:
    assert estimate_seconds(0) == 0
    assert estimate_seconds(20_000) == 2 * estimate_seconds(10_000) == 80


def test_surveys_lie_beside_the_features(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).profiles_dir == tmp_path.resolve() / "surveys"


def test_progress_counts_up_through_all_stages(dataset: Dataset, root: Path) -> None:
    reported: list[tuple[int, int]] = []
    profile_dataset(dataset, root, lambda *at: reported.append(at))
    assert {total for _, total in reported} == {1000}
    done = [steps for steps, _ in reported]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == 1000
    assert {700, 750, 900} <= set(done)


@pytest.mark.parametrize("stage", [350, 750, 900])
def test_what_is_stopped_leaves_nothing(
    stage: int, dataset: Dataset, root: Path, untouched: Untouched
) -> None:
    def stop(done: int, total: int) -> None:
        if done >= stage:
            raise KeyboardInterrupt

    root.mkdir(parents=True)
    with untouched(root.parent), pytest.raises(KeyboardInterrupt):
        profile_dataset(dataset, root, stop)
    assert load_profile(dataset, root) is None
    assert len(profile_dataset(dataset, root).measures) == 24


def test_a_finished_survey_is_one_folder(dataset: Dataset, root: Path) -> None:
    profile_dataset(dataset, root)
    (folder,) = root.iterdir()
    assert folder.name == profile_key(dataset)
    names = {
        PROFILE_FILE,
        SPRITE_FILE,
        ORIGIN_FILE,
        *(f"{name}.npy" for name in ("values", *ARRAYS, *SPACE)),
    }
    assert {path.name for path in folder.iterdir()} == names


DAMAGES = [
    (PROFILE_FILE, None),
    (PROFILE_FILE, b"{"),
    (PROFILE_FILE, b"[]"),
    (PROFILE_FILE, b'{"issues": [{"kind": "dark"}]}'),
    ("values.npy", None),
    ("values.npy", b"\x93NUMPY"),
    ("coordinates.npy", b""),
]


def test_a_damaged_survey_is_none_and_is_made_anew(dataset: Dataset, root: Path) -> None:
    profile_dataset(dataset, root)
    for file, content in DAMAGES:
        path = root / profile_key(dataset) / file
        before = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        assert load_profile(dataset, root) is None, (file, content)
        if (file, content) != DAMAGES[-1]:
            path.write_bytes(before)
            assert load_profile(dataset, root) is not None
    assert len(profile_dataset(dataset, root).measures) == 24
    assert load_profile(dataset, root) is not None
    assert [folder.name for folder in root.iterdir()] == [profile_key(dataset)]


def test_nothing_is_unpickled(dataset: Dataset, root: Path) -> None:
    profile_dataset(dataset, root)
    trap = np.array([{"any": "object"}], dtype=object)
    np.save(root / profile_key(dataset) / "class_means.npy", trap, allow_pickle=True)
    assert load_profile(dataset, root) is None


def test_a_profile_of_an_earlier_version_that_lacks_images_is_made_anew(
    dataset: Dataset, root: Path
) -> None:
    whole = profile_dataset(dataset, root)
    file = root / profile_key(dataset) / PROFILE_FILE
    about = json.loads(file.read_text())
    for unreadable, whole_one in (([], True), ([[7, "the file is empty (0 bytes)"]], False)):
        file.write_text(json.dumps(about | {"unreadable": unreadable}))
        assert (load_profile(dataset, root) is not None) == whole_one
    assert profile_dataset(dataset, root).issues == whole.issues
    assert load_profile(dataset, root) is not None


def test_a_profile_of_an_earlier_version_opens_and_is_made_anew(
    dataset: Dataset, root: Path
) -> None:
    made = profile_dataset(dataset, root)
    today, earlier = (root / key for key in profile_keys(dataset.fingerprint))
    assert stored_key(dataset, root) == today.name == profile_key(dataset)
    today.rename(earlier)
    about = json.loads((earlier / PROFILE_FILE).read_text())
    issues = [
        {name: issue[name] for name in ("kind", "rows", "detail", "leave_out")}
        for issue in about["issues"]
    ]
    (earlier / PROFILE_FILE).write_text(json.dumps({"issues": issues}))
    opened = load_profile(dataset, root)
    assert opened is not None
    assert opened.label_check is None
    assert opened.issues == made.issues
    assert stored_key(dataset, root) == earlier.name
    assert profile_dataset(dataset, root).label_check == made.label_check
    assert {folder.name for folder in root.iterdir()} == {today.name, earlier.name}
    assert stored_key(dataset, root) == today.name


def test_a_turned_label_is_in_the_profile(root: Path, tmp_path: Path) -> None:
    files = {}
    for number in range(60):
        level = (40, 200)[number % 2]
        stripes = np.full((32, 32), level, dtype=np.uint8)
        stripes[:, :: 4 + number % 2] = 120
        noise = np.random.default_rng(number).integers(0, 40, (32, 32), dtype=np.uint8)
        name = ("night", "day")[number % 2 if number != 7 else 0]
        files[f"{name}/{number}.png"] = jpeg(Image.fromarray(stripes + noise))
    dataset = import_files(files, tmp_path)
    profile_dataset(dataset, root)
    profile = load_profile(dataset, root)
    assert profile is not None
    [issue] = profile.issues_of("label_mistake")
    assert rows_of(dataset, "night/7.png") == set(issue.rows)
    assert (issue.looks_like, issue.leave_out) == ("day", ())
    assert issue.detail.startswith("looks like day (")
    assert 0.5 < issue.certainty <= 1
    assert profile.label_check is not None
    assert profile.label_check.accuracy == pytest.approx(59 / 60)
    assert len(profile.leave_out("label_mistake")) == 0


def test_two_at_once_agree(dataset: Dataset, root: Path) -> None:
    meet = threading.Barrier(2)
    profiles = []

    def work() -> None:
        # Both have decided to make it before one of them has finished.
        at_end = lambda done, _: done == 900 and meet.wait(30)  # noqa: E731
        profiles.append(profile_dataset(dataset, root, at_end))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first, second = profiles
    pd.testing.assert_frame_equal(first.measures, second.measures)
    assert [folder.name for folder in root.iterdir()] == [profile_key(dataset)]


def test_a_full_disk_leaves_nothing_and_a_freed_one_goes_on(
    small_disk: RunOnSmallDisk, dataset: Dataset, catalog: Catalog
) -> None:
    results = small_disk(
        """
        import gc, shutil
        from ann_core.datasets.catalog import Catalog
        from ann_core.errors import DiskFullError
        from ann_core.datasets.profile.profile import load_profile, profile_dataset
        dataset = Catalog(Path(sys.argv[1])).load("existing")
        root = disk / "surveys"
        root.mkdir()
        room = disk / "room"
        results["full"] = []
        profile_dataset(dataset, root)
        whole = shutil.disk_usage(disk).used
        shutil.rmtree(root)
        root.mkdir()
        for percent in (10, 45, 80):  # pixels, some arrays, most arrays
            room.write_bytes(bytes(whole * percent // 100))
            fill()
            room.unlink()
            before = listing()
            try:
                profile_dataset(dataset, root)
            except DiskFullError as error:
                results["full"].append(str(error))
            gc.collect()  # on 3.13 a cycle keeps the error's frames, and with them a deleted file
            results[f"same after {percent}"] = listing() == before
            (disk / "filling").unlink()
        results["nothing"] = load_profile(dataset, root) is None
        results["after"] = len(profile_dataset(dataset, root).measures)
        """,
        catalog.root,
    )
    assert len(results["full"]) == 3
    assert all("is full. Nothing that existed was changed" in text for text in results["full"])
    assert [results[f"same after {percent}"] for percent in (10, 45, 80)] == [True] * 3
    assert results["nothing"]
    assert results["after"] == 24
